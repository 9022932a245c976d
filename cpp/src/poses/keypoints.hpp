// What the two readers of keypoint heads share.
#pragma once

#include "peaks/elements.hpp"

#include <centerdecode/keypoints.hpp>

namespace centerdecode {

// Two numbers of a head as a point, x first, whatever their order in the head.
inline Point read_pair(const TensorView& head, std::int64_t first, std::int64_t step, Axes axes,
                       const Cell& cell) noexcept {
    const double a = read_element(head, first, cell.y, cell.x);
    const double b = read_element(head, first + step, cell.y, cell.x);
    return axes == Axes::xy ? Point{a, b} : Point{b, a};
}

// Moves the regressed keypoints in `scratch`, which are those of the one pose of
// an image, and writes the scores and depths of those that move.
void settle_single(const PoseHeads& heads, const PoseRule& rule, PoseScratch& scratch,
                   const PoseRow& row) noexcept;

}  // namespace centerdecode
