#include "cells.hpp"

#include <algorithm>

namespace py = pybind11;
using namespace centerdecode;

namespace {

void require_below(const Head& head, const Ints& numbers, std::int64_t extent, const char* name,
                   const char* what) {
    const std::int32_t* end = numbers.data() + numbers.size();
    const auto off = [&](std::int32_t i) { return i < 0 || i >= extent; };
    const std::int32_t* found = std::find_if(numbers.data(), end, off);
    if (found == end) return;
    throw py::value_error(std::string(name) + " must be " + what + " of " + head.array.name +
                          ", got " + std::to_string(*found) + " and " + head.array.got());
}

void require_length(py::ssize_t length, py::ssize_t other, const char* names) {
    if (length == other) return;
    throw py::value_error(std::string(names) + " must be of one length, got " +
                          std::to_string(length) + " and " + std::to_string(other));
}

}  // namespace

void require_batch(const Head& head, std::size_t lists, const char* name) {
    if (static_cast<std::size_t>(head.batch) == lists) return;
    throw py::value_error(std::string(name) + " must be one for each image, got " +
                          std::to_string(lists) + " for a batch of " + std::to_string(head.batch));
}

void require_on_grid(const Head& head, const Ints& ys, const Ints& xs) {
    require_length(ys.size(), xs.size(), "ys and xs");
    require_below(head, ys, head.first.height, "ys", "cells");
    require_below(head, xs, head.first.width, "xs", "cells");
}

std::vector<Peak> view_peaks(const Head& heatmap, const GivenPeaks& given) {
    const auto& [scores, class_ids, ys, xs] = given;
    const TensorView& map = heatmap.first;
    require_length(scores.size(), class_ids.size(), "scores and class_ids");
    require_length(scores.size(), ys.size(), "scores and ys");
    require_on_grid(heatmap, ys, xs);
    require_below(heatmap, class_ids, map.channels, "class_ids", "channels");
    std::vector<Peak> peaks;
    for (py::ssize_t i = 0; i < scores.size(); ++i) {
        const std::int64_t c = class_ids.data()[i];
        const std::int64_t y = ys.data()[i];
        const std::int64_t x = xs.data()[i];
        const std::int64_t index = map.layout == Layout::nhwc
                                       ? (y * map.width + x) * map.channels + c
                                       : (c * map.height + y) * map.width + x;
        peaks.push_back({scores.data()[i], index});
    }
    return peaks;
}
