// cut_mask agrees with each pixel computed by itself, wherever the heads lie.
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/masks.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

using centerdecode::Activation;
using centerdecode::Box;
using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::MaskHeads;
using centerdecode::MaskRule;
using centerdecode::TensorView;

const heads::Storage storages[] = {
    {{{{'c'}, {'y'}, {'x'}}}},
    {{{{'y'}, {'x'}, {'c'}}}},
    {{{{'x', 1}, {'c', 0, true}, {'y', 2, true}}}, 1},
};

// x1 y1 x2 y2 in parts of the map.
const Box boxes[] = {
    {{0, 0}, {1, 1}},           {{0.125, 0.25}, {0.5, 0.75}}, {{-0.5, -0.25}, {1.5, 1.25}},
    {{0.3, 0.1}, {0.3, 0.9}},   {{0.5, 0.5}, {0.5, 0.5}},     {{0.8, 0.9}, {0.1, 0.2}},
    {{3, 3}, {4, 4}},           {{0.01, 0.02}, {0.03, 0.9}},  {{0, 0}, {heads::inf, 1}},
    {{heads::nan, 0.0}, {1, 1}}};

double at(double first, double second, std::int64_t i, std::int64_t count, std::int64_t cells) {
    const auto n = static_cast<double>(count - 1);
    const auto k = static_cast<double>(i);
    const auto length = static_cast<double>(cells - 1);
    if (count == 1) return (first + second) / 2 * length;
    return (first * (n - k) + second * k) * length / n;
}

double cell(const TensorView& head, std::int64_t c, double y, double x, Activation activation) {
    const float value =
        reference::read(head, c, static_cast<std::int64_t>(y), static_cast<std::int64_t>(x));
    if (activation == Activation::none) return value;
    return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(value))));
}

double bilinear(const TensorView& head, std::int64_t c, double y, double x, Activation activation) {
    const bool inside = y >= 0 && y <= static_cast<double>(head.height - 1) && x >= 0 &&
                        x <= static_cast<double>(head.width - 1);
    if (!inside) return 0;
    const double left = std::floor(x);
    const auto row = [&](double line) {
        const double first = cell(head, c, line, left, activation);
        return first + (cell(head, c, line, std::ceil(x), activation) - first) * (x - left);
    };
    const double top = row(std::floor(y));
    return top + (row(std::ceil(y)) - top) * (y - std::floor(y));
}

void check_pixel(const MaskHeads& heads, const MaskRule& rule, bool parts_told, std::int32_t c,
                 double y, double x, std::uint8_t pixel, const float* coords) {
    const double score = bilinear(heads.segmentation, c, y, x, rule.activation);
    const bool foreground = static_cast<float>(score) >= static_cast<float>(rule.score_threshold);
    std::int64_t part = 0;
    for (std::int64_t p = 1; parts_told && p < heads.parts.channels; ++p)
        if (bilinear(heads.parts, p, y, x, Activation::none) >
            bilinear(heads.parts, part, y, x, Activation::none))
            part = p;
    CHECK(pixel == (foreground ? part + 1 : 0), c, y, x, +pixel, score);
    for (const std::int64_t axis : {0, 1}) {
        float expected = 0;
        if (foreground && parts_told)
            expected = static_cast<float>(
                bilinear(heads.surface_coords, 2 * part + axis, y, x, Activation::none));
        CHECK(std::memcmp(coords + axis, &expected, sizeof expected) == 0, c, y, x, coords[axis]);
    }
}

void check_box(const MaskHeads& heads, const MaskRule& rule, const Box& box, std::int32_t c) {
    const auto pixels = static_cast<std::size_t>(rule.height * rule.width);
    std::vector<std::uint8_t> mask(pixels, 99);
    std::vector<float> surface(2 * pixels, 99);
    centerdecode::MaskScratch scratch;
    const TensorView& map = heads.segmentation;
    const double stride = rule.stride.value_or(1);
    const double wide = rule.stride ? stride * static_cast<double>(map.width) : 1;
    const double tall = rule.stride ? stride * static_cast<double>(map.height) : 1;
    centerdecode::cut_mask(heads, rule, box, c, scratch, mask.data(), surface.data());
    for (std::int64_t i = 0; i < rule.height; ++i)
        for (std::int64_t j = 0; j < rule.width; ++j) {
            const auto n = static_cast<std::size_t>(i * rule.width + j);
            check_pixel(heads, rule, c == rule.part_class, c,
                        at(box.first.y / tall, box.second.y / tall, i, rule.height, map.height),
                        at(box.first.x / wide, box.second.x / wide, j, rule.width, map.width),
                        mask[n], surface.data() + 2 * n);
        }
}

// Numbers of no more bits than every type has, so that it holds them.
void fill(heads::Head& head, ElementType type, heads::Random& random) {
    head.fill([&](auto...) {
        return reference::narrow(static_cast<float>(random() % 65) / 16 - 2, type);
    });
}

void check_heads(ElementType type, const heads::Storage& storage, std::int64_t height,
                 std::int64_t width, heads::Random& random) {
    heads::Head segmentation(type, Layout::nchw, {3, height, width}, storage);
    heads::Head parts(type, Layout::nchw, {4, height, width}, storage);
    heads::Head coords(type, Layout::nchw, {8, height, width}, storage);
    for (heads::Head* head : {&segmentation, &parts, &coords}) fill(*head, type, random);
    const MaskHeads all{segmentation.view(), parts.view(), coords.view()};
    for (const auto& [rows, columns] : {std::pair{1, 1}, {1, 4}, {3, 1}, {7, 23}})
        for (const Activation activation : {Activation::none, Activation::sigmoid}) {
            // From 0 on what lies outside is foreground, too.
            const double threshold = activation == Activation::none ? 0.0 : 0.5;
            const MaskRule rule{rows, columns, threshold, activation, 1, std::nullopt};
            const MaskRule pixels{rows, columns, 0.25, activation, 1, 1.0};
            for (const Box& box : boxes) {
                check_box(all, rule, box, 2);
                check_box(all, rule, box, 1);
                check_box(all, pixels, {{5 * box.first.x, 5 * box.first.y}, {4, 4}}, 1);
            }
        }
}

// A NaN is background, and never the best part; without any other the first is.
void check_nan() {
    const heads::Storage storage = storages[0];
    heads::Head segmentation(ElementType::f32, Layout::nchw, {1, 1, 2}, storage);
    heads::Head parts(ElementType::f32, Layout::nchw, {2, 1, 2}, storage);
    heads::Head coords(ElementType::f32, Layout::nchw, {4, 1, 2}, storage);
    const auto bits = [](float value) { return reference::narrow(value, ElementType::f32); };
    segmentation.fill([&](auto...) { return bits(1.0F); });
    coords.fill([&](auto...) { return bits(1.0F); });
    parts.fill([&](auto c, auto, auto) { return bits(c == 0 ? heads::nan : -1.0F); });
    const MaskHeads all{segmentation.view(), parts.view(), coords.view()};
    MaskRule rule{1, 2, 0.5, Activation::none, 0, std::nullopt};
    centerdecode::MaskScratch scratch;
    std::uint8_t mask[2];
    centerdecode::cut_mask(all, rule, boxes[0], 0, scratch, mask, nullptr);
    CHECK(mask[0] == 2 && mask[1] == 2, +mask[0], +mask[1]);
    parts.fill([&](auto...) { return bits(heads::nan); });
    centerdecode::cut_mask(all, rule, boxes[0], 0, scratch, mask, nullptr);
    CHECK(mask[0] == 1 && mask[1] == 1, +mask[0], +mask[1]);
    segmentation.set(0, 0, 1, bits(heads::nan));
    centerdecode::cut_mask(all, rule, boxes[0], 0, scratch, mask, nullptr);
    CHECK(mask[0] == 1 && mask[1] == 0, +mask[0], +mask[1]);
}

}  // namespace

int main() {
    heads::Random random;
    for (const heads::Storage& storage : storages)
        for (const ElementType type : heads::element_types) {
            check_heads(type, storage, 5, 6, random);
            check_heads(type, storage, 1, 7, random);
            check_heads(type, storage, 1, 1, random);
        }
    check_nan();
    return check::result();
}
