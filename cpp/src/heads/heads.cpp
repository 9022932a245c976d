#include <centerdecode/heads.hpp>

#include "peaks/elements.hpp"

#include <array>
#include <stdexcept>

namespace centerdecode {
namespace {

using std::to_string;

std::string got(const NamedHead& head) {
    return head.got != nullptr ? head.got(head.source) : describe(head.view);
}

const char* name_of(ElementType type) noexcept {
    switch (type) {
        case ElementType::f16: return "f16";
        case ElementType::bf16: return "bf16";
        case ElementType::f32: break;
    }
    return "f32";
}

[[noreturn]] void refuse(const std::string& message) { throw std::invalid_argument(message); }

// A size head has one group of channels, or one for each class.
bool is_class_specific(const NamedHead& heatmap, const NamedHead& wh, BoxEncoding encoding) {
    const std::int64_t shared = box_channels(encoding);
    if (wh.view.first.channels == shared) return false;
    require_channels(
        wh, shared * heatmap.view.first.channels,
        shared == 2 ? "(one group for each class) or 2" : "(one group for each class) or 4");
    return true;
}

// What goes by a keypoint heatmap needs one.
void require_heatmap(const NamedPoseHeads& heads, const PoseRule& rule) {
    if (rule.single) require_channels(heads.boxes.heatmap, 1, "for a single pose");
    if (heads.keypoint_heatmap) return;
    if (heads.keypoint_offset) refuse("keypoint_heatmap must be given with a keypoint_offset");
    if (heads.keypoint_depth) refuse("keypoint_heatmap must be given with a keypoint_depth");
    if (rule.single) refuse("keypoint_heatmap must be given for a single pose");
}

}  // namespace

const char* shapes_of(Layout layout) noexcept {
    return layout == Layout::nchw ? "(C, H, W) or (B, C, H, W)" : "(H, W, C) or (B, H, W, C)";
}

BatchView view_of(const void* data, ElementType type, Layout layout, std::size_t rank,
                  const std::int64_t* shape, const std::ptrdiff_t* byte_strides) noexcept {
    std::array<std::ptrdiff_t, 4> dense{};
    if (byte_strides == nullptr) {
        std::ptrdiff_t stride = size_of(type);
        for (std::size_t axis = rank; axis-- > 0; stride *= shape[axis]) dense[axis] = stride;
        byte_strides = dense.data();
    }
    const bool planar = layout == Layout::nchw;
    const std::size_t first = rank - 3;
    const std::size_t c = planar ? first : first + 2;
    const std::size_t y = planar ? first + 1 : first;
    const std::size_t x = y + 1;
    const TensorView item{static_cast<const std::byte*>(data),
                          type,
                          layout,
                          shape[c],
                          shape[y],
                          shape[x],
                          byte_strides[c],
                          byte_strides[y],
                          byte_strides[x]};
    if (rank == 3) return {item, 1, 0};
    return {item, shape[0], byte_strides[0]};
}

TensorView item_of(const BatchView& head, std::int64_t i) noexcept {
    TensorView view = head.first;
    view.data += i * head.batch_stride;
    return view;
}

std::string describe(const BatchView& head) {
    const TensorView& view = head.first;
    const bool planar = view.layout == Layout::nchw;
    const std::string channels = to_string(view.channels);
    const std::string grid = to_string(view.height) + ", " + to_string(view.width);
    return std::string("got ") + name_of(view.type) + " (" + to_string(head.batch) + ", " +
           (planar ? channels + ", " + grid : grid + ", " + channels) + ")";
}

void require_heads(const std::vector<std::string>& names, std::size_t given) {
    if (names.size() == given) return;
    std::string wanted;
    for (const std::string& name : names) wanted += (wanted.empty() ? "" : ", ") + name;
    refuse("heads must be " + wanted + ", got " + to_string(given) + " of them");
}

void require_same_grid(const NamedHead& heatmap, const NamedHead& head) {
    const BatchView& map = heatmap.view;
    const BatchView& view = head.view;
    if (head.batched == heatmap.batched && view.batch == map.batch &&
        view.first.height == map.first.height && view.first.width == map.first.width)
        return;
    refuse(std::string(head.name) + " must have the batch and grid of " + heatmap.name + " (" +
           got(heatmap) + "), " + got(head));
}

void require_channels(const NamedHead& head, std::int64_t channels, const char* why) {
    if (head.view.first.channels == channels) return;
    refuse(std::string(head.name) + " must have " + to_string(channels) + " channels " + why +
           ", " + got(head));
}

void require_classes(const NamedHead& heatmap, const PeakOptions& options) {
    if (!options.classes.has_value() || options.classes->empty()) return;
    if (options.classes->back() < heatmap.view.first.channels) return;
    refuse(std::string("classes must be below the channels of ") + heatmap.name + ", got class " +
           to_string(options.classes->back()) + ", " + got(heatmap));
}

void require_std_devs(const Refinement& rule, std::int64_t num_keypoints) {
    if (rule.ranking != Ranking::gaussian_weighted) return;
    if (static_cast<std::int64_t>(rule.std_devs.size()) == num_keypoints) return;
    refuse("std_devs must be one for each keypoint, got " + to_string(rule.std_devs.size()) +
           " for " + to_string(num_keypoints));
}

BoxRule check_box_heads(const NamedBoxHeads& heads, BoxRule rule,
                        std::optional<double> center_shift) {
    if (heads.wh) require_same_grid(heads.heatmap, *heads.wh);
    if (heads.offset) {
        require_same_grid(heads.heatmap, *heads.offset);
        require_channels(*heads.offset, 2, "(one for each axis)");
    }
    rule.class_specific = heads.wh && is_class_specific(heads.heatmap, *heads.wh, rule.encoding);
    rule.center_shift = center_shift.value_or(heads.offset ? 0.0 : 0.5);
    return rule;
}

void require_pose_heads(const NamedPoseHeads& heads, const PoseRule& rule) {
    require_same_grid(heads.boxes.heatmap, heads.keypoints);
    for (const auto* head :
         {&heads.keypoint_heatmap, &heads.keypoint_offset, &heads.keypoint_depth})
        if (*head) require_same_grid(heads.boxes.heatmap, **head);
    const std::int64_t channels = heads.keypoints.view.first.channels;
    if (channels == 0 || channels % 2 != 0)
        refuse("keypoints must have an even number of channels, " + got(heads.keypoints));
    if (rule.keypoint.frame == KeypointFrame::box && !heads.boxes.wh)
        refuse("wh must be given where keypoints are parts of the box");
    require_heatmap(heads, rule);
    if (!heads.keypoint_heatmap) return;
    require_channels(*heads.keypoint_heatmap, channels / 2, "(one for each keypoint)");
    if (heads.keypoint_offset && heads.keypoint_offset->view.first.channels != 2)
        require_channels(*heads.keypoint_offset, channels, "(a pair for each keypoint) or 2");
    if (heads.keypoint_depth && heads.keypoint_depth->view.first.channels != 1)
        require_channels(*heads.keypoint_depth, channels / 2, "(one for each keypoint) or 1");
    require_std_devs(rule.refinement, channels / 2);
}

}  // namespace centerdecode
