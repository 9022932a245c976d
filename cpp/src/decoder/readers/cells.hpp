// What the kinds share that find peaks of one heatmap.
#pragma once

#include "decoder/detections.hpp"
#include "decoder/kinds/kinds.hpp"

#include <string_view>

namespace centerdecode {

// The heads of boxes: "corners" in place of the size and offset heads, where there are
// such.
NamedBoxHeads box_heads(const BatchHeads& heads);
BoxHeads box_heads(const ImageHeads& heads) noexcept;

// Those and "keypoints" with what refines them; of a task "person" they are called
// "person/keypoints" and so on. task: empty where there are no tasks. Throws MissingHead
// where there are no keypoints.
NamedPoseHeads pose_heads(const BatchHeads& heads, std::string_view task);
PoseHeads pose_heads(const ImageHeads& heads, std::string_view task) noexcept;

// The rule of a head "corners".
BoxRule rule_of_corners(BoxRule rule) noexcept;

// The rule of the heads of boxes, with what they alone know: whether each class has sizes of its
// own, and where a center lies in its cell.
BoxRule box_rule(const ImageHeads& heads) noexcept;

// The same of the size and offset heads, whatever other head says the box.
BoxRule box_rule(const Settings& settings, const BoxHeads& heads) noexcept;

// Throws std::invalid_argument where the heads of boxes do not fit.
void require_boxes(const BatchHeads& heads);

// The same, and where a class is lacking.
void check_boxes(const BatchHeads& heads);

// Throws std::invalid_argument where a head does not fit the heatmap: one that must be there,
// or one that may be.
void require_head(const BatchHeads& heads, const char* name, std::int64_t channels,
                  const char* why);
void require_fit_if_any(const BatchHeads& heads, const char* name, std::int64_t channels,
                        const char* why);

// Finds the peaks, and leaves their cells, scores and classes.
void find_rows(const Input& input, const PeakOptions& options, Memory& memory, Detections& found);

// The same of peaks that are found already.
void write_peaks(const Input& input, Activation activation, Memory& memory, Detections& found);

}  // namespace centerdecode
