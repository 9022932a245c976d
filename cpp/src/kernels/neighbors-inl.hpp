// Which cells of a plane their neighbours beat. For use inside an anonymous
// namespace, after elements-inl.hpp.
//
// Only ordered comparisons are used, never max(): max() of a NaN differs between
// ISAs, comparisons do not.

template <class E>
struct Neighbors {
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

    // Bit i is set when one of three neighbours in a column beats the element of
    // lane i at `p`; the column is `dx` elements away.
    std::uint32_t beaten_by_column(const std::byte* p, F32 center,
                                   std::ptrdiff_t dx) const noexcept {
        F32::Mask beaten = F32::greater(center, center);  // none
        for (std::ptrdiff_t dy = -1; dy <= 1; ++dy) {
            const F32 neighbour = E::load(p + dy * plane.row_stride + dx * E::size);
            beaten = F32::either(beaten, comes_first(dy, dx) ? F32::at_least(neighbour, center)
                                                             : F32::greater(neighbour, center));
        }
        return F32::bits(beaten);
    }

    // Can all lanes from element x of row y be held against 3x3 elements of memory
    // that is the plane's? Those beyond the end of a row are then of the next one.
    bool has_memory_around(std::ptrdiff_t y, std::ptrdiff_t x) const noexcept {
        const std::ptrdiff_t before = y * plane.row_length + x;
        const std::ptrdiff_t behind = plane.height * plane.row_length - before - F32::lanes;
        const std::ptrdiff_t margin = plane.row_length + plane.step;
        const bool one_row = x + F32::lanes <= plane.row_length;
        const bool within = x >= plane.step && x + F32::lanes + plane.step <= plane.row_length;
        const bool rows = y >= 1 && y + 1 < plane.height;
        return rows && (within || (one_row && is_dense() && before >= margin && behind >= margin));
    }

    bool is_dense() const noexcept { return plane.row_stride == plane.row_length * E::size; }

    // The lanes from element x of row y that are peaks, of those in `mask`.
    std::uint32_t peak_mask(std::ptrdiff_t y, std::ptrdiff_t x, std::uint32_t mask) const noexcept {
        if (rule.radius == 1 && has_memory_around(y, x)) {
            const std::byte* p = at(y, x);
            const F32 center = E::load(p);
            mask &= ~beaten_by_column(p, center, 0);
            const std::uint32_t left = beaten_by_column(p, center, -plane.step);
            const std::uint32_t right = beaten_by_column(p, center, plane.step);
            // Lanes in the first column have nothing to the left, and so on.
            const std::uint32_t has_left = ~lanes_below(plane.step - x);
            const std::uint32_t has_right = lanes_below(plane.row_length - plane.step - x);
            return mask & ~((left & has_left) | (right & has_right));
        }
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

    static std::uint32_t lanes_below(std::ptrdiff_t count) noexcept {
        if (count <= 0) return 0;
        return count >= F32::lanes ? ~0U : (1U << count) - 1;
    }
};
