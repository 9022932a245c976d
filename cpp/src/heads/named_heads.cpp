#include "heads/named_heads.hpp"

#include <algorithm>
#include <stdexcept>

namespace centerdecode {
namespace {

using std::to_string;

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

std::string got(const NamedHead& head) {
    return head.got != nullptr ? head.got(head.source) : describe(head.view);
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

void check_mask_heads(const NamedMaskHeads& heads, std::int64_t num_images) {
    const auto& [segmentation, parts, surface_coords] = heads;
    if (parts.has_value() != surface_coords.has_value())
        refuse("parts and surface_coords must be given together, or neither");
    if (parts) {
        require_same_grid(segmentation, *parts);
        require_same_grid(segmentation, *surface_coords);
        const std::int64_t count = parts->view.first.channels;
        if (count < 1 || count > 255)  // their numbers are bytes
            refuse("parts must have 1 to 255 channels, " + got(*parts));
        require_channels(*surface_coords, 2 * count, "(v and u of each part)");
    }
    if (segmentation.view.batch != num_images)
        refuse("xyxy must be one array for each image, got " + to_string(num_images) + " and " +
               got(segmentation));
}

void require_mask_classes(const NamedHead& segmentation, const std::int32_t* class_ids,
                          std::size_t count) {
    const auto is_lacking = [&](std::int32_t id) {
        return id < 0 || id >= segmentation.view.first.channels;
    };
    const std::int32_t* lacking = std::find_if(class_ids, class_ids + count, is_lacking);
    if (lacking == class_ids + count) return;
    refuse("class_ids must be channels of segmentation, got " + to_string(*lacking) + " and " +
           got(segmentation));
}

}  // namespace centerdecode
