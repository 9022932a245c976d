// Decoded rows worked out by hand, for an image of 100x200 (height, width).
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/detection_output.hpp>

#include <array>
#include <cmath>
#include <vector>

namespace {

using centerdecode::DetectionRows;
using centerdecode::ElementType;
using centerdecode::ScoredBox;

using Row = std::array<float, 7>;

const heads::Storage storages[] = {
    {{{{'c'}, {'y'}, {'x'}}}},
    {{{{'c'}, {'x'}, {'y'}}}},                 // transposed
    {{{{'c'}, {'y', 6, true}, {'x', 2}}}, 1},  // reversed, with gaps, unaligned
};

std::vector<ScoredBox> decode(const std::vector<Row>& rows, std::int64_t image_id, double threshold,
                              ElementType type, const heads::Storage& storage) {
    heads::Head head(type, centerdecode::Layout::nchw,
                     {1, static_cast<std::int64_t>(rows.size()), 7}, storage);
    head.fill([&](std::int64_t, std::int64_t y, std::int64_t x) {
        return reference::narrow(rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)],
                                 type);
    });
    const centerdecode::TensorView& view = head.view();
    const DetectionRows tensor{view.data, type, view.height, view.row_stride, view.column_stride};
    return centerdecode::decode_detection_rows(tensor, image_id, {100, 200}, threshold);
}

void check_box(const ScoredBox& found, const std::array<float, 4>& xyxy, float score,
               std::int32_t class_id) {
    for (std::size_t i = 0; i < 4; ++i) CHECK(found.xyxy[i] == xyxy[i], i, found.xyxy[i], xyxy[i]);
    CHECK(found.score == score && found.class_id == class_id, found.score, score, found.class_id);
}

// The same answer from every type and place, because all numbers are exact in bf16.
void check_rows(ElementType type, const heads::Storage& storage) {
    const std::vector<Row> rows = {
        {0, 1, 0.5F, 0.25F, 0.5F, 0.75F, 1},  // equal to the next but one: stays before it
        {1, 2, 0.75F, 0, 0, 1, 1},            // of the other image
        {0, 3, 0.5F, 0, 0, 0.5F, 0.5F},
        {0, 4, 0.25F, 0, 0, 1, 1},       // not above the threshold
        {0, 5, heads::nan, 0, 0, 1, 1},  // nor is this
        {heads::nan, 6, 1, 0, 0, 1, 1},  // of no image, and no end either
        {0, 7, 0.875F, -0.5F, -1, 1.5F, heads::inf},
        {-1, 0, 0, 0, 0, 0, 0},  // the end
        {0, 8, 1, 0, 0, 1, 1},
    };
    const std::vector<ScoredBox> first = decode(rows, 0, 0.25, type, storage);
    CHECK(first.size() == 3, first.size(), static_cast<int>(type));
    if (first.size() == 3) {
        check_box(first[0], {0, 0, 200, 100}, 0.875F, 7);
        check_box(first[1], {50, 50, 150, 100}, 0.5F, 1);
        check_box(first[2], {0, 0, 100, 50}, 0.5F, 3);
    }
    const std::vector<ScoredBox> second = decode(rows, 1, 0.25, type, storage);
    CHECK(second.size() == 1 && second[0].class_id == 2, second.size());
    CHECK(decode(rows, 2, 0.25, type, storage).empty());
    CHECK(decode(rows, 0, heads::nan, type, storage).empty());
}

void check_odd_numbers() {
    const auto one = [](const Row& row) {
        return decode({row}, 0, 0.0, ElementType::f32, storages[0]).at(0);
    };
    CHECK(std::isnan(one({0, 0, 1, heads::nan, 0, 1, 1}).xyxy[0]));
    for (const float label : {-1.0F, 3e9F, heads::inf, -heads::inf, heads::nan})
        CHECK(one({0, label, 1, 0, 0, 1, 1}).class_id == -1, label);
    CHECK(one({0, 79, 1, 0, 0, 1, 1}).class_id == 79);
    CHECK(decode({}, 0, 0.0, ElementType::f32, storages[0]).empty());
    CHECK(decode({{-1, 0, 1, 0, 0, 1, 1}}, 0, 0.0, ElementType::f32, storages[0]).empty());
    CHECK(decode({{-1, 0, 1, 0, 0, 1, 1}}, -1, 0.0, ElementType::f32, storages[0]).empty());
}

}  // namespace

int main() {
    for (const heads::Storage& storage : storages)
        for (const ElementType type : heads::element_types) check_rows(type, storage);
    check_odd_numbers();
    return check::result();
}
