// Which cells of a plane their neighbours beat. For use inside an anonymous
// namespace, after elements-inl.hpp.
//
// Only ordered comparisons are used, never max(): max() of a NaN differs between
// ISAs, comparisons do not.

template <class E>
struct Neighbors {
    const Plane& plane;
    const Rule& rule;
    bool is_dense = plane.row_stride == plane.row_length * E::size;
    std::ptrdiff_t margin = plane.row_length + plane.step;  // to the farthest neighbour
    // A vector that begins here ends with the margin left behind it.
    std::ptrdiff_t last_inner = plane.height * plane.row_length - margin - F32::lanes;

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

    // Which lanes at `p` lose to a neighbour in the column that is `dx` elements away.
    // first: rule.first; earlier: the column is to the left.
    template <bool first, bool earlier>
    F32::Mask beaten_by_column(const std::byte* p, F32 center, std::ptrdiff_t dx) const noexcept {
        constexpr bool comes_before = first && earlier;
        const std::byte* column = p + dx * E::size;
        return F32::either(beaten_by_ends<first>(column, center),
                           beats<comes_before>(E::load(column), center));
    }

    // The same of its upper and its lower element.
    template <bool first>
    F32::Mask beaten_by_ends(const std::byte* column, F32 center) const noexcept {
        return F32::either(beats<first>(E::load(column - plane.row_stride), center),
                           F32::greater(E::load(column + plane.row_stride), center));
    }

    template <bool or_equals>
    static F32::Mask beats(F32 neighbour, F32 center) noexcept {
        return or_equals ? F32::at_least(neighbour, center) : F32::greater(neighbour, center);
    }

    // The lanes of `mask`, at `p`, that the elements above and below do not beat.
    template <bool first>
    F32::Mask unbeaten_by_rows(const std::byte* p, F32 center, F32::Mask mask) const noexcept {
        const F32 above = E::load(p - plane.row_stride);
        const F32 below = E::load(p + plane.row_stride);
        mask =
            first ? F32::not_at_least(mask, above, center) : F32::not_greater(mask, above, center);
        return F32::not_greater(mask, below, center);
    }

    // Have all elements of the block from element `begin` on one above and one below?
    bool has_rows_around(std::ptrdiff_t begin) const noexcept {
        return begin >= plane.row_length && begin + block <= (plane.height - 1) * plane.row_length;
    }

    // Do all 3x3 elements around the lanes from element `begin` on lie in memory that is
    // the plane's? Beyond the end of a row is then the next one, but not its last columns.
    bool has_memory_around(std::ptrdiff_t begin) const noexcept {
        if (begin < margin || begin > last_inner) return false;
        return is_dense ? F32::lanes + plane.step <= plane.row_length
                        : has_columns_around(begin % plane.row_length);
    }

    bool has_columns_around(std::ptrdiff_t x) const noexcept {
        return x >= plane.step && x + F32::lanes + plane.step <= plane.row_length;
    }

    // The lanes at `p`, from element `begin` on, that their 3x3 elements beat. Only where
    // there is memory around.
    template <bool first>
    std::uint32_t beaten(const std::byte* p, std::ptrdiff_t begin) const noexcept {
        const F32 center = E::load(p);
        const auto middle = beaten_by_ends<first>(p, center);
        const auto left = beaten_by_column<first, true>(p, center, -plane.step);
        const auto right = beaten_by_column<first, false>(p, center, plane.step);
        const std::ptrdiff_t x = begin % plane.row_length;
        if (has_columns_around(x)) return F32::bits(F32::either(F32::either(left, right), middle));
        // Lanes of the first columns have nothing to the left, of the last to the right;
        // from `next` on they are of the next row.
        const std::ptrdiff_t next = plane.row_length - x;
        const std::uint32_t leftmost =
            lanes_in(-x, plane.step - x) | lanes_in(next, next + plane.step);
        const std::uint32_t rightmost = lanes_in(next - plane.step, next);
        return F32::bits(middle) | (F32::bits(left) & ~leftmost) | (F32::bits(right) & ~rightmost);
    }

    static std::uint32_t lanes_in(std::ptrdiff_t begin, std::ptrdiff_t end) noexcept {
        return lanes_below(end) & ~lanes_below(begin);
    }

    static std::uint32_t lanes_below(std::ptrdiff_t count) noexcept {
        if (count <= 0) return 0;
        return count >= F32::lanes ? ~0U : (1U << count) - 1;
    }

    // The lanes in `mask` that no neighbour beats, anywhere and for any radius.
    std::uint32_t unbeaten_one_by_one(std::ptrdiff_t begin, std::uint32_t mask) const noexcept {
        std::uint32_t kept = 0;
        for (; mask != 0; mask &= mask - 1) {
            const std::ptrdiff_t i = begin + __builtin_ctz(mask);
            if (!is_beaten(i / plane.row_length, i % plane.row_length)) kept |= mask & -mask;
        }
        return kept;
    }
};
