#include "tensors.hpp"

#include "status.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

namespace capi {
namespace {

using centerdecode::BatchView;
using centerdecode::ElementType;
using centerdecode::Layout;

// Every axis, and all elements together, can be counted and addressed.
constexpr std::int64_t most_extent = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t most_elements = std::numeric_limits<std::int64_t>::max() / 8;

[[noreturn]] void refuse(const std::string& name, const std::string& rule) {
    throw Failure(CENTERDECODE_INVALID_HEADS, name + " must " + rule);
}

ElementType element_type_of(const std::string& name, std::int32_t type) {
    switch (type) {
        case CENTERDECODE_F32: return ElementType::f32;
        case CENTERDECODE_F16: return ElementType::f16;
        case CENTERDECODE_BF16: return ElementType::bf16;
        default: break;
    }
    refuse(name,
           "be of element_type CENTERDECODE_F32, CENTERDECODE_F16 or CENTERDECODE_BF16, got " +
               std::to_string(type));
}

std::string shape_of(const centerdecode_tensor& tensor) {
    std::string shape;
    for (std::int32_t axis = 0; axis < tensor.rank; ++axis)
        shape += (axis == 0 ? "" : ", ") + std::to_string(tensor.shape[axis]);
    return "(" + shape + ")";
}

// Whether there are elements. Strides of all axes can be counted even where there are none.
bool has_elements(const std::string& name, const centerdecode_tensor& tensor) {
    std::int64_t count = 1;
    bool is_empty = false;
    for (std::int32_t axis = 0; axis < tensor.rank; ++axis) {
        const std::int64_t extent = tensor.shape[axis];
        if (extent < 0 || extent > most_extent)
            refuse(name, "have a shape of extents from 0 to " + std::to_string(most_extent) +
                             ", got " + std::to_string(extent));
        is_empty = is_empty || extent == 0;
        if (extent == 0) continue;
        if (count > most_elements / extent)
            refuse(name, "have a shape of at most " + std::to_string(most_elements) +
                             " elements, where 0 counts as 1, got " + shape_of(tensor));
        count *= extent;
    }
    return !is_empty;
}

BatchView view_head(const std::string& name, const centerdecode_tensor& tensor, Layout layout) {
    require_size("centerdecode_tensor", tensor.struct_size, sizeof tensor);
    const ElementType type = element_type_of(name, tensor.element_type);
    if (tensor.rank != 3 && tensor.rank != 4)
        refuse(name, std::string("be of shape ") + centerdecode::shapes_of(layout) + ", got rank " +
                         std::to_string(tensor.rank));
    if (has_elements(name, tensor) && tensor.data == nullptr) refuse(name, "have data, got NULL");
    const auto rank = static_cast<std::size_t>(tensor.rank);
    std::array<std::ptrdiff_t, 4> strides{};
    std::copy_n(&tensor.byte_strides[0], rank, strides.begin());
    const bool dense =
        std::all_of(strides.begin(), strides.end(), [](auto stride) { return stride == 0; });
    return centerdecode::view_of(tensor.data, type, layout, rank, &tensor.shape[0],
                                 dense ? nullptr : strides.data());
}

}  // namespace

void view_heads(const centerdecode::Decoder& decoder, const centerdecode_tensor* heads,
                std::size_t n, std::vector<BatchView>& views) {
    const auto& names = decoder.heads();
    centerdecode::require_heads(names, n);
    require(heads != nullptr, "heads must not be NULL");
    views.clear();
    for (std::size_t i = 0; i < n; ++i)
        views.push_back(view_head(names[i], heads[i], decoder.settings().layout));
}

}  // namespace capi
