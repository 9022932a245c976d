// The AVX2 kernels. Built with -mavx2 and reached only through the dispatch
// table, so nothing but the kernel bodies may be compiled here: a std::vector
// used in this file could leave AVX2 code in a symbol the whole program shares.
#include "kernels.hpp"

#include <immintrin.h>

namespace centerdecode::kernels {
namespace {

#include "widen-inl.hpp"

struct U32;

struct F32 {
    static constexpr std::ptrdiff_t lanes = 8;
    static constexpr std::ptrdiff_t vectors_per_block = 8;
    using Words = U32;
    using Mask = __m256;
    __m256 v;

    static F32 load_f32(const std::byte* p) noexcept {
        return {_mm256_loadu_ps(reinterpret_cast<const float*>(p))};
    }
    static F32 load_f16(const std::byte* p) noexcept {
        return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
    }
    static F32 load_bf16(const std::byte* p) noexcept {
        const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16))};
    }
    static F32 broadcast(float x) noexcept { return {_mm256_set1_ps(x)}; }

    // Ordered comparisons: false where either side is NaN. Bit i is lane i.
    static Mask greater(F32 a, F32 b) noexcept { return _mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ); }
    static Mask at_least(F32 a, F32 b) noexcept { return _mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ); }
    // The lanes of `mask` that are not greater, or not at least: as where either side is NaN.
    static Mask not_greater(Mask mask, F32 a, F32 b) noexcept {
        return _mm256_andnot_ps(greater(a, b), mask);
    }
    static Mask not_at_least(Mask mask, F32 a, F32 b) noexcept {
        return _mm256_andnot_ps(at_least(a, b), mask);
    }
    static Mask either(Mask a, Mask b) noexcept { return _mm256_or_ps(a, b); }
    static std::uint32_t bits(Mask mask) noexcept {
        return static_cast<std::uint32_t>(_mm256_movemask_ps(mask));
    }
};

// least() and any_at_most() take words as unsigned, greatest() and any_at_least() as signed.
struct U32 {
    using Word = std::uint32_t;
    static constexpr std::ptrdiff_t lanes = 8;
    __m256i v;

    static U32 load(const std::byte* p) noexcept {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
    }
    static U32 broadcast(Word x) noexcept {
        return {_mm256_set1_epi32(static_cast<std::int32_t>(x))};
    }
    static U32 least(U32 a, U32 b) noexcept { return {_mm256_min_epu32(a.v, b.v)}; }
    static U32 greatest(U32 a, U32 b) noexcept { return {_mm256_max_epi32(a.v, b.v)}; }
    static bool any_at_most(U32 a, U32 b) noexcept { return any_equal(least(a, b), a); }
    static bool any_at_least(U32 a, U32 b) noexcept { return any_equal(greatest(a, b), a); }
    static bool any_equal(U32 a, U32 b) noexcept {
        return _mm256_movemask_epi8(_mm256_cmpeq_epi32(a.v, b.v)) != 0;
    }
};

struct U16 {
    using Word = std::uint16_t;
    static constexpr std::ptrdiff_t lanes = 16;
    __m256i v;

    static U16 load(const std::byte* p) noexcept {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
    }
    static U16 broadcast(Word x) noexcept {
        return {_mm256_set1_epi16(static_cast<std::int16_t>(x))};
    }
    static U16 least(U16 a, U16 b) noexcept { return {_mm256_min_epu16(a.v, b.v)}; }
    static U16 greatest(U16 a, U16 b) noexcept { return {_mm256_max_epi16(a.v, b.v)}; }
    static bool any_at_most(U16 a, U16 b) noexcept { return any_equal(least(a, b), a); }
    static bool any_at_least(U16 a, U16 b) noexcept { return any_equal(greatest(a, b), a); }
    static bool any_equal(U16 a, U16 b) noexcept {
        return _mm256_movemask_epi8(_mm256_cmpeq_epi16(a.v, b.v)) != 0;
    }
};

#include "elements-inl.hpp"
#include "hits-inl.hpp"
#include "neighbors-inl.hpp"
#include "scan-inl.hpp"

#include "find_peaks-inl.hpp"

}  // namespace

const Table avx2 = {"avx2", find_peaks<AsF32>, find_peaks<AsF16>, find_peaks<AsBF16>};

}  // namespace centerdecode::kernels
