// find_peaks: the local-maximum scan. Written once, compiled once per ISA.
//
// The including .cpp provides `F32`, a vector of floats, and `U32` and `U16`, vectors
// of words (see avx2.cpp), inside an anonymous namespace; `E` says which elements
// are loaded into them. Two rules keep that sound: nothing here names an
// intrinsic, and nothing here has external linkage.
//
// The threshold is asked before the neighbours, because almost no cell reaches
// it: the outer loop is one streaming read. What else there is to do is in scan-inl.hpp.

// Blocks that are asked in one go.
constexpr std::ptrdiff_t blocks_ahead = 64;

template <class E, bool positive, bool first>
std::size_t scan_plane(const Plane& plane, const Rule& rule, std::int64_t base,
                       std::ptrdiff_t& cursor, std::ptrdiff_t end, Peak* out,
                       std::size_t room) noexcept {
    const Scan<E> scan{{plane, rule}};
    const typename E::template Reach<positive> reach(rule.threshold);
    const Peak* const begin = out;
    const Peak* const last = out + room - largest_block;

    // A run is as far as memory is contiguous: the plane, or else a row.
    const std::ptrdiff_t run = scan.is_dense ? plane.height * plane.row_length : plane.row_length;

    while (cursor < end && out <= last) {
        const std::ptrdiff_t y = cursor / run;
        const std::ptrdiff_t run_end = (y + 1) * run < end ? (y + 1) * run : end;
        const std::byte* p = scan.at(y, cursor - y * run);
        const std::ptrdiff_t left = scan.to_line(p, run_end - cursor);
        const std::ptrdiff_t whole = left / block < blocks_ahead ? left / block : blocks_ahead;

        std::uint64_t blocks = 0;
        for (std::ptrdiff_t i = 0; i < whole; ++i)
            blocks |= std::uint64_t{reach.any(p + i * block * E::size)} << i;
        const std::ptrdiff_t length = whole == 0 ? left : whole * block;
        cursor += scan.template scan_stretch<first>(p, cursor, length, blocks, base, out, last);
    }
    return static_cast<std::size_t>(out - begin);
}

template <class E>
std::size_t find_peaks(const Plane& plane, const Rule& rule, std::int64_t base,
                       std::ptrdiff_t& cursor, std::ptrdiff_t end, Peak* out,
                       std::size_t room) noexcept {
    if (rule.threshold != rule.threshold) {  // nothing reaches NaN
        cursor = end;
        return 0;
    }
    FindPeaks scan = rule.first ? scan_plane<E, false, true> : scan_plane<E, false, false>;
    if (rule.threshold > 0)
        scan = rule.first ? scan_plane<E, true, true> : scan_plane<E, true, false>;
    return scan(plane, rule, base, cursor, end, out, room);
}
