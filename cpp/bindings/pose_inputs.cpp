#include "pose_inputs.hpp"

#include <utility>

namespace py = pybind11;
using namespace centerdecode;

PoseHeads PoseInputs::item(py::ssize_t i) const noexcept {
    const auto item_of = [i](const std::optional<Head>& head) {
        return head ? head->item(i) : TensorView{};
    };
    return {boxes.item(i), keypoints.item(i), item_of(keypoint_heatmap), item_of(keypoint_offset),
            item_of(keypoint_depth)};
}

PoseInputs view_pose_heads(const PoseArguments& arguments, const HeadFormat& format,
                           const BoxFormat& box, const PoseRule& rule) {
    const auto view = [&](py::handle object, const char* name) {
        return view_head(object, name, format.layout, format.element_type);
    };
    const auto view_any = [&](py::handle object, const char* name) {
        return object.is_none() ? std::nullopt : std::optional<Head>(view(object, name));
    };
    BoxInputs boxes = view_box_heads(arguments.heatmap, arguments.wh, arguments.offset, format, box,
                                     NoBoxes::fine);
    Head keypoints = view(arguments.keypoints, "keypoints");
    std::optional<Head> heatmap = view_any(arguments.keypoint_heatmap, "keypoint_heatmap");
    std::optional<Head> offset = view_any(arguments.keypoint_offset, "keypoint_offset");
    std::optional<Head> depth = view_any(arguments.keypoint_depth, "keypoint_depth");
    PoseInputs inputs{std::move(boxes),  std::move(keypoints), std::move(heatmap),
                      std::move(offset), std::move(depth),     rule};
    inputs.rule.box = inputs.boxes.rule;
    require_pose_heads(
        {inputs.boxes.named(), named(inputs.keypoints), named(inputs.keypoint_heatmap),
         named(inputs.keypoint_offset), named(inputs.keypoint_depth)},
        inputs.rule);
    return inputs;
}
