// What both ways of ranking quadruples of extreme points share.
#pragma once

#include <centerdecode/extreme_points.hpp>

#include "groups/center_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace centerdecode {

// Never falls as one of its terms grows, because no rounded sum does: with the most
// that may still come for some of them it is a bound, exact to the last bit.
inline float score_of_quadruple(float top, float left, float bottom, float right,
                                float center) noexcept {
    return (top + left + bottom + right + 2.0F * center) / 6.0F;
}

// The cell of a center between two extreme points, along one axis.
inline std::int32_t middle(std::int32_t a, std::int32_t b) noexcept { return (a + b) / 2; }

std::size_t count_of(const ExtremePoints& points) noexcept;

// Numbers quadruples: top slowest, right fastest.
std::int64_t index_of(const ExtremePoints& points, std::size_t top, std::size_t left,
                      std::size_t bottom, std::size_t right) noexcept;

// Replaces the content of `found` by the quadruples of `ranked`: value is the score.
void write_quadruples(const ExtremePoints& points, CenterRows& rows,
                      const std::vector<Peak>& ranked, std::vector<Quadruple>& found);

}  // namespace centerdecode
