#include <centerdecode/heads.hpp>

#include "peaks/elements.hpp"

#include <array>
#include <stdexcept>

namespace centerdecode {
namespace {

using std::to_string;

const char* name_of(ElementType type) noexcept {
    constexpr const char* names[] = {"f32", "f16", "bf16", "i8",  "u8", "i16",
                                     "u16", "i32", "u32",  "i64", "u64"};
    return names[static_cast<std::size_t>(type)];
}

using Strides = std::array<std::ptrdiff_t, 4>;

Strides dense_strides(ElementType type, std::size_t rank, const std::int64_t* shape) noexcept {
    Strides dense{};
    std::ptrdiff_t stride = size_of(type);
    for (std::size_t axis = rank; axis-- > 0; stride *= shape[axis]) dense[axis] = stride;
    return dense;
}

}  // namespace

const char* shapes_of(Layout layout) noexcept {
    return layout == Layout::nchw ? "(C, H, W) or (B, C, H, W)" : "(H, W, C) or (B, H, W, C)";
}

BatchView view_of(const void* data, ElementType type, Layout layout, std::size_t rank,
                  const std::int64_t* shape, const std::ptrdiff_t* byte_strides) noexcept {
    const Strides dense = dense_strides(type, rank, shape);
    if (byte_strides == nullptr) byte_strides = dense.data();
    const bool planar = layout == Layout::nchw;
    const std::size_t first = rank - 3;
    const std::size_t c = planar ? first : first + 2;
    const std::size_t y = planar ? first + 1 : first;
    const std::size_t x = y + 1;
    const TensorView item{static_cast<const std::byte*>(data),
                          type,
                          layout,
                          shape[c],
                          shape[y],
                          shape[x],
                          byte_strides[c],
                          byte_strides[y],
                          byte_strides[x]};
    if (rank == 3) return {item, 1, 0};
    return {item, shape[0], byte_strides[0]};
}

BatchView view_of_table(const void* data, ElementType type, std::size_t rank,
                        const std::int64_t* shape, const std::ptrdiff_t* byte_strides) noexcept {
    const Strides dense = dense_strides(type, rank, shape);
    if (byte_strides == nullptr) byte_strides = dense.data();
    TensorView item{static_cast<const std::byte*>(data), type, Layout::nchw, 1, 1, 1, 0, 0, 0};
    const auto take = [&](std::size_t axis, std::int64_t& extent, std::ptrdiff_t& stride) {
        extent = shape[axis];
        stride = byte_strides[axis];
    };
    if (rank > 1) take(1, item.channels, item.channel_stride);
    if (rank > 2) take(rank - 1, item.width, item.column_stride);
    if (rank > 3) take(2, item.height, item.row_stride);
    return {item, shape[0], byte_strides[0]};
}

TensorView item_of(const BatchView& head, std::int64_t i) noexcept {
    TensorView view = head.first;
    view.data += i * head.batch_stride;
    return view;
}

std::string describe(const BatchView& head) {
    const TensorView& view = head.first;
    const bool planar = view.layout == Layout::nchw;
    const std::string channels = to_string(view.channels);
    const std::string grid = to_string(view.height) + ", " + to_string(view.width);
    return std::string("got ") + name_of(view.type) + " (" + to_string(head.batch) + ", " +
           (planar ? channels + ", " + grid : grid + ", " + channels) + ")";
}

void require_heads(const std::vector<std::string>& names, std::size_t given) {
    if (names.size() == given) return;
    std::string wanted;
    for (const std::string& name : names) wanted += (wanted.empty() ? "" : ", ") + name;
    throw std::invalid_argument("heads must be " + wanted + ", got " + to_string(given) +
                                " of them");
}

}  // namespace centerdecode
