// What the C interface finds is what plain loops find in the same numbers, whatever their
// type and wherever they lie.
#include "capi.hpp"
#include "support/check.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace {

using namespace capi_test;

using Random = std::mt19937;

constexpr std::int64_t height = 6;
constexpr std::int64_t width = 7;
constexpr std::int64_t images = 2;

// (images, channels, height, width) of eighths that every type holds, so that no sum of
// them is rounded.
struct Maps {
    std::int64_t channels;
    std::vector<float> values;

    Maps(std::int64_t n, Random& random)
        : channels(n), values(static_cast<std::size_t>(images * n * height * width)) {
        for (float& value : values) value = static_cast<float>(random() % 200) / 8.0F - 12.5F;
    }
    float at(std::int64_t image, std::int64_t c, std::int64_t y, std::int64_t x) const {
        return values[static_cast<std::size_t>(((image * channels + c) * height + y) * width + x)];
    }
    Tensor tensor(ElementType type, Place place, bool channels_last) const {
        if (!channels_last) return {{images, channels, height, width}, values, type, place};
        std::vector<float> turned;
        for (std::int64_t i = 0; i < images; ++i)
            for (std::int64_t y = 0; y < height; ++y)
                for (std::int64_t x = 0; x < width; ++x)
                    for (std::int64_t c = 0; c < channels; ++c) turned.push_back(at(i, c, y, x));
        return {{images, height, width, channels}, turned, type, place};
    }
};

// Two classes: each image holds each of 84 scores once, so that no two cells are equal.
Maps scores(Random& random) {
    Maps maps(2, random);
    const auto cells = static_cast<std::ptrdiff_t>(2 * height * width);
    for (auto first = maps.values.begin(); first != maps.values.end(); first += cells) {
        for (std::ptrdiff_t i = 0; i < cells; ++i) first[i] = static_cast<float>(i + 1) / 128.0F;
        std::shuffle(first, first + cells, random);
    }
    return maps;
}

struct Cell {
    float score;
    std::int64_t class_id, y, x;
};

bool is_peak(const Maps& heatmap, std::int64_t image, const Cell& cell) {
    for (std::int64_t y = std::max<std::int64_t>(0, cell.y - 1); y <= cell.y + 1; ++y)
        for (std::int64_t x = std::max<std::int64_t>(0, cell.x - 1); x <= cell.x + 1; ++x)
            if (y < height && x < width && heatmap.at(image, cell.class_id, y, x) > cell.score)
                return false;
    return true;
}

std::vector<Cell> peaks_of(const Maps& heatmap, std::int64_t image, float threshold) {
    std::vector<Cell> peaks;
    for (std::int64_t c = 0; c < heatmap.channels; ++c)
        for (std::int64_t y = 0; y < height; ++y)
            for (std::int64_t x = 0; x < width; ++x) {
                const Cell cell{heatmap.at(image, c, y, x), c, y, x};
                if (cell.score >= threshold && is_peak(heatmap, image, cell)) peaks.push_back(cell);
            }
    std::sort(peaks.begin(), peaks.end(),
              [](const Cell& a, const Cell& b) { return a.score > b.score; });
    return peaks;
}

using Box = std::array<float, 4>;

Box box_at(const Maps& wh, const Maps& offset, std::int64_t image, const Cell& cell) {
    const float x = static_cast<float>(cell.x) + offset.at(image, 0, cell.y, cell.x);
    const float y = static_cast<float>(cell.y) + offset.at(image, 1, cell.y, cell.x);
    const float w = wh.at(image, 0, cell.y, cell.x);
    const float h = wh.at(image, 1, cell.y, cell.x);
    return {4 * x - 2 * w, 4 * y - 2 * h, 4 * x + 2 * w, 4 * y + 2 * h};
}

void check_box(const float* found, const Box& wanted) {
    for (std::size_t i = 0; i < 4; ++i) CHECK(found[i] == wanted[i], i, found[i], wanted[i]);
}

void check_cells(const Room& room, const std::vector<Cell>& wanted) {
    CHECK(room.found.count == wanted.size(), room.found.count, wanted.size());
    for (std::size_t i = 0; i < std::min(room.found.count, wanted.size()); ++i) {
        CHECK(room.scores.get()[i] == wanted[i].score, i, room.scores.get()[i]);
        CHECK(room.class_ids.get()[i] == wanted[i].class_id, i, room.class_ids.get()[i]);
    }
}

void check_number(decltype(centerdecode_num_images)* count, const Decoder& decoder,
                  const std::vector<Tensor>& heads, std::int64_t wanted) {
    const Exact<centerdecode_tensor> tensors = tensors_of(heads);
    const Exact<std::int64_t> number(1, -9);
    const Answer answer = ask([&](char* message, std::size_t size) {
        return count(decoder.get(), tensors.get(), tensors.size, number.get(), message, size);
    });
    CHECK(answer.status == CENTERDECODE_OK && answer.message.empty(), answer.message);
    CHECK(*number.get() == wanted, *number.get(), wanted);
}

void check_boxes(ElementType type, Place place, bool channels_last) {
    Random random(3);
    const Maps heatmap = scores(random);
    const Maps wh(2, random);
    const Maps offset(2, random);
    const Decoder decoder(
        std::string("decoder=boxes;heads=heatmap,wh,offset;activation=none;"
                    "score_threshold=0.25;top_k=50;classes=1,0,1;stride=4;layout=") +
        (channels_last ? "NHWC" : "NCHW"));
    std::vector<Tensor> heads;
    for (const Maps* maps : {&heatmap, &wh, &offset})
        heads.push_back(maps->tensor(type, place, channels_last));
    check_number(centerdecode_num_images, decoder, heads, images);
    check_number(centerdecode_num_keypoints, decoder, heads, 0);
    for (std::int64_t image = 0; image < images; ++image) {
        const std::vector<Cell> wanted = peaks_of(heatmap, image, 0.25F);
        CHECK(wanted.size() > 5, wanted.size());
        Room room(wanted.size());  // and not one more
        const Answer answer = decode(decoder, heads, room, image);
        CHECK(answer.status == CENTERDECODE_OK && answer.message.empty(), answer.message);
        check_cells(room, wanted);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            check_box(room.xyxy.get() + 4 * i, box_at(wh, offset, image, wanted[i]));
    }
}

void check_boxes_of_all_kinds() {
    for (const ElementType type : {ElementType::f32, ElementType::f16, ElementType::bf16})
        for (const Place place : {Place::dense, Place::said, Place::backwards})
            for (const bool channels_last : {false, true}) check_boxes(type, place, channels_last);
}

// A stride may be 0 where others are not: both channels of these sizes are the same plane.
void check_shared_plane() {
    std::vector<Tensor> heads;
    heads.emplace_back(std::vector<std::int64_t>{1, 1, 2}, std::vector<float>{0.25F, 0.75F});
    heads.emplace_back(std::vector<std::int64_t>{1, 1, 2}, std::vector<float>{9, 3});
    const Exact<centerdecode_tensor> tensors = tensors_of(heads);
    centerdecode_tensor& wh = tensors.get()[1];
    wh.shape[0] = 2;
    wh.byte_strides[1] = 8;
    wh.byte_strides[2] = 4;
    const Decoder decoder("decoder=boxes;heads=heatmap,wh;activation=none;stride=2");
    Room room(1);
    const Answer answer = ask([&](char* message, std::size_t size) {
        return centerdecode_decode(decoder.get(), tensors.get(), 2, 0, nullptr, &room.found,
                                   message, size);
    });
    CHECK(answer.status == CENTERDECODE_OK, answer.message);
    check_cells(room, {{0.75F, 0, 0, 1}});
    check_box(room.xyxy.get(), {0, -2, 6, 4});
}

// Twice as wide and 3 pixels to the right, half as high and 1 up; then within 20 x 30.
Box placed(const Box& box, bool moves, bool clips) {
    Box to = box;
    for (std::size_t i = 0; i < 4; ++i) {
        const bool is_x = i % 2 == 0;
        if (moves) to[i] = is_x ? 2 * to[i] + 3 : to[i] / 2 - 1;
        if (clips) to[i] = std::min(std::max(to[i], 0.0F), is_x ? 30.0F : 20.0F);
    }
    return to;
}

void check_placement() {
    Random random(4);
    const Maps heatmap = scores(random);
    const Maps wh(2, random);
    const Maps offset(2, random);
    std::vector<Tensor> heads;
    for (const Maps* maps : {&heatmap, &wh, &offset})
        heads.push_back(maps->tensor(ElementType::f32, Place::dense, false));
    const Decoder decoder(
        "decoder=boxes;heads=heatmap,wh,offset;activation=none;score_threshold=0;top_k=84");
    const std::vector<Cell> wanted = peaks_of(heatmap, 1, 0);
    Exact<double> transform(6, 0);
    transform.get()[0] = 2;
    transform.get()[2] = 3;
    transform.get()[4] = 0.5;
    transform.get()[5] = -1;
    Exact<double> clip(2, 20);
    clip.get()[1] = 30;
    for (const bool moves : {false, true})
        for (const bool clips : {false, true}) {
            const centerdecode_placement placement{
                sizeof placement, moves ? transform.get() : nullptr, clips ? clip.get() : nullptr};
            Room room(wanted.size());
            CHECK(decode(decoder, heads, room, 1, &placement).status == CENTERDECODE_OK, moves);
            check_cells(room, wanted);
            for (std::size_t i = 0; i < wanted.size(); ++i)
                check_box(room.xyxy.get() + 4 * i,
                          placed(box_at(wh, offset, 1, wanted[i]), moves, clips));
        }
}

// Three keypoints of each detection: x0 y0 x1 y1 x2 y2, as seen from its cell.
void check_poses(bool wants_keypoints) {
    Random random(5);
    const Maps heatmap = scores(random);
    const Maps wh(2, random);
    const Maps keypoints(6, random);
    std::vector<Tensor> heads;
    for (const Maps* maps : {&keypoints, &heatmap, &wh})
        heads.push_back(maps->tensor(ElementType::f32, Place::dense, false));
    const Decoder decoder(
        "decoder=poses;heads=keypoints,heatmap,wh;activation=none;score_threshold=0.5;top_k=84");
    check_number(centerdecode_num_keypoints, decoder, heads, 3);
    const std::vector<Cell> wanted = peaks_of(heatmap, 0, 0.5F);
    Room room(wanted.size(), wants_keypoints ? 3 : 0);
    const Answer answer = decode(decoder, heads, room);
    CHECK(answer.status == CENTERDECODE_OK, answer.message);
    check_cells(room, wanted);
    for (std::size_t i = 0; wants_keypoints && i < wanted.size(); ++i)
        for (std::size_t j = 0; j < 6; ++j) {
            const Cell& cell = wanted[i];
            const auto from = static_cast<float>(j % 2 == 0 ? cell.x : cell.y);
            const float moved = keypoints.at(0, static_cast<std::int64_t>(j), cell.y, cell.x);
            const float found = room.keypoints.get()[6 * i + j];
            CHECK(found == 4 * (from + moved), i, j, found);
            const float score = room.keypoint_scores.get()[3 * i + j / 2];
            CHECK(score == cell.score, i, j, score);
        }
}

// Rows of two images, fractions of an input 100 high and 200 wide, before the row that
// ends them.
void check_rows() {
    const std::vector<float> rows = {0,  1, 0.75F, 0.25F,  0.5F, 0.5F,  0.75F,  //
                                     1,  2, 0.5F,  0,      0,    2,     1,      //
                                     0,  3, 1,     0.125F, -1,   0.25F, 0.5F,   //
                                     -1, 9, 1,     0,      0,    1,     1};
    std::vector<Tensor> heads;
    heads.emplace_back(std::vector<std::int64_t>{1, 1, 4, 7}, rows, ElementType::f16,
                       Place::backwards);
    const Decoder decoder("decoder=detection_output;heads=rows;input_size=100,200");
    check_number(centerdecode_num_images, decoder, heads, 2);
    check_number(centerdecode_num_keypoints, decoder, heads, 0);
    Room first(2);
    CHECK(decode(decoder, heads, first, 0).status == CENTERDECODE_OK);
    check_cells(first, {{1, 3, 0, 0}, {0.75F, 1, 0, 0}});
    check_box(first.xyxy.get(), {25, 0, 50, 50});
    check_box(first.xyxy.get() + 4, {50, 50, 100, 75});
    Room second(1);
    CHECK(decode(decoder, heads, second, 1).status == CENTERDECODE_OK);
    check_box(second.xyxy.get(), {0, 0, 200, 100});
    Room none(0);
    CHECK(decode(decoder, heads, none, 5).status == CENTERDECODE_OK);
    CHECK(none.found.count == 0, none.found.count);
}

// Two boxes 20 wide and high, 3 apart: they share 340 of 460.
void check_thinned(const std::string& nms, std::size_t wanted) {
    std::vector<Tensor> heads;
    heads.emplace_back(std::vector<std::int64_t>{1, 1, 4}, std::vector<float>{0.75F, 0, 0, 0.5F});
    heads.emplace_back(std::vector<std::int64_t>{2, 1, 4}, std::vector<float>(8, 20));
    const Decoder decoder("decoder=boxes;heads=heatmap,wh;activation=none;stride=1" + nms);
    Room room(2);
    const Answer answer = decode(decoder, heads, room);
    CHECK(answer.status == CENTERDECODE_OK, answer.message);
    CHECK(room.found.count == wanted, room.found.count, nms);
    CHECK(room.scores.get()[0] == 0.75F && room.class_ids.get()[0] == 0, nms);
}

void check_nms() {
    check_thinned("", 2);
    check_thinned(";nms.kind=hard", 1);
    check_thinned(";nms.iou_threshold=0.73", 1);
    check_thinned(";nms.iou_threshold=0.74", 2);
}

}  // namespace

int main() {
    check_boxes_of_all_kinds();
    check_shared_plane();
    check_placement();
    check_poses(true);
    check_poses(false);
    check_rows();
    check_nms();
    return check::result();
}
