// Reads one element and widens it exactly. For use inside an anonymous
// namespace: nothing here names a header or has linkage of its own.

inline float float_at(const std::byte* p) noexcept {
    float x = 0.0F;
    __builtin_memcpy(&x, p, sizeof x);
    return x;
}

inline std::uint16_t u16_at(const std::byte* p) noexcept {
    std::uint16_t x = 0;
    __builtin_memcpy(&x, p, sizeof x);
    return x;
}

inline float float_of_bits(std::uint32_t bits) noexcept {
    float x = 0.0F;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

// bf16 is the upper half of an f32.
inline float float_of_bf16(std::uint16_t bits) noexcept {
    return float_of_bits(static_cast<std::uint32_t>(bits) << 16);
}

// f16:  s eeeee mmmmmmmmmm      f32:  s eeeeeeee mmmmmmmmmm0000000000000
//
// Three cases: the exponent all ones (inf, NaN), zero (subnormal: m * 2^-24),
// and all others, which only need their exponent moved from bias 15 to 127.
// Nothing here touches a subnormal f32, so flush-to-zero modes cannot matter.
inline float float_of_f16(std::uint16_t half) noexcept {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
    const std::uint32_t exponent = half & 0x7c00U;
    const std::uint32_t mantissa = half & 0x03ffU;
    if (exponent == 0x7c00U) return float_of_bits(sign | 0x7f800000U | mantissa << 13);
    if (exponent == 0) {
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
        return sign != 0 ? -magnitude : magnitude;
    }
    return float_of_bits(sign | (((exponent + (112U << 10)) | mantissa) << 13));
}

inline std::uint32_t bits_of_float(float x) noexcept {
    std::uint32_t bits = 0;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

// The magnitude of a number as the word of a 16-bit float, rounded towards zero.
inline std::uint16_t bf16_magnitude(float x) noexcept {
    return static_cast<std::uint16_t>(bits_of_float(x) >> 16 & 0x7fffU);
}

inline std::uint16_t f16_magnitude(float x) noexcept {
    const float magnitude = x < 0 ? -x : x;
    if (magnitude < 0x1p-14F) return static_cast<std::uint16_t>(magnitude * 0x1p24F);
    if (magnitude < 0x1p16F)
        return static_cast<std::uint16_t>((bits_of_float(magnitude) >> 13) - (112U << 10));
    return magnitude <= 3.4e38F ? 0x7bffU : 0x7c00U;
}
