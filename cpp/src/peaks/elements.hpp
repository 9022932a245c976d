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

inline const std::byte* address_of(const TensorView& view, std::int64_t c, std::int64_t y,
                                   std::int64_t x) noexcept {
    return view.data + c * view.channel_stride + y * view.row_stride + x * view.column_stride;
}

inline float read_element(const TensorView& view, std::int64_t c, std::int64_t y,
                          std::int64_t x) noexcept {
    return read_element(address_of(view, c, y, x), view.type);
}

}  // namespace centerdecode
