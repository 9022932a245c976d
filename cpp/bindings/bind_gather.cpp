#include "cells.hpp"
#include "options.hpp"

#include <centerdecode/gather.hpp>

#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

Floats gather_image(const TensorView& head, const Cells& cells) {
    const auto& [ys, xs] = cells;
    Floats rows({ys.size(), static_cast<py::ssize_t>(head.channels)});
    const std::int32_t* y = ys.data();
    const std::int32_t* x = xs.data();
    float* out = rows.mutable_data();
    const auto n = static_cast<std::size_t>(ys.size());
    const py::gil_scoped_release nogil;
    gather(head, y, x, n, out);
    return rows;
}

// For each image the channels of `tensor` at its cells, (n, C) floats. channels: how
// many there must be; None: any number.
py::list gather_cells(py::handle heatmap, py::handle tensor, const std::string& name,
                      std::optional<std::int64_t> channels, const HeadFormat& format,
                      const std::vector<Cells>& cells) {
    const Head map = view_head(heatmap, "heatmap", format.layout, format.element_type);
    const Head head = view_head(tensor, name.c_str(), format.layout, format.element_type);
    require_same_grid(map, head);
    if (channels) require_channels(head, *channels, "(for an extra of its frame)");
    require_batch(head, cells.size(), "cells");
    py::list found;
    for (py::ssize_t i = 0; i < head.batch; ++i) {
        const Cells& own = cells[static_cast<std::size_t>(i)];
        require_on_grid(head, std::get<0>(own), std::get<1>(own));
        found.append(gather_image(head.item(i), own));
    }
    return found;
}

}  // namespace

void bind_gather(py::module_& m) { m.def("gather", &gather_cells); }
