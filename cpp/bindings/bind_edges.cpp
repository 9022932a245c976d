// Edge aggregation of whole heads, for drop-ins.
#include "arrays/arrays.hpp"
#include "calls/options.hpp"

#include "groups/extreme_points.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// The scores of a head after edge aggregation, in its shape.
py::array_t<float> aggregate(py::handle heatmap, const HeadFormat& format, float weight,
                             bool along_rows) {
    const Head head = view_head(heatmap, "heatmap", format.layout, format.element_type);
    const Extents& extents = head.array.extents;
    py::array_t<float> maps(std::vector<py::ssize_t>(
        extents.shape.begin(), extents.shape.begin() + static_cast<std::ptrdiff_t>(extents.rank)));
    std::vector<float> map;
    const py::ssize_t cells = maps.size() / std::max<py::ssize_t>(head.batch, 1);
    const EdgeAxis axis = along_rows ? EdgeAxis::row : EdgeAxis::column;
    for (py::ssize_t i = 0; i < head.batch; ++i) {
        aggregate_edges(head.item(i), Activation::none, weight, axis, map);
        std::copy_n(map.data(), cells, maps.mutable_data() + i * cells);
    }
    return maps;
}

}  // namespace

void bind_edges(py::module_& m) { m.def("aggregate_edges", &aggregate); }
