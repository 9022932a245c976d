// The scan for heatmaps whose rows are not contiguous, or of which only some
// classes are wanted, or for rules that the kernels do not know: every cell by
// its strides, one at a time.
#pragma once

#include "peaks/top_k.hpp"

#include <centerdecode/peaks.hpp>

#include <cstdint>

namespace centerdecode {

// The channels to look at, ascending: `ids`, or all from 0 on where it is nullptr.
struct Classes {
    std::int64_t count;
    const std::int64_t* ids;

    std::int64_t operator[](std::int64_t i) const noexcept { return ids == nullptr ? i : ids[i]; }
};

void find_peaks_strided(const TensorView& heatmap, const PeakOptions& options,
                        const Classes& classes, TopK& top_k);

}  // namespace centerdecode
