#include "tensors.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace centerdecode {
namespace {

// What is pointed to where nothing is read: a view of nullptr means that there is no head.
constexpr std::byte nothing{};

ElementType element_type_of(const ov::element::Type& type) {
    if (type == ov::element::f16) return ElementType::f16;
    if (type == ov::element::bf16) return ElementType::bf16;
    return ElementType::f32;
}

BatchView view_of(const std::byte* data, const ov::element::Type& type, const ov::Shape& shape,
                  const ov::Strides& strides, Layout layout) {
    const std::size_t c = layout == Layout::nchw ? 1 : 3;
    const std::size_t y = layout == Layout::nchw ? 2 : 1;
    const std::size_t x = y + 1;
    const auto extent = [&](std::size_t axis) { return static_cast<std::int64_t>(shape[axis]); };
    const auto stride = [&](std::size_t axis) {
        return static_cast<std::ptrdiff_t>(strides[axis]);
    };
    const TensorView first{data == nullptr ? &nothing : data,
                           element_type_of(type),
                           layout,
                           extent(c),
                           extent(y),
                           extent(x),
                           stride(c),
                           stride(y),
                           stride(x)};
    return {first, extent(0), stride(0)};
}

}  // namespace

bool is_read(const ov::element::Type& type) {
    return type == ov::element::f32 || type == ov::element::f16 || type == ov::element::bf16;
}

std::vector<BatchView> views_of(const ov::TensorVector& heads, Layout layout) {
    std::vector<BatchView> views;
    views.reserve(heads.size());
    for (const ov::Tensor& head : heads)
        views.push_back(view_of(static_cast<const std::byte*>(head.data()), head.get_element_type(),
                                head.get_shape(), head.get_strides(), layout));
    return views;
}

std::vector<BatchView> shapes_only(const std::vector<ov::Shape>& heads, Layout layout) {
    std::vector<BatchView> views;
    views.reserve(heads.size());
    for (const ov::Shape& head : heads)
        views.push_back(view_of(nullptr, ov::element::f32, head, ov::Strides(4, 0), layout));
    return views;
}

}  // namespace centerdecode
