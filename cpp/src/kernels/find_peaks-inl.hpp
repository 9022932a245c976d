// find_peaks: the local-maximum scan. Written once, compiled once per ISA.
//
// The including .cpp provides `F32` and `U16`, vectors of floats and of 16-bit
// words (see avx2.cpp), inside an anonymous namespace; `E` says which elements
// are loaded into them. Two rules keep that sound: nothing here names an
// intrinsic, and nothing here has external linkage.
//
// The threshold is asked before the neighbours, because almost no cell reaches
// it: the outer loop is one streaming read.

template <class E>
struct Scan : Neighbors<E> {
    using Neighbors<E>::plane;
    using Neighbors<E>::rule;

    // Bit i is set when element i of the `count` at `p` reaches the threshold.
    std::uint64_t reached_mask(const std::byte* p, std::ptrdiff_t count) const noexcept {
        std::uint64_t mask = 0;
        std::ptrdiff_t i = 0;
        const F32 threshold = F32::broadcast(rule.threshold);
        for (; i + F32::lanes <= count; i += F32::lanes)
            mask |= std::uint64_t{F32::bits(F32::at_least(E::load(p + i * E::size), threshold))}
                    << i;
        for (; i < count; ++i)
            mask |= std::uint64_t{E::load_one(p + i * E::size) >= rule.threshold} << i;
        return mask;
    }

    // Do all elements of the block at `begin` have one above and one below?
    bool has_rows_around(std::ptrdiff_t begin) const noexcept {
        const std::ptrdiff_t end = plane.height * plane.row_length - plane.row_length;
        return this->is_dense() && rule.radius == 1 && begin >= plane.row_length &&
               begin + block <= end;
    }

    // Of a block full of cells that reach the threshold, those that the rows above
    // and below beat: nearly all of a ramp or a plateau, in less time than one by one.
    std::uint64_t beaten_by_rows(const std::byte* p) const noexcept {
        std::uint64_t mask = 0;
        for (std::ptrdiff_t i = 0; i < block; i += F32::lanes) {
            const std::byte* at = p + i * E::size;
            mask |= std::uint64_t{this->beaten_by_column(at, E::load(at), 0)} << i;
        }
        return mask;
    }

    // Writes the peaks of the `count` elements at `p`, which are those from
    // `begin` on, and returns the end of them.
    Peak* emit(const std::byte* p, std::ptrdiff_t begin, std::ptrdiff_t count, std::int64_t base,
               Peak* out) const noexcept {
        constexpr std::uint64_t all_lanes = (std::uint64_t{1} << F32::lanes) - 1;
        std::ptrdiff_t y = begin / plane.row_length;
        std::ptrdiff_t row_begin = y * plane.row_length;
        std::uint64_t reached = reached_mask(p, count);
        if (count == block && (reached & reached >> block / 2) != 0 && has_rows_around(begin))
            reached &= ~beaten_by_rows(p);
        while (reached != 0) {
            const std::ptrdiff_t i = __builtin_ctzll(reached) / F32::lanes * F32::lanes;
            for (; begin + i >= row_begin + plane.row_length; ++y) row_begin += plane.row_length;
            auto mask = static_cast<std::uint32_t>(reached >> i & all_lanes);
            for (mask = this->peak_mask(y, begin + i - row_begin, mask); mask != 0;
                 mask &= mask - 1) {
                const std::ptrdiff_t lane = __builtin_ctz(mask);
                *out++ = {E::load_one(p + (i + lane) * E::size), base + begin + i + lane};
            }
            reached &= ~(all_lanes << i);
        }
        return out;
    }
};

// Blocks whose cells are asked in one go. Which of them must be looked at is noted
// without a branch, for one that is guessed wrong would stop the stream of reads.
constexpr std::ptrdiff_t blocks_ahead = 64;

template <class E>
std::size_t find_peaks(const Plane& plane, const Rule& rule, std::int64_t base,
                       std::ptrdiff_t& cursor, std::ptrdiff_t end, Peak* out,
                       std::size_t room) noexcept {
    const Scan<E> scan{{plane, rule}};
    const typename E::Reach reach(rule.threshold);
    const Peak* const begin = out;
    const Peak* const last = out + room - largest_block;

    // A run is as far as memory is contiguous: the plane, or else a row.
    const std::ptrdiff_t run = scan.is_dense() ? plane.height * plane.row_length : plane.row_length;

    while (cursor < end && out <= last) {
        const std::ptrdiff_t y = cursor / run;
        const std::ptrdiff_t run_end = (y + 1) * run < end ? (y + 1) * run : end;
        const std::byte* p = scan.at(y, cursor - y * run);
        const std::ptrdiff_t left = run_end - cursor;
        const std::ptrdiff_t whole = left / block < blocks_ahead ? left / block : blocks_ahead;

        std::uint64_t hits = 0;  // bit i: block i may have a cell that reaches it
        for (std::ptrdiff_t i = 0; i < whole; ++i)
            hits |= std::uint64_t{reach.any(p + i * block * E::size)} << i;
        std::ptrdiff_t done = whole * block;
        for (; hits != 0; hits &= hits - 1) {
            const std::ptrdiff_t i = __builtin_ctzll(hits) * block;
            if (out > last) {
                done = i;
                break;
            }
            out = scan.emit(p + i * E::size, cursor + i, block, base, out);
        }
        if (whole == 0) {
            out = scan.emit(p, cursor, left, base, out);
            done = left;
        }
        cursor += done;
    }
    return static_cast<std::size_t>(out - begin);
}
