// Heads of one call as messages name them, and what must hold among them.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/heads.hpp>
#include <centerdecode/peaks.hpp>

#include "poses/keypoints.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace centerdecode {

// A head and what a message says of it.
struct NamedHead {
    BatchView view;
    const char* name = "";
    bool batched = true;                               // of rank 4, and not 3
    const void* source = nullptr;                      // what `got` is asked of
    std::string (*got)(const void* source) = nullptr;  // nullptr: describe(view)
};

// "got f32 (1, 80, 128, 128)", as whoever gave the head calls it.
std::string got(const NamedHead& head);

struct NamedBoxHeads {
    NamedHead heatmap;
    std::optional<NamedHead> wh;
    std::optional<NamedHead> offset;
};

struct NamedPoseHeads {
    NamedBoxHeads boxes;
    NamedHead keypoints;
    std::optional<NamedHead> keypoint_heatmap;
    std::optional<NamedHead> keypoint_offset;
    std::optional<NamedHead> keypoint_depth;
};

struct NamedMaskHeads {
    NamedHead segmentation;
    std::optional<NamedHead> parts;  // with surface_coords, or neither
    std::optional<NamedHead> surface_coords;
};

// Each of these throws std::invalid_argument that names the head, the rule and
// what came.
void require_same_grid(const NamedHead& heatmap, const NamedHead& head);
void require_channels(const NamedHead& head, std::int64_t channels, const char* why);

// options.classes has none that the heatmap lacks.
void require_classes(const NamedHead& heatmap, const PeakOptions& options);

// There is one for each keypoint, where the ranking needs them.
void require_std_devs(const Refinement& rule, std::int64_t num_keypoints);

// Grids and channels. Returns the rule with what only heads can tell: class_specific,
// and center_shift where it is nullopt, which is 0 with an offset head and 0.5 without.
BoxRule check_box_heads(const NamedBoxHeads& heads, BoxRule rule,
                        std::optional<double> center_shift);

// What a pose has besides, of whose boxes that has been asked.
void require_pose_heads(const NamedPoseHeads& heads, const PoseRule& rule);

// Grids and channels of what masks are cut of, and that there is one item for each image.
void check_mask_heads(const NamedMaskHeads& heads, std::int64_t num_images);

// Each class has a channel.
void require_mask_classes(const NamedHead& segmentation, const std::int32_t* class_ids,
                          std::size_t count);

}  // namespace centerdecode
