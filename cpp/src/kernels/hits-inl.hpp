// What a scan has to look at. For use inside an anonymous namespace, after
// elements-inl.hpp.

// Vectors of a stretch with lanes that may be peaks, in ascending order. The list is
// made so often that to clear it would cost as much as it saves.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct Hits {
    static constexpr std::size_t many = 32;  // then a list ends, after a block

    struct Hit {
        std::int32_t at;  // elements into the stretch
        std::uint32_t lanes;
    };

    std::size_t count = 0;
    Hit list[many + block];

    void add(std::ptrdiff_t at, std::uint32_t lanes) noexcept {
        list[count] = {static_cast<std::int32_t>(at), lanes};
        count += lanes != 0 ? 1 : 0;
    }

    // Leaves of each hit the lanes that `keep` of it does, and drops the empty ones.
    template <class Keep>
    void filter(const Keep& keep) noexcept {
        const std::size_t all = count;
        count = 0;
        for (std::size_t i = 0; i < all; ++i) add(list[i].at, keep(list[i]));
    }
};
