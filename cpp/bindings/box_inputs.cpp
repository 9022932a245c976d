#include "box_inputs.hpp"

#include <string>
#include <utility>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// A size head has one group of channels, or one for each class.
bool is_class_specific(const Head& heatmap, const Head& wh, BoxEncoding encoding) {
    const std::int64_t shared = box_channels(encoding);
    const std::int64_t specific = shared * heatmap.first.channels;
    if (wh.first.channels == shared) return false;
    require_channels(wh, specific, "(one group for each class) or " + std::to_string(shared));
    return true;
}

}  // namespace

BoxHeads BoxInputs::item(py::ssize_t i) const noexcept {
    return {heatmap.item(i), wh ? wh->item(i) : TensorView{},
            offset ? offset->item(i) : TensorView{}};
}

Head view_beside(const Head& heatmap, py::handle object, const char* name, const HeadFormat& format,
                 std::int64_t channels, const char* why) {
    Head head = view_head(object, name, format.layout, format.element_type);
    require_same_grid(heatmap, head);
    require_channels(head, channels, why);
    return head;
}

BoxInputs view_box_heads(py::handle heatmap, py::handle wh, py::handle offset,
                         const HeadFormat& format, const BoxFormat& box, NoBoxes no_boxes) {
    const auto view = [&](py::handle object, const char* name) {
        return view_head(object, name, format.layout, format.element_type);
    };
    BoxInputs inputs{view(heatmap, "heatmap"), std::nullopt, std::nullopt, box.rule};
    if (!wh.is_none() || no_boxes == NoBoxes::refused) {
        inputs.wh = view(wh, "wh");
        require_same_grid(inputs.heatmap, *inputs.wh);
    }
    if (!offset.is_none())
        inputs.offset =
            view_beside(inputs.heatmap, offset, "offset", format, 2, "(one for each axis)");
    inputs.rule.class_specific =
        inputs.wh && is_class_specific(inputs.heatmap, *inputs.wh, box.rule.encoding);
    inputs.rule.center_shift = box.center_shift.value_or(inputs.offset ? 0.0 : 0.5);
    return inputs;
}
