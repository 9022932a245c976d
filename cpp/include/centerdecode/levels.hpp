// Levels: the heads of one level of a feature pyramid, and what scores at their cells
// (Zhou et al., "Probabilistic two-stage detection", 2021: the first stage).
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/peaks.hpp>

#include <vector>

namespace centerdecode {

struct LevelHeads {
    BoxHeads box;         // heatmap.data == nullptr: objects have no class but 0
    TensorView agnostic;  // 1, whether there is an object; data == nullptr: there is none
};

// Replaces the content of `peaks`: at most options.top_k of them, best first, then in
// ascending index. `value` is not the raw element but the score: the heatmap's; the
// root of the agnostic map's, where there is no heatmap; or the root of their product.
//
// The threshold, and best_class, are asked of the heatmap, where there is one. A NaN is
// no score.
void find_level_peaks(const LevelHeads& heads, const PeakOptions& options,
                      std::vector<Peak>& peaks);

// The box at a cell, in input pixels, at least 0.01 wide and high.
Box read_level_box(const LevelHeads& heads, const BoxRule& rule, const Cell& cell) noexcept;

// The map that peaks are found on.
const TensorView& score_map(const LevelHeads& heads) noexcept;

}  // namespace centerdecode
