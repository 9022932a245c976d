// Models that end in decoded rows: [image_id, label, conf, x1, y1, x2, y2].
#pragma once

#include <centerdecode/boxes.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace centerdecode {

// (N, 7) rows; coordinates are fractions of the network input. An element is
// read at data + row * row_stride + column * column_stride, in bytes.
struct DetectionRows {
    const std::byte* data = nullptr;
    ElementType type = ElementType::f32;
    std::int64_t rows = 0;
    std::ptrdiff_t row_stride = 0;
    std::ptrdiff_t column_stride = 0;
};

// How many images the rows before the end of the list are of: the highest
// image_id and one. An id that is no row's number is no image's either.
std::int64_t count_images(const DetectionRows& rows) noexcept;

struct ScoredBox {
    float xyxy[4];
    float score;
    std::int32_t class_id;
};

// The boxes of batch item `image_id` whose conf is greater than `threshold`, in
// pixels of an image of `size` and clipped to it; conf descending, then row
// ascending. The first row with a negative image_id ends the list: what stands
// behind it is unspecified (OpenVINO's DetectionOutput).
std::vector<ScoredBox> decode_detection_rows(const DetectionRows& rows, std::int64_t image_id,
                                             ImageSize size, double threshold);

}  // namespace centerdecode
