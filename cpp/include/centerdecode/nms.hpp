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

// What overlaps: boxes x1 y1 x2 y2, footprints of four corners x y, or circles
// around centers x y, which overlap wholly within the radius and else not at all.
enum class NmsShape : std::uint8_t { box, footprint, circle };

struct NmsRule {
    NmsKind kind = NmsKind::hard;
    double iou_threshold = 0.5;
    double sigma = 0.5;
    double score_threshold = 0.001;  // soft: a lowered score below it drops the box
    bool class_agnostic = false;     // boxes of other classes count, too
    bool whole_pixels = false;       // extents of boxes are x2 - x1 + 1
    bool inclusive = false;          // an IoU equal to the threshold is beyond it
    NmsShape shape = NmsShape::box;
    double radius = 0.0;  // the greatest distance of centers whose circles overlap
};

struct KeptBox {
    std::int64_t row;
    float score;
};

// How many numbers make a shape: 4, 8 or 2.
std::size_t numbers_of(NmsShape shape) noexcept;

// What stays of `n` boxes, strongest first; of equal scores the first row.
// shapes: (n, numbers_of(rule.shape)). Boxes without area overlap nothing.
std::vector<KeptBox> suppress(const float* shapes, const float* scores,
                              const std::int32_t* class_ids, std::size_t n, const NmsRule& rule);

}  // namespace centerdecode
