#include "tensors.hpp"

#include "status.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace capi {
namespace {

using centerdecode::BatchView;
using centerdecode::ElementType;
using centerdecode::HeadForm;
using centerdecode::Layout;

// Every axis, and all elements together, can be counted and addressed.
constexpr std::int64_t most_extent = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t most_elements = std::numeric_limits<std::int64_t>::max() / 8;

// What is pointed to where nothing is read: a view of nullptr means that there is no head.
constexpr std::byte nothing{};

[[noreturn]] void refuse(const std::string& name, const std::string& rule) {
    throw Failure(CENTERDECODE_INVALID_HEADS, name + " must " + rule);
}

// The types of numbers on a grid come first.
constexpr std::array<ElementType, 11> element_types{
    ElementType::f32, ElementType::f16, ElementType::bf16, ElementType::i8,
    ElementType::u8,  ElementType::i16, ElementType::u16,  ElementType::i32,
    ElementType::u32, ElementType::i64, ElementType::u64};

ElementType element_type_of(const std::string& name, std::int32_t type, HeadForm form) {
    const std::size_t count = form == HeadForm::grid ? 3 : element_types.size();
    const std::int64_t place = std::int64_t{type} - CENTERDECODE_F32;
    if (place >= 0 && place < static_cast<std::int64_t>(count))
        return element_types[static_cast<std::size_t>(place)];
    const char* rule =
        form == HeadForm::grid
            ? "be of element_type CENTERDECODE_F32, CENTERDECODE_F16 or "
              "CENTERDECODE_BF16, got "
            : "be of an element_type from CENTERDECODE_F32 to CENTERDECODE_U64, got ";
    refuse(name, rule + std::to_string(type));
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

void require_rank(const std::string& name, std::int32_t rank, HeadForm form, Layout layout) {
    const std::string got = ", got rank " + std::to_string(rank);
    if (form == HeadForm::grid && rank != 3 && rank != 4)
        refuse(name, std::string("be of shape ") + centerdecode::shapes_of(layout) + got);
    if (form == HeadForm::table && (rank < 1 || rank > 4))
        refuse(name, "be a table of rank 1 to 4" + got);
}

BatchView view_head(const std::string& name, const centerdecode_tensor& tensor, HeadForm form,
                    Layout layout) {
    require_size("centerdecode_tensor", tensor.struct_size, sizeof tensor);
    if (tensor.data == nullptr && tensor.rank == 0) return {};  // the model lacks it
    const ElementType type = element_type_of(name, tensor.element_type, form);
    require_rank(name, tensor.rank, form, layout);
    const bool is_empty = !has_elements(name, tensor);
    if (!is_empty && tensor.data == nullptr) refuse(name, "have data, got NULL");
    const void* data = tensor.data == nullptr ? &nothing : tensor.data;
    const auto rank = static_cast<std::size_t>(tensor.rank);
    std::array<std::ptrdiff_t, 4> strides{};
    std::copy_n(&tensor.byte_strides[0], rank, strides.begin());
    const bool is_dense =
        std::all_of(strides.begin(), strides.end(), [](auto stride) { return stride == 0; });
    const std::ptrdiff_t* own = is_dense ? nullptr : strides.data();
    if (form == HeadForm::table)
        return centerdecode::view_of_table(data, type, rank, &tensor.shape[0], own);
    return centerdecode::view_of(data, type, layout, rank, &tensor.shape[0], own);
}

}  // namespace

void view_heads(const centerdecode::Decoder& decoder, const centerdecode_tensor* heads,
                std::size_t n, std::vector<BatchView>& views) {
    const auto& names = decoder.heads();
    centerdecode::require_heads(names, n);
    require(heads != nullptr, "heads must not be NULL");
    views.clear();
    for (std::size_t i = 0; i < n; ++i)
        views.push_back(view_head(names[i], heads[i], decoder.form(i), decoder.layout()));
}

}  // namespace capi
