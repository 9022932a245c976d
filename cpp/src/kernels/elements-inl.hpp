// How the elements of a heatmap become lanes, one struct per type. The including
// .cpp has defined F32 and U16.
//
// `Reach` asks a block of elements whether one of them reaches a threshold. It
// may say yes where none does, for the scan then looks at each; never no.

constexpr std::ptrdiff_t block = F32::lanes * F32::vectors_per_block;
static_assert(block <= static_cast<std::ptrdiff_t>(largest_block), "see kernels.hpp");

struct AsF32 {
    static constexpr std::ptrdiff_t size = 4;
    static F32 load(const std::byte* p) noexcept { return F32::load_f32(p); }
    static float load_one(const std::byte* p) noexcept { return float_at(p); }

    struct Reach {
        F32 threshold;

        explicit Reach(float t) noexcept : threshold(F32::broadcast(t)) {}

        bool any(const std::byte* p) const noexcept {
            F32::Mask reached = F32::at_least(load(p), threshold);
            for (std::ptrdiff_t i = F32::lanes; i < block; i += F32::lanes)
                reached = F32::either(reached, F32::at_least(load(p + i * size), threshold));
            return F32::bits(reached) != 0;
        }
    };
};

// Both 16-bit floats are a sign and a magnitude, so as words those that reach a
// threshold are a range, NaNs of their signs with them:
//
//   t > 0:   [t, 0x7fff]       the positive ones from t on
//   t <= 0:  [0, 0x8000 | -t]  the positive ones, and the negative ones up to -t
//
// A word w is in [first, first + span] if w - first, as it wraps, is at most span.
struct ReachOf16Bits {
    U16 first;
    U16 span;

    // `magnitude`: of the threshold, rounded towards zero.
    ReachOf16Bits(float threshold, std::uint16_t magnitude) noexcept
        : first(U16::broadcast(threshold > 0 ? magnitude : std::uint16_t{0})),
          span(U16::broadcast(span_of(threshold, magnitude))) {}

    static std::uint16_t span_of(float threshold, std::uint16_t magnitude) noexcept {
        if (threshold > 0) return static_cast<std::uint16_t>(0x7fffU - magnitude);
        // Nothing reaches NaN.
        return threshold <= 0 ? static_cast<std::uint16_t>(0x8000U | magnitude) : std::uint16_t{0};
    }

    bool any(const std::byte* p) const noexcept {
        U16 least = U16::minus(U16::load(p), first);
        for (std::ptrdiff_t i = U16::lanes; i < block; i += U16::lanes)
            least = U16::least(least, U16::minus(U16::load(p + 2 * i), first));
        return U16::any_at_most(least, span);
    }
};

struct AsF16 {
    static constexpr std::ptrdiff_t size = 2;
    static F32 load(const std::byte* p) noexcept { return F32::load_f16(p); }
    static float load_one(const std::byte* p) noexcept { return float_of_f16(u16_at(p)); }

    struct Reach : ReachOf16Bits {
        explicit Reach(float t) noexcept : ReachOf16Bits(t, f16_magnitude(t)) {}
    };
};

struct AsBF16 {
    static constexpr std::ptrdiff_t size = 2;
    static F32 load(const std::byte* p) noexcept { return F32::load_bf16(p); }
    static float load_one(const std::byte* p) noexcept { return float_of_bf16(u16_at(p)); }

    struct Reach : ReachOf16Bits {
        explicit Reach(float t) noexcept : ReachOf16Bits(t, bf16_magnitude(t)) {}
    };
};
