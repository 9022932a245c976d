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
    const bool planar = layout == centerdecode::Layout::nchw;
    if (rank != 3 && rank != 4) {
        const char* shapes = planar ? "(C, H, W) or (B, C, H, W)" : "(H, W, C) or (B, H, W, C)";
        throw py::value_error(array.name + " must be of shape " + shapes + ", " + array.got());
    }
    const auto& [_, shape, strides] = array.extents;
    const std::size_t axis = rank - 3;
    const std::size_t c = planar ? axis : axis + 2;
    const std::size_t y = planar ? axis + 1 : axis;
    const std::size_t x = planar ? axis + 2 : axis + 1;
    const centerdecode::TensorView first{array.data, array.type, layout,     shape[c],  shape[y],
                                         shape[x],   strides[c], strides[y], strides[x]};
    const bool batched = rank == 4;
    const py::ssize_t batch = batched ? shape[0] : 1;
    return {std::move(array), batched, batch, first};
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

void require_same_grid(const Head& heatmap, const Head& head) {
    if (head.batched != heatmap.batched || head.batch != heatmap.batch ||
        head.first.height != heatmap.first.height || head.first.width != heatmap.first.width) {
        throw py::value_error(head.array.name + " must have the batch and grid of " +
                              heatmap.array.name + " (" + heatmap.array.got() + "), " +
                              head.array.got());
    }
}

void require_channels(const Head& head, std::int64_t channels, const std::string& why) {
    if (head.first.channels != channels) {
        throw py::value_error(head.array.name + " must have " + std::to_string(channels) +
                              " channels " + why + ", " + head.array.got());
    }
}
