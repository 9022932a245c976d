// How the elements of a heatmap become lanes, one struct per type. The including
// .cpp has defined F32, whose `Words` are void or of the same width, and U16.
//
// `Reach` asks a block of elements whether one of them reaches a threshold. It
// may say yes where none does, for the scan then looks at each; never no.

constexpr std::ptrdiff_t block = F32::lanes * F32::vectors_per_block;

// As integers, floats of one sign are in order. So those that reach a threshold t are a
// range of words, and it is enough to ask the extreme one of a block, with one
// instruction a vector where comparisons of floats take two:
//
//   t > 0:   the greatest signed word, from t's on, NaNs with them
//   t <= 0:  the least unsigned word, up to -|t|'s, positive NaNs with them
template <class Words, bool positive>
struct ReachOfWords {
    using Word = typename Words::Word;
    static constexpr std::ptrdiff_t size = sizeof(Word);
    static constexpr auto sign = static_cast<Word>(Word{1} << (8 * size - 1));
    Words bound;

    // `magnitude`: the word of |t|, rounded towards zero.
    explicit ReachOfWords(Word magnitude) noexcept
        : bound(Words::broadcast(static_cast<Word>(positive ? magnitude : sign | magnitude))) {}

    bool any(const std::byte* p) const noexcept {
        Words extreme = Words::load(p);
        for (std::ptrdiff_t i = Words::lanes; i < block; i += Words::lanes)
            extreme = further(extreme, Words::load(p + i * size));
        return positive ? Words::any_at_least(extreme, bound) : Words::any_at_most(extreme, bound);
    }

    static Words further(Words a, Words b) noexcept {
        return positive ? Words::greatest(a, b) : Words::least(a, b);
    }
};

// The same by comparing floats, for instruction sets that have no least of words.
struct ReachOfFloats {
    F32 threshold;

    explicit ReachOfFloats(float t) noexcept : threshold(F32::broadcast(t)) {}

    bool any(const std::byte* p) const noexcept {
        F32::Mask reached = F32::at_least(F32::load_f32(p), threshold);
        for (std::ptrdiff_t i = F32::lanes; i < block; i += F32::lanes)
            reached = F32::either(reached, F32::at_least(F32::load_f32(p + i * 4), threshold));
        return F32::bits(reached) != 0;
    }
};

template <class Words, bool positive>
struct ReachOfF32 : ReachOfWords<Words, positive> {
    explicit ReachOfF32(float t) noexcept
        : ReachOfWords<Words, positive>(bits_of_float(t) & 0x7fffffffU) {}
};

template <bool positive>
struct ReachOfF32<void, positive> : ReachOfFloats {
    using ReachOfFloats::ReachOfFloats;
};

struct AsF32 {
    static constexpr std::ptrdiff_t size = 4;
    static F32 load(const std::byte* p) noexcept { return F32::load_f32(p); }
    static float load_one(const std::byte* p) noexcept { return float_at(p); }

    template <bool positive>
    using Reach = ReachOfF32<F32::Words, positive>;
};

struct AsF16 {
    static constexpr std::ptrdiff_t size = 2;
    static F32 load(const std::byte* p) noexcept { return F32::load_f16(p); }
    static float load_one(const std::byte* p) noexcept { return float_of_f16(u16_at(p)); }

    template <bool positive>
    struct Reach : ReachOfWords<U16, positive> {
        explicit Reach(float t) noexcept : ReachOfWords<U16, positive>(f16_magnitude(t)) {}
    };
};

struct AsBF16 {
    static constexpr std::ptrdiff_t size = 2;
    static F32 load(const std::byte* p) noexcept { return F32::load_bf16(p); }
    static float load_one(const std::byte* p) noexcept { return float_of_bf16(u16_at(p)); }

    template <bool positive>
    struct Reach : ReachOfWords<U16, positive> {
        explicit Reach(float t) noexcept : ReachOfWords<U16, positive>(bf16_magnitude(t)) {}
    };
};
