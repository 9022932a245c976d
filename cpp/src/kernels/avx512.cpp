// The AVX-512 kernels. Built with -mavx512f -mavx512bw; the warning in avx2.cpp holds here
// too.
#include "kernels.hpp"

#include <immintrin.h>

namespace centerdecode::kernels {
namespace {

#include "widen-inl.hpp"

struct U32;

struct F32 {
    static constexpr std::ptrdiff_t lanes = 16;
    static constexpr std::ptrdiff_t vectors_per_block = 4;
    using Words = U32;
    using Mask = __mmask16;
    __m512 v;

    static F32 load_f32(const std::byte* p) noexcept { return {_mm512_loadu_ps(p)}; }
    static F32 load_f16(const std::byte* p) noexcept {
        return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
    }
    static F32 load_bf16(const std::byte* p) noexcept {
        const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16))};
    }
    static F32 broadcast(float x) noexcept { return {_mm512_set1_ps(x)}; }

    // Ordered comparisons: false where either side is NaN. Bit i is lane i.
    static Mask greater(F32 a, F32 b) noexcept { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ); }
    static Mask at_least(F32 a, F32 b) noexcept { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ); }
    static Mask not_greater(Mask mask, F32 a, F32 b) noexcept {
        return _mm512_mask_cmp_ps_mask(mask, a.v, b.v, _CMP_NGT_UQ);
    }
    static Mask not_at_least(Mask mask, F32 a, F32 b) noexcept {
        return _mm512_mask_cmp_ps_mask(mask, a.v, b.v, _CMP_NGE_UQ);
    }
    static Mask either(Mask a, Mask b) noexcept { return _mm512_kor(a, b); }
    static std::uint32_t bits(Mask mask) noexcept { return mask; }
};

// As in avx2.cpp.
struct U32 {
    using Word = std::uint32_t;
    static constexpr std::ptrdiff_t lanes = 16;
    __m512i v;

    static U32 load(const std::byte* p) noexcept { return {_mm512_loadu_si512(p)}; }
    static U32 broadcast(Word x) noexcept {
        return {_mm512_set1_epi32(static_cast<std::int32_t>(x))};
    }
    static U32 least(U32 a, U32 b) noexcept { return {_mm512_min_epu32(a.v, b.v)}; }
    static U32 greatest(U32 a, U32 b) noexcept { return {_mm512_max_epi32(a.v, b.v)}; }
    static bool any_at_most(U32 a, U32 b) noexcept {
        return _mm512_cmple_epu32_mask(a.v, b.v) != 0;
    }
    static bool any_at_least(U32 a, U32 b) noexcept {
        return _mm512_cmpge_epi32_mask(a.v, b.v) != 0;
    }
};

struct U16 {
    using Word = std::uint16_t;
    static constexpr std::ptrdiff_t lanes = 32;
    __m512i v;

    static U16 load(const std::byte* p) noexcept { return {_mm512_loadu_si512(p)}; }
    static U16 broadcast(Word x) noexcept {
        return {_mm512_set1_epi16(static_cast<std::int16_t>(x))};
    }
    static U16 least(U16 a, U16 b) noexcept { return {_mm512_min_epu16(a.v, b.v)}; }
    static U16 greatest(U16 a, U16 b) noexcept { return {_mm512_max_epi16(a.v, b.v)}; }
    static bool any_at_most(U16 a, U16 b) noexcept {
        return _mm512_cmple_epu16_mask(a.v, b.v) != 0;
    }
    static bool any_at_least(U16 a, U16 b) noexcept {
        return _mm512_cmpge_epi16_mask(a.v, b.v) != 0;
    }
};

#include "elements-inl.hpp"
#include "hits-inl.hpp"
#include "neighbors-inl.hpp"
#include "scan-inl.hpp"

#include "find_peaks-inl.hpp"

}  // namespace

const Table avx512 = {"avx512", find_peaks<AsF32>, find_peaks<AsF16>, find_peaks<AsBF16>};

}  // namespace centerdecode::kernels
