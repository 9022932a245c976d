// NMS of boxes by overlap. (Peaks are found by a window, not by this.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace centerdecode {

// What a box does to weaker ones that it overlaps: drops them beyond the
// threshold; or lowers their scores by 1 - IoU beyond the threshold, or by
// exp(-IoU^2 / sigma) always (Bodla et al., "Soft-NMS", 2017).
enum class NmsKind : std::uint8_t { hard, linear, gaussian };

struct NmsRule {
    NmsKind kind = NmsKind::hard;
    double iou_threshold = 0.5;
    double sigma = 0.5;
    double score_threshold = 0.001;  // soft: a lowered score below it drops the box
    bool class_agnostic = false;     // boxes of other classes count, too
    bool whole_pixels = false;       // extents are x2 - x1 + 1
    bool inclusive = false;          // an IoU equal to the threshold is beyond it
};

struct KeptBox {
    std::int64_t row;
    float score;
};

// What stays of `n` boxes, strongest first; of equal scores the first row.
// xyxy: (n, 4). Boxes without area overlap nothing.
std::vector<KeptBox> suppress(const float* xyxy, const float* scores, const std::int32_t* class_ids,
                              std::size_t n, const NmsRule& rule);

}  // namespace centerdecode
