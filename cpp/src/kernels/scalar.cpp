// The scalar kernels: one lane, the baseline of the processor. They run
// everywhere and say what the others must agree with.
#include "kernels.hpp"

namespace centerdecode::kernels {
namespace {

#include "widen-inl.hpp"

struct F32 {
    static constexpr std::ptrdiff_t lanes = 1;
    static constexpr std::ptrdiff_t vectors_per_block = 64;
    using Words = void;          // without a least of them that is one instruction
    using Mask = std::uint32_t;  // all ones or none, which compilers make vectors of
    float v;

    static F32 load_f32(const std::byte* p) noexcept { return {float_at(p)}; }
    static F32 load_f16(const std::byte* p) noexcept { return {float_of_f16(u16_at(p))}; }
    static F32 load_bf16(const std::byte* p) noexcept { return {float_of_bf16(u16_at(p))}; }
    static F32 broadcast(float x) noexcept { return {x}; }

    static Mask greater(F32 a, F32 b) noexcept { return a.v > b.v ? ~0U : 0U; }
    static Mask at_least(F32 a, F32 b) noexcept { return a.v >= b.v ? ~0U : 0U; }
    static Mask not_greater(Mask mask, F32 a, F32 b) noexcept { return mask & ~greater(a, b); }
    static Mask not_at_least(Mask mask, F32 a, F32 b) noexcept { return mask & ~at_least(a, b); }
    static Mask either(Mask a, Mask b) noexcept { return a | b; }
    static std::uint32_t bits(Mask mask) noexcept { return mask & 1U; }
};

// As in avx2.cpp.
struct U16 {
    using Word = std::uint16_t;
    static constexpr std::ptrdiff_t lanes = 1;
    Word v;

    static U16 load(const std::byte* p) noexcept { return {u16_at(p)}; }
    static U16 broadcast(Word x) noexcept { return {x}; }
    static U16 least(U16 a, U16 b) noexcept { return b.v < a.v ? b : a; }
    static U16 greatest(U16 a, U16 b) noexcept { return as_signed(b) > as_signed(a) ? b : a; }
    static bool any_at_most(U16 a, U16 b) noexcept { return a.v <= b.v; }
    static bool any_at_least(U16 a, U16 b) noexcept { return as_signed(a) >= as_signed(b); }
    static std::int16_t as_signed(U16 a) noexcept { return static_cast<std::int16_t>(a.v); }
};

#include "elements-inl.hpp"
#include "hits-inl.hpp"
#include "neighbors-inl.hpp"
#include "scan-inl.hpp"

#include "find_peaks-inl.hpp"

}  // namespace

const Table scalar = {"scalar", find_peaks<AsF32>, find_peaks<AsF16>, find_peaks<AsBF16>};

}  // namespace centerdecode::kernels
