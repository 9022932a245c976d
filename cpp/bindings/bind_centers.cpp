// Upstream's step from pairs of corners to triplets, called alone.
#include "groups/triplets.hpp"

#include <pybind11/numpy.h>

#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Floats = py::array_t<float, py::array::c_style>;
using Ints = py::array_t<std::int32_t, py::array::c_style>;

void require_rows(py::ssize_t rows, py::ssize_t numbers, py::ssize_t others) {
    if (numbers == rows && others == rows) return;
    throw py::value_error("boxes and centers must have as many numbers as scores");
}

// The new score of every box; -1 where no center lies in its region.
py::array_t<float> rescore_by_centers(const Floats& xyxy, const Floats& scores,
                                      const Ints& class_ids, const Floats& points,
                                      const Floats& point_scores, const Ints& point_class_ids,
                                      double area_limit) {
    const py::ssize_t n = scores.size();
    const py::ssize_t m = point_scores.size();
    require_rows(4 * n, xyxy.size(), 4 * class_ids.size());
    require_rows(2 * m, points.size(), 2 * point_class_ids.size());
    std::vector<PlacedCenter> centers;
    for (py::ssize_t i = 0; i < m; ++i)
        centers.push_back({points.data()[2 * i], points.data()[2 * i + 1], point_scores.data()[i],
                           point_class_ids.data()[i]});
    py::array_t<float> rescored(n);
    for (py::ssize_t i = 0; i < n; ++i)
        rescored.mutable_data()[i] = rescore_by_center(xyxy.data() + 4 * i, scores.data()[i],
                                                       class_ids.data()[i], centers, area_limit);
    return rescored;
}

}  // namespace

void bind_centers(py::module_& m) { m.def("rescore_by_centers", &rescore_by_centers); }
