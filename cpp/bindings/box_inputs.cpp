#include "box_inputs.hpp"

namespace py = pybind11;
using namespace centerdecode;

BoxHeads BoxInputs::item(py::ssize_t i) const noexcept {
    return {heatmap.item(i), wh ? wh->item(i) : TensorView{},
            offset ? offset->item(i) : TensorView{}};
}

NamedBoxHeads BoxInputs::named() const noexcept {
    return {::named(heatmap), ::named(wh), ::named(offset)};
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
    BoxInputs inputs{view(heatmap, "heatmap"), std::nullopt, std::nullopt, {}};
    if (!wh.is_none() || no_boxes == NoBoxes::refused) inputs.wh = view(wh, "wh");
    if (!offset.is_none()) inputs.offset = view(offset, "offset");
    inputs.rule = check_box_heads(inputs.named(), box.rule, box.center_shift);
    return inputs;
}
