#include "peaks/elements.hpp"

namespace centerdecode {
namespace {
#include "kernels/widen-inl.hpp"
}  // namespace

std::ptrdiff_t size_of(ElementType type) noexcept { return type == ElementType::f32 ? 4 : 2; }

float read_half_element(const std::byte* p, ElementType type) noexcept {
    return type == ElementType::f16 ? float_of_f16(u16_at(p)) : float_of_bf16(u16_at(p));
}

}  // namespace centerdecode
