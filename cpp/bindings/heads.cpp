// Heads: arrays of rank 3 or 4 on one grid.
#include "arrays.hpp"

#include <utility>

namespace py = pybind11;

namespace {

// What a NumPy array is not need not be looked up.
bool is_unmirrored(py::handle object) {
    return !py::isinstance<py::array>(object) && py::isinstance<Unmirrored>(object);
}

Head every_other(Head head) {
    require_mirrored_pairs(head);
    head.batch /= 2;
    head.array.extents.shape[0] = head.batch;
    head.array.extents.strides[0] *= 2;
    return head;
}

}  // namespace

Head view_head(py::handle object, const char* name, centerdecode::Layout layout,
               const std::string& element_type) {
    if (is_unmirrored(object)) {
        const py::object head = object.cast<const Unmirrored&>().head;
        return every_other(view_head(head, name, layout, element_type));
    }
    Array array = view_array(object, name, element_type);
    const std::size_t rank = array.extents.rank;
    if (rank != 3 && rank != 4)
        throw py::value_error(array.name + " must be of shape " + centerdecode::shapes_of(layout) +
                              ", " + array.got());
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

void require_mirrored_pairs(const Head& head) {
    if (head.batched && head.batch % 2 == 0) return;
    throw py::value_error(head.array.name +
                          " must hold an even batch where flip, each image followed by its "
                          "mirror image, " +
                          head.array.got());
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
