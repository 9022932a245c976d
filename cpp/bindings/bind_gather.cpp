#include "arrays.hpp"
#include "options.hpp"

#include <centerdecode/gather.hpp>

#include <algorithm>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Ints = py::array_t<std::int32_t, py::array::c_style>;

void require_on_grid(const Head& head, const Ints& cells, std::int64_t extent, const char* axis) {
    const std::int32_t* end = cells.data() + cells.size();
    const auto off = [&](std::int32_t i) { return i < 0 || i >= extent; };
    const std::int32_t* found = std::find_if(cells.data(), end, off);
    if (found == end) return;
    throw py::value_error(std::string(axis) + " must be cells of " + head.array.name + ", got " +
                          std::to_string(*found) + " and " + head.array.got());
}

// (n, C) floats: the channels of image `image` at the cells (ys, xs).
py::array_t<float> gather_cells(py::handle tensor, const HeadFormat& format, py::ssize_t image,
                                const Ints& ys, const Ints& xs) {
    const Head head = view_head(tensor, "head", format.layout, format.element_type);
    if (image < 0 || image >= head.batch)
        throw py::value_error("image must be one of the batch, got " + std::to_string(image) +
                              " and " + head.array.got());
    if (ys.size() != xs.size())
        throw py::value_error("ys and xs must be of one length, got " + std::to_string(ys.size()) +
                              " and " + std::to_string(xs.size()));
    require_on_grid(head, ys, head.first.height, "ys");
    require_on_grid(head, xs, head.first.width, "xs");
    py::array_t<float> rows({ys.size(), static_cast<py::ssize_t>(head.first.channels)});
    float* out = rows.mutable_data();
    for (py::ssize_t i = 0; i < ys.size(); ++i, out += head.first.channels)
        gather(head.item(image), ys.data()[i], xs.data()[i], out);
    return rows;
}

}  // namespace

void bind_gather(py::module_& m) { m.def("gather", &gather_cells); }
