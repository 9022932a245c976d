// Heads of a batch, and what must hold among them.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/keypoints.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace centerdecode {

// A head of all images: that of image i lies i * batch_stride bytes behind `first`.
struct BatchView {
    TensorView first;
    std::int64_t batch = 1;
    std::ptrdiff_t batch_stride = 0;
};

// What a head may be: "(C, H, W) or (B, C, H, W)", or the same with channels last.
const char* shapes_of(Layout layout) noexcept;

// A head of rank 3 or 4. byte_strides: one for each axis; nullptr: it is dense, and an
// int64 counts its bytes, and would if extents of 0 were 1.
BatchView view_of(const void* data, ElementType type, Layout layout, std::size_t rank,
                  const std::int64_t* shape, const std::ptrdiff_t* byte_strides = nullptr) noexcept;

TensorView item_of(const BatchView& head, std::int64_t i) noexcept;

// "got f32 (1, 80, 128, 128)", axes in the order of the head's layout.
std::string describe(const BatchView& head);

// A head and what a message says of it.
struct NamedHead {
    BatchView view;
    const char* name = "";
    bool batched = true;                               // of rank 4, and not 3
    const void* source = nullptr;                      // what `got` is asked of
    std::string (*got)(const void* source) = nullptr;  // nullptr: describe(view)
};

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

// Each of these throws std::invalid_argument that names the head, the rule and
// what came.
void require_heads(const std::vector<std::string>& names, std::size_t given);
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

}  // namespace centerdecode
