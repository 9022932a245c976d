// The table: everything that differs between CPUs, in one struct.
#pragma once

#include <centerdecode/peak.hpp>

#include <cstddef>
#include <cstdint>

namespace centerdecode::kernels {

// Rows of contiguous elements. Horizontal neighbours of one class are `step`
// elements apart: 1 where a row holds one class (NCHW), C where it holds all
// classes of each cell (NHWC). So both layouts are the same scan.
struct Plane {
    const std::byte* data;
    std::ptrdiff_t height;
    std::ptrdiff_t row_length;  // elements
    std::ptrdiff_t row_stride;  // bytes
    std::ptrdiff_t step;
};

struct Rule {
    float threshold;        // inclusive; nothing reaches NaN
    std::ptrdiff_t radius;  // neighbours reach this many cells to every side
    bool first;             // of two equal neighbours only the first is a peak
};

// find_peaks writes no more than this many peaks without asking for room.
constexpr std::size_t largest_block = 64;

// Scans on from element `cursor` of the plane (numbered without regard to
// row_stride) and writes its peaks to `out` in ascending order, with `base`
// added to their index. Stops at element `end`, or as soon as less than
// largest_block of the `room` in `out` is left; `cursor` then says where to go
// on. Returns how many were written.
using FindPeaks = std::size_t (*)(const Plane& plane, const Rule& rule, std::int64_t base,
                                  std::ptrdiff_t& cursor, std::ptrdiff_t end, Peak* out,
                                  std::size_t room) noexcept;

struct Table {
    const char* name;
    FindPeaks find_peaks_f32;
    FindPeaks find_peaks_f16;
    FindPeaks find_peaks_bf16;
};

extern const Table scalar;
extern const Table avx2;
extern const Table avx512;
extern const Table neon;

}  // namespace centerdecode::kernels
