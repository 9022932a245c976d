#include "peaks/elements.hpp"

namespace centerdecode {
namespace {
#include "kernels/widen-inl.hpp"

template <class T>
double whole_at(const std::byte* p) noexcept {
    T number = 0;
    std::memcpy(&number, p, sizeof number);
    return static_cast<double>(number);
}

}  // namespace

std::ptrdiff_t size_of(ElementType type) noexcept {
    switch (type) {
        case ElementType::i8:
        case ElementType::u8: return 1;
        case ElementType::f16:
        case ElementType::bf16:
        case ElementType::i16:
        case ElementType::u16: return 2;
        case ElementType::i64:
        case ElementType::u64: return 8;
        default: return 4;
    }
}

float read_half_element(const std::byte* p, ElementType type) noexcept {
    return type == ElementType::f16 ? float_of_f16(u16_at(p)) : float_of_bf16(u16_at(p));
}

double read_number(const std::byte* p, ElementType type) noexcept {
    switch (type) {
        case ElementType::i8: return whole_at<std::int8_t>(p);
        case ElementType::u8: return whole_at<std::uint8_t>(p);
        case ElementType::i16: return whole_at<std::int16_t>(p);
        case ElementType::u16: return whole_at<std::uint16_t>(p);
        case ElementType::i32: return whole_at<std::int32_t>(p);
        case ElementType::u32: return whole_at<std::uint32_t>(p);
        case ElementType::i64: return whole_at<std::int64_t>(p);
        case ElementType::u64: return whole_at<std::uint64_t>(p);
        default: return read_element(p, type);
    }
}

}  // namespace centerdecode
