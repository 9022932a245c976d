// The NEON kernels. NEON is part of the AArch64 baseline, so this file needs no
// flag; the warning in avx2.cpp holds here too.
#include "kernels.hpp"

#include <arm_neon.h>

namespace centerdecode::kernels {
namespace {

#include "widen-inl.hpp"

struct U32;

struct F32 {
    static constexpr std::ptrdiff_t lanes = 4;
    static constexpr std::ptrdiff_t vectors_per_block = 8;
    using Words = U32;
    using Mask = uint32x4_t;
    float32x4_t v;

    // Through bytes, because an element need not be aligned.
    static F32 load_f32(const std::byte* p) noexcept {
        return {vreinterpretq_f32_u8(vld1q_u8(reinterpret_cast<const std::uint8_t*>(p)))};
    }
    static F32 load_f16(const std::byte* p) noexcept {
        return {
            vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(reinterpret_cast<const std::uint8_t*>(p))))};
    }
    static F32 load_bf16(const std::byte* p) noexcept {
        const uint8x8_t halves = vld1_u8(reinterpret_cast<const std::uint8_t*>(p));
        return {vreinterpretq_f32_u32(vshll_n_u16(vreinterpret_u16_u8(halves), 16))};
    }
    static F32 broadcast(float x) noexcept { return {vdupq_n_f32(x)}; }

    // Ordered comparisons: false where either side is NaN. Bit i is lane i.
    static Mask greater(F32 a, F32 b) noexcept { return vcgtq_f32(a.v, b.v); }
    static Mask at_least(F32 a, F32 b) noexcept { return vcgeq_f32(a.v, b.v); }
    static Mask not_greater(Mask mask, F32 a, F32 b) noexcept {
        return vbicq_u32(mask, greater(a, b));
    }
    static Mask not_at_least(Mask mask, F32 a, F32 b) noexcept {
        return vbicq_u32(mask, at_least(a, b));
    }
    static Mask either(Mask a, Mask b) noexcept { return vorrq_u32(a, b); }
    static std::uint32_t bits(Mask mask) noexcept {
        const uint32x4_t lane_bits = {1, 2, 4, 8};
        return vaddvq_u32(vandq_u32(mask, lane_bits));
    }
};

// As in avx2.cpp.
struct U32 {
    using Word = std::uint32_t;
    static constexpr std::ptrdiff_t lanes = 4;
    uint32x4_t v;

    static U32 load(const std::byte* p) noexcept {
        return {vreinterpretq_u32_u8(vld1q_u8(reinterpret_cast<const std::uint8_t*>(p)))};
    }
    static U32 broadcast(Word x) noexcept { return {vdupq_n_u32(x)}; }
    static U32 least(U32 a, U32 b) noexcept { return {vminq_u32(a.v, b.v)}; }
    static U32 greatest(U32 a, U32 b) noexcept {
        return {vreinterpretq_u32_s32(vmaxq_s32(as_signed(a), as_signed(b)))};
    }
    static bool any_at_most(U32 a, U32 b) noexcept { return vmaxvq_u32(vcleq_u32(a.v, b.v)) != 0; }
    static bool any_at_least(U32 a, U32 b) noexcept {
        return vmaxvq_u32(vcgeq_s32(as_signed(a), as_signed(b))) != 0;
    }
    static int32x4_t as_signed(U32 a) noexcept { return vreinterpretq_s32_u32(a.v); }
};

struct U16 {
    using Word = std::uint16_t;
    static constexpr std::ptrdiff_t lanes = 8;
    uint16x8_t v;

    static U16 load(const std::byte* p) noexcept {
        return {vreinterpretq_u16_u8(vld1q_u8(reinterpret_cast<const std::uint8_t*>(p)))};
    }
    static U16 broadcast(Word x) noexcept { return {vdupq_n_u16(x)}; }
    static U16 least(U16 a, U16 b) noexcept { return {vminq_u16(a.v, b.v)}; }
    static U16 greatest(U16 a, U16 b) noexcept {
        return {vreinterpretq_u16_s16(vmaxq_s16(as_signed(a), as_signed(b)))};
    }
    static bool any_at_most(U16 a, U16 b) noexcept { return vmaxvq_u16(vcleq_u16(a.v, b.v)) != 0; }
    static bool any_at_least(U16 a, U16 b) noexcept {
        return vmaxvq_u16(vcgeq_s16(as_signed(a), as_signed(b))) != 0;
    }
    static int16x8_t as_signed(U16 a) noexcept { return vreinterpretq_s16_u16(a.v); }
};

#include "elements-inl.hpp"
#include "hits-inl.hpp"
#include "neighbors-inl.hpp"
#include "scan-inl.hpp"

#include "find_peaks-inl.hpp"

}  // namespace

const Table neon = {"neon", find_peaks<AsF32>, find_peaks<AsF16>, find_peaks<AsBF16>};

}  // namespace centerdecode::kernels
