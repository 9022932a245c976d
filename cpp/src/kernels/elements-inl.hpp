// How the elements of a heatmap become lanes of F32, one struct per type. The
// including .cpp has defined F32.

struct AsF32 {
    static constexpr std::ptrdiff_t size = 4;
    static F32 load(const std::byte* p) noexcept { return F32::load_f32(p); }
    static float load_one(const std::byte* p) noexcept { return float_at(p); }
};

struct AsF16 {
    static constexpr std::ptrdiff_t size = 2;
    static F32 load(const std::byte* p) noexcept { return F32::load_f16(p); }
    static float load_one(const std::byte* p) noexcept { return float_of_f16(u16_at(p)); }
};

struct AsBF16 {
    static constexpr std::ptrdiff_t size = 2;
    static F32 load(const std::byte* p) noexcept { return F32::load_bf16(p); }
    static float load_one(const std::byte* p) noexcept { return float_of_bf16(u16_at(p)); }
};
