// How one head of one image lies in memory. Nothing is owned and nothing is copied.
#pragma once

#include <cstddef>
#include <cstdint>

namespace centerdecode {

enum class ElementType : std::uint8_t { f32, f16, bf16 };

// The order in which the cells of a head are numbered: (C, H, W) or (H, W, C).
enum class Layout : std::uint8_t { nchw, nhwc };

// The element of channel c at cell (y, x) starts at
// data + c * channel_stride + y * row_stride + x * column_stride. Strides are
// in bytes, may be negative, and need not be multiples of the element.
struct TensorView {
    const std::byte* data = nullptr;
    ElementType type = ElementType::f32;
    Layout layout = Layout::nchw;
    std::int64_t channels = 0;
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::ptrdiff_t channel_stride = 0;
    std::ptrdiff_t row_stride = 0;
    std::ptrdiff_t column_stride = 0;
};

}  // namespace centerdecode
