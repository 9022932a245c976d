// Heads: arrays of rank 3 or 4 on one grid.
#include "arrays/arrays.hpp"

#include <utility>

namespace py = pybind11;

Head view_head(py::handle object, const char* name, centerdecode::Layout layout,
               const std::string& element_type, const char* shapes) {
    if (shapes == nullptr) shapes = centerdecode::shapes_of(layout);
    Array array = view_array(object, name, element_type);
    const std::size_t rank = array.extents.rank;
    if (rank != 3 && rank != 4)
        throw py::value_error(array.name + " must be of shape " + shapes + ", " + array.got());
    const auto& [_, shape, strides] = array.extents;
    const centerdecode::BatchView view =
        centerdecode::view_of(array.data, array.type, layout, rank, shape.data(), strides.data());
    return {std::move(array), rank == 4, view.batch, view.first};
}

centerdecode::TensorView Head::item(py::ssize_t i) const noexcept {
    centerdecode::TensorView view = first;
    if (batched) view.data += i * array.extents.strides[0];
    return view;
}

centerdecode::NamedHead named(const Head& head) noexcept {
    const auto got = [](const void* array) { return static_cast<const Array*>(array)->got(); };
    const py::ssize_t stride = head.batched ? head.array.extents.strides[0] : 0;
    return {
        {head.first, head.batch, stride}, head.array.name.c_str(), head.batched, &head.array, got};
}

std::optional<centerdecode::NamedHead> named(const std::optional<Head>& head) noexcept {
    return head ? std::optional(named(*head)) : std::nullopt;
}

void require_same_grid(const Head& heatmap, const Head& head) {
    centerdecode::require_same_grid(named(heatmap), named(head));
}

void require_channels(const Head& head, std::int64_t channels, const std::string& why) {
    centerdecode::require_channels(named(head), channels, why.c_str());
}
