// find_peaks: the local-maximum scan. Written once, compiled once per ISA.
//
// The including .cpp provides `F32`, a vector of floats (see avx2.cpp), inside
// an anonymous namespace; `E` says which elements are loaded into it. Two rules
// keep that sound: nothing here names an intrinsic, and nothing here has
// external linkage.
//
// The threshold is asked before the neighbours, because almost no cell reaches
// it: the outer loop is one streaming read. Only ordered comparisons are used,
// never max(): max() of a NaN differs between ISAs, comparisons do not.

template <class E>
struct Scan {
    static constexpr std::ptrdiff_t block = F32::lanes * F32::vectors_per_block;
    static_assert(block <= static_cast<std::ptrdiff_t>(largest_block), "see kernels.hpp");

    const Plane& plane;
    const Rule& rule;

    const std::byte* at(std::ptrdiff_t y, std::ptrdiff_t x) const noexcept {
        return plane.data + y * plane.row_stride + x * E::size;
    }

    // Does cell (y, x) lose to one of its neighbours that exist?
    bool is_beaten(std::ptrdiff_t y, std::ptrdiff_t x) const noexcept {
        const float center = E::load_one(at(y, x));
        for (std::ptrdiff_t dy = -rule.radius; dy <= rule.radius; ++dy) {
            if (y + dy < 0 || y + dy >= plane.height) continue;
            for (std::ptrdiff_t dx = -rule.radius; dx <= rule.radius; ++dx) {
                const std::ptrdiff_t neighbour_x = x + dx * plane.step;
                if (neighbour_x < 0 || neighbour_x >= plane.row_length) continue;
                const float neighbour = E::load_one(at(y + dy, neighbour_x));
                if (neighbour > center) return true;
                if (comes_first(dy, dx) && neighbour == center) return true;
            }
        }
        return false;
    }

    // Where plateaus have one peak, a neighbour above or to the left also beats
    // an equal cell.
    bool comes_first(std::ptrdiff_t dy, std::ptrdiff_t dx) const noexcept {
        return rule.first && (dy < 0 || (dy == 0 && dx < 0));
    }

    // Do all lanes from element x of row y have all their neighbours?
    bool is_inside(std::ptrdiff_t y, std::ptrdiff_t x) const noexcept {
        const std::ptrdiff_t margin = rule.radius * plane.step;
        return y >= rule.radius && y + rule.radius < plane.height && x >= margin &&
               x + F32::lanes + margin <= plane.row_length;
    }

    // Bit i is set when a neighbour beats element x + i. All must be inside.
    std::uint32_t beaten_mask(std::ptrdiff_t y, std::ptrdiff_t x) const noexcept {
        const F32 center = E::load(at(y, x));
        F32::Mask beaten = F32::greater(center, center);  // none
        for (std::ptrdiff_t dy = -rule.radius; dy <= rule.radius; ++dy)
            for (std::ptrdiff_t dx = -rule.radius; dx <= rule.radius; ++dx) {
                const F32 neighbour = E::load(at(y + dy, x + dx * plane.step));
                const bool equal_beats = comes_first(dy, dx);
                beaten = F32::either(beaten, equal_beats ? F32::at_least(neighbour, center)
                                                         : F32::greater(neighbour, center));
            }
        return F32::bits(beaten);
    }

    // The lanes from element x of row y that are peaks, of those in `mask`.
    std::uint32_t peak_mask(std::ptrdiff_t y, std::ptrdiff_t x, std::uint32_t mask) const noexcept {
        if (is_inside(y, x)) return mask & ~beaten_mask(y, x);
        std::uint32_t peaks = 0;
        for (; mask != 0; mask &= mask - 1) {
            const std::ptrdiff_t lane = __builtin_ctz(mask);
            const bool wraps = x + lane >= plane.row_length;  // the lane is in a later row
            const std::ptrdiff_t lane_y = wraps ? y + (x + lane) / plane.row_length : y;
            const std::ptrdiff_t lane_x = wraps ? (x + lane) % plane.row_length : x + lane;
            if (!is_beaten(lane_y, lane_x)) peaks |= 1U << lane;
        }
        return peaks;
    }

    // Does one of the `block` elements from `p` reach the threshold?
    static bool any_at_least(const std::byte* p, F32 threshold) noexcept {
        F32::Mask reached = F32::at_least(E::load(p), threshold);
        for (std::ptrdiff_t i = F32::lanes; i < block; i += F32::lanes)
            reached = F32::either(reached, F32::at_least(E::load(p + i * E::size), threshold));
        return F32::bits(reached) != 0;
    }

    // The lanes of the vector at `p` that reach the threshold; only `count` of
    // them exist.
    std::uint32_t reached_mask(const std::byte* p, std::ptrdiff_t count) const noexcept {
        if (count >= F32::lanes)
            return F32::bits(F32::at_least(E::load(p), F32::broadcast(rule.threshold)));
        std::uint32_t mask = 0;
        for (std::ptrdiff_t i = 0; i < count; ++i)
            if (E::load_one(p + i * E::size) >= rule.threshold) mask |= 1U << i;
        return mask;
    }

    // Writes the peaks of elements [begin, end) and returns the end of them.
    Peak* emit(std::ptrdiff_t begin, std::ptrdiff_t end, std::int64_t base,
               Peak* out) const noexcept {
        for (std::ptrdiff_t i = begin; i < end; i += F32::lanes) {
            const std::ptrdiff_t y = i / plane.row_length;
            const std::ptrdiff_t x = i % plane.row_length;
            std::uint32_t mask = reached_mask(at(y, x), end - i);
            if (mask == 0) continue;
            for (mask = peak_mask(y, x, mask); mask != 0; mask &= mask - 1) {
                const std::ptrdiff_t lane = __builtin_ctz(mask);
                *out++ = {E::load_one(at(y, x) + lane * E::size), base + i + lane};
            }
        }
        return out;
    }
};

template <class E>
std::size_t find_peaks(const Plane& plane, const Rule& rule, std::int64_t base,
                       std::ptrdiff_t& cursor, Peak* out, std::size_t room) noexcept {
    constexpr std::ptrdiff_t block = Scan<E>::block;
    const Scan<E> scan{plane, rule};
    const F32 threshold = F32::broadcast(rule.threshold);
    const Peak* const begin = out;
    const Peak* const last = out + room - largest_block;

    // A run is as far as memory is contiguous: the plane, or else a row.
    const std::ptrdiff_t cells = plane.height * plane.row_length;
    const bool dense = plane.row_stride == plane.row_length * E::size;
    const std::ptrdiff_t run = dense ? cells : plane.row_length;

    while (cursor < cells && out <= last) {
        const std::ptrdiff_t run_end = cursor - cursor % run + run;
        const std::byte* p = scan.at(cursor / plane.row_length, cursor % plane.row_length);
        while (run_end - cursor >= block && !Scan<E>::any_at_least(p, threshold)) {
            cursor += block;
            p += block * E::size;
        }
        const std::ptrdiff_t block_end = cursor + block < run_end ? cursor + block : run_end;
        out = scan.emit(cursor, block_end, base, out);
        cursor = block_end;
    }
    return static_cast<std::size_t>(out - begin);
}
