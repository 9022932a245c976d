#include "pose_inputs.hpp"

#include <string>
#include <utility>

namespace py = pybind11;
using namespace centerdecode;

namespace {

void require_heatmap(const PoseInputs& inputs) {
    if (inputs.keypoint_offset && !inputs.keypoint_heatmap)
        throw py::value_error("keypoint_heatmap must be given with a keypoint_offset");
    if (inputs.keypoint_depth && !inputs.keypoint_heatmap)
        throw py::value_error("keypoint_heatmap must be given with a keypoint_depth");
    if (inputs.rule.single && !inputs.keypoint_heatmap)
        throw py::value_error("keypoint_heatmap must be given for a single pose");
    if (inputs.rule.single) require_channels(inputs.boxes.heatmap, 1, "for a single pose");
}

void require_std_devs(const Refinement& rule, std::int64_t count) {
    if (rule.ranking != Ranking::gaussian_weighted) return;
    if (static_cast<std::int64_t>(rule.std_devs.size()) == count) return;
    throw py::value_error("std_devs must be one for each keypoint, got " +
                          std::to_string(rule.std_devs.size()) + " for " + std::to_string(count));
}

void require_sense(const PoseInputs& inputs) {
    const std::int64_t channels = inputs.keypoints.first.channels;
    if (channels == 0 || channels % 2 != 0)
        throw py::value_error("keypoints must have an even number of channels, " +
                              inputs.keypoints.array.got());
    if (inputs.rule.keypoint.frame == KeypointFrame::box && !inputs.boxes.wh)
        throw py::value_error("wh must be given where keypoints are parts of the box");
    require_heatmap(inputs);
    if (!inputs.keypoint_heatmap) return;
    require_channels(*inputs.keypoint_heatmap, channels / 2, "(one for each keypoint)");
    if (inputs.keypoint_offset && inputs.keypoint_offset->first.channels != 2)
        require_channels(*inputs.keypoint_offset, channels, "(a pair for each keypoint) or 2");
    if (inputs.keypoint_depth && inputs.keypoint_depth->first.channels != 1)
        require_channels(*inputs.keypoint_depth, channels / 2, "(one for each keypoint) or 1");
    require_std_devs(inputs.rule.refinement, channels / 2);
}

}  // namespace

PoseHeads PoseInputs::item(py::ssize_t i) const noexcept {
    const auto item_of = [i](const std::optional<Head>& head) {
        return head ? head->item(i) : TensorView{};
    };
    return {boxes.item(i), keypoints.item(i), item_of(keypoint_heatmap), item_of(keypoint_offset),
            item_of(keypoint_depth)};
}

PoseInputs view_pose_heads(const PoseArguments& arguments, const HeadFormat& format,
                           const BoxFormat& box, const PoseRule& rule) {
    BoxInputs boxes = view_box_heads(arguments.heatmap, arguments.wh, arguments.offset, format, box,
                                     NoBoxes::fine);
    const auto view = [&](py::handle object, const char* name) {
        Head head = view_head(object, name, format.layout, format.element_type);
        require_same_grid(boxes.heatmap, head);
        return head;
    };
    const auto view_any = [&](py::handle object, const char* name) {
        return object.is_none() ? std::nullopt : std::optional<Head>(view(object, name));
    };
    Head keypoints = view(arguments.keypoints, "keypoints");
    std::optional<Head> heatmap = view_any(arguments.keypoint_heatmap, "keypoint_heatmap");
    std::optional<Head> offset = view_any(arguments.keypoint_offset, "keypoint_offset");
    std::optional<Head> depth = view_any(arguments.keypoint_depth, "keypoint_depth");
    PoseInputs inputs{std::move(boxes),  std::move(keypoints), std::move(heatmap),
                      std::move(offset), std::move(depth),     rule};
    inputs.rule.box = inputs.boxes.rule;
    require_sense(inputs);
    return inputs;
}
