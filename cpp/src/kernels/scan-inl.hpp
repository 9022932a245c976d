// A stretch of a plane looked at, once it is known which blocks of it matter. For use
// inside an anonymous namespace, after hits-inl.hpp and neighbors-inl.hpp.
//
// The few vectors with a cell that reaches the threshold, and that is not beaten from above
// or below, are listed, and the list is gone through without a branch for each: one that is
// guessed wrong costs as much as to look at all neighbours of a vector.

static_assert(F32::lanes <= static_cast<std::ptrdiff_t>(largest_block), "see kernels.hpp");

template <class E>
struct Scan : Neighbors<E> {
    using Neighbors<E>::plane;
    using Neighbors<E>::rule;

    // Adds the vectors with a cell that reaches the threshold, of the block `at` elements
    // into the stretch at `p`, which is from element `begin` on. Cells that those above
    // and below beat, as they do most, are left out where the whole block has both.
    template <bool first>
    void add_block(const std::byte* p, std::ptrdiff_t begin, std::ptrdiff_t at,
                   Hits& hits) const noexcept {
        const F32 threshold = F32::broadcast(rule.threshold);
        const bool asks_rows = rule.radius > 0 && this->has_rows_around(begin + at);
        for (std::ptrdiff_t end = at + block; at < end; at += F32::lanes) {
            const std::byte* const center = p + at * E::size;
            const F32 own = E::load(center);
            F32::Mask mask = F32::at_least(own, threshold);
            if (asks_rows && (F32::lanes > 1 || F32::bits(mask) != 0))
                mask = this->template unbeaten_by_rows<first>(center, own, mask);
            hits.add(at, F32::bits(mask));
        }
    }

    // The same of a stretch that is shorter than a block: what is left of whole vectors
    // cell by cell.
    void add_short(const std::byte* p, std::ptrdiff_t length, Hits& hits) const noexcept {
        const F32 threshold = F32::broadcast(rule.threshold);
        std::ptrdiff_t at = 0;
        for (; at + F32::lanes <= length; at += F32::lanes)
            hits.add(at, F32::bits(F32::at_least(E::load(p + at * E::size), threshold)));
        for (; at < length; ++at)
            hits.add(at, E::load_one(p + at * E::size) >= rule.threshold ? 1 : 0);
    }

    // How many of `left` elements from `p` on are a stretch of their own, so that the vectors
    // behind them do not cross lines of the cache, where each takes as long as two; all,
    // where none do, or there are too few to care.
    static std::ptrdiff_t to_line(const std::byte* p, std::ptrdiff_t left) noexcept {
        constexpr std::uintptr_t vector = F32::lanes * sizeof(float);
        const std::uintptr_t beyond = reinterpret_cast<std::uintptr_t>(p) % vector;
        if (beyond == 0 || beyond % E::size != 0 || left < 16 * block) return left;
        return static_cast<std::ptrdiff_t>(vector - beyond) / E::size;
    }

    // Drops what neighbours beat from the hits of the stretch at `p`, which is from
    // element `begin` on.
    template <bool first>
    void drop_beaten(const std::byte* p, std::ptrdiff_t begin, Hits& hits) const noexcept {
        hits.filter([&](Hits::Hit hit) {
            const std::ptrdiff_t i = begin + hit.at;
            return rule.radius == 1 && this->has_memory_around(i)
                       ? hit.lanes & ~this->template beaten<first>(p + hit.at * E::size, i)
                       : this->unbeaten_one_by_one(i, hit.lanes);
        });
    }

    // Writes hits as peaks as long as `out` is not beyond `last`, and returns how many.
    // `base` is the index of the element at `p`.
    static std::size_t write(const std::byte* p, std::int64_t base, const Hits& hits, Peak*& out,
                             const Peak* last) noexcept {
        std::size_t written = 0;
        for (; written < hits.count && out <= last; ++written) {
            const Hits::Hit hit = hits.list[written];
            for (std::uint32_t lanes = hit.lanes; lanes != 0; lanes &= lanes - 1) {
                const std::ptrdiff_t i = hit.at + __builtin_ctz(lanes);
                *out++ = {E::load_one(p + i * E::size), base + i};
            }
        }
        return written;
    }

    // Writes the peaks of the stretch at `p`, from element `begin` on, and returns how
    // much of its length is done. `blocks`: bit i is set where block i must be looked at.
    template <bool first>
    std::ptrdiff_t scan_stretch(const std::byte* p, std::ptrdiff_t begin, std::ptrdiff_t length,
                                std::uint64_t blocks, std::int64_t base, Peak*& out,
                                const Peak* last) const noexcept {
        Hits hits;
        if (length < block) add_short(p, length, hits);
        while (true) {
            for (; blocks != 0 && hits.count <= Hits::many; blocks &= blocks - 1)
                add_block<first>(p, begin, __builtin_ctzll(blocks) * block, hits);
            drop_beaten<first>(p, begin, hits);
            const std::size_t written = write(p, base + begin, hits, out, last);
            if (written < hits.count) return hits.list[written].at;
            if (blocks == 0) return length;
            hits.count = 0;
        }
    }
};
