// One element of a head, widened to float, wherever it lies.
#pragma once

#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace centerdecode {

std::ptrdiff_t size_of(ElementType type) noexcept;

float read_half_element(const std::byte* p, ElementType type) noexcept;

inline float read_element(const std::byte* p, ElementType type) noexcept {
    if (type != ElementType::f32) return read_half_element(p, type);
    float value = 0.0F;
    std::memcpy(&value, p, sizeof value);
    return value;
}

// The same where whole numbers are stored, too, as in tables. An int64 beyond 2^53 is rounded.
double read_number(const std::byte* p, ElementType type) noexcept;

// Whether heads on a grid may hold it.
inline bool is_float(ElementType type) noexcept {
    return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16;
}

inline bool is_half(ElementType type) noexcept {
    return type == ElementType::f16 || type == ElementType::bf16;
}

inline const std::byte* address_of(const TensorView& view, std::int64_t c, std::int64_t y,
                                   std::int64_t x) noexcept {
    return view.data + c * view.channel_stride + y * view.row_stride + x * view.column_stride;
}

inline float read_element(const TensorView& view, std::int64_t c, std::int64_t y,
                          std::int64_t x) noexcept {
    return read_element(address_of(view, c, y, x), view.type);
}

inline double read_number(const TensorView& view, std::int64_t c, std::int64_t y,
                          std::int64_t x) noexcept {
    return read_number(address_of(view, c, y, x), view.type);
}

}  // namespace centerdecode
