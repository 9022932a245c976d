#include <centerdecode/detection_output.hpp>

#include "peaks/elements.hpp"

#include <algorithm>

namespace centerdecode {
namespace {

struct Row {
    const DetectionRows& rows;
    std::int64_t number;

    double operator[](std::int64_t column) const noexcept {
        return read_element(rows.data + number * rows.row_stride + column * rows.column_stride,
                            rows.type);
    }
};

// A label that no int32 holds becomes -1.
std::int32_t class_of(double label) noexcept {
    return label >= 0.0 && label <= 2147483647.0 ? static_cast<std::int32_t>(label) : -1;
}

ScoredBox box_of(const Row& row, ImageSize size) noexcept {
    const auto pixel = [&](std::int64_t column, double extent) {
        return static_cast<float>(std::clamp(row[column] * extent, 0.0, extent));
    };
    return {
        {pixel(3, size.width), pixel(4, size.height), pixel(5, size.width), pixel(6, size.height)},
        static_cast<float>(row[2]),
        class_of(row[1])};
}

}  // namespace

std::int64_t count_images(const DetectionRows& rows) noexcept {
    double highest = -1.0;
    for (std::int64_t i = 0; i < rows.rows; ++i) {
        const double image_id = Row{rows, i}[0];
        if (image_id < 0.0) break;
        if (image_id < static_cast<double>(rows.rows)) highest = std::max(highest, image_id);
    }
    return static_cast<std::int64_t>(highest) + 1;
}

std::vector<ScoredBox> decode_detection_rows(const DetectionRows& rows, std::int64_t image_id,
                                             ImageSize size, double threshold) {
    std::vector<ScoredBox> boxes;
    for (std::int64_t i = 0; i < rows.rows; ++i) {
        const Row row{rows, i};
        if (row[0] < 0.0) break;
        if (row[0] == static_cast<double>(image_id) && row[2] > threshold)
            boxes.push_back(box_of(row, size));
    }
    std::stable_sort(boxes.begin(), boxes.end(),
                     [](const ScoredBox& a, const ScoredBox& b) { return a.score > b.score; });
    return boxes;
}

}  // namespace centerdecode
