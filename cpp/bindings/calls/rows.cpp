#include "calls/rows.hpp"

#include <cstring>
#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Shape = std::vector<py::ssize_t>;

// A copy, because what was found is written again by the next call.
template <class T>
py::array_t<T> array_of(const T* first, const Shape& shape) {
    py::array_t<T> array(shape);
    if (array.size() > 0)
        std::memcpy(array.mutable_data(), first, static_cast<std::size_t>(array.nbytes()));
    return array;
}

py::array array_of(const Column& column, py::ssize_t n) {
    const auto& extents = column.format.shape;
    Shape shape{n};
    shape.insert(shape.end(), extents.begin(),
                 extents.begin() + static_cast<std::ptrdiff_t>(column.format.rank));
    const std::byte* const first = column.bytes.data();
    switch (column.format.type) {
        case ColumnType::i32: return array_of(reinterpret_cast<const std::int32_t*>(first), shape);
        case ColumnType::u8: return array_of(reinterpret_cast<const std::uint8_t*>(first), shape);
        case ColumnType::f32: break;
    }
    return array_of(reinterpret_cast<const float*>(first), shape);
}

}  // namespace

py::tuple rows_of(const Detections& found, const Format& format) {
    const auto n = static_cast<py::ssize_t>(found.scores.size());
    py::object keypoints = py::none();
    py::object keypoint_scores = py::none();
    if (format.num_keypoints) {
        const auto count = static_cast<py::ssize_t>(*format.num_keypoints);
        keypoints = array_of(found.keypoints.data(), {n, count, 2});
        if (format.scores_keypoints)
            keypoint_scores = array_of(found.keypoint_scores.data(), {n, count});
    }
    py::object columns = py::none();
    if (!found.columns.empty()) {
        py::dict named;
        for (const Column& column : found.columns)
            named[py::str(column.format.name)] = array_of(column, n);
        columns = std::move(named);
    }
    return py::make_tuple(array_of(found.xyxy.data(), {n, 4}), array_of(found.scores.data(), {n}),
                          array_of(found.class_ids.data(), {n}), keypoints, keypoint_scores,
                          columns);
}
