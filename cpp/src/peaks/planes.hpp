// A heatmap as the planes that a kernel scans.
#pragma once

#include "kernels/kernels.hpp"
#include "peaks/elements.hpp"
#include "peaks/strided.hpp"

#include <cstdint>

namespace centerdecode {

// Every channel a plane of its own, or all of them side by side in one.
struct Planes {
    const TensorView& heatmap;
    const Classes& classes;
    bool interleaved;

    std::int64_t count() const noexcept { return interleaved ? 1 : classes.count; }

    // Elements of one plane.
    std::int64_t cells() const noexcept {
        return heatmap.height * heatmap.width * (interleaved ? heatmap.channels : 1);
    }

    kernels::Plane operator[](std::int64_t i) const noexcept {
        if (interleaved)
            return {heatmap.data, heatmap.height, heatmap.width * heatmap.channels,
                    heatmap.row_stride, heatmap.channels};
        return {address_of(heatmap, classes[i], 0, 0), heatmap.height, heatmap.width,
                heatmap.row_stride, 1};
    }

    // The index of the first element of a plane.
    std::int64_t base(std::int64_t i) const noexcept {
        return interleaved ? 0 : classes[i] * cells();
    }
};

}  // namespace centerdecode
