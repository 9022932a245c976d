#include "elements.hpp"

namespace centerdecode {
namespace {
#include "kernels/widen-inl.hpp"
}  // namespace

std::ptrdiff_t size_of(ElementType type) noexcept { return type == ElementType::f32 ? 4 : 2; }

float read_element(const std::byte* p, ElementType type) noexcept {
    switch (type) {
        case ElementType::f16: return float_of_f16(u16_at(p));
        case ElementType::bf16: return float_of_bf16(u16_at(p));
        case ElementType::f32: break;
    }
    return float_at(p);
}

}  // namespace centerdecode
