// Tensors of one model as views of a batch, and what must hold among them.
#pragma once

#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace centerdecode {

// What a tensor is to a decoder: a map over a grid of cells, in the decoder's layout, of
// rank 3 or 4; or a table of rank 1 to 4, of an image a line, as models give it that decode
// in their own graph.
enum class HeadForm : std::uint8_t { grid, table };

// A head of all images: that of image i lies i * batch_stride bytes behind `first`. A head
// that a model lacks has no data.
struct BatchView {
    TensorView first;
    std::int64_t batch = 1;
    std::ptrdiff_t batch_stride = 0;
};

// What a head may be: "(C, H, W) or (B, C, H, W)", or the same with channels last.
const char* shapes_of(Layout layout) noexcept;

// A head of rank 3 or 4. byte_strides: one for each axis; nullptr: it is dense, and an
// int64 counts its bytes, and would if extents of 0 were 1.
BatchView view_of(const void* data, ElementType type, Layout layout, std::size_t rank,
                  const std::int64_t* shape, const std::ptrdiff_t* byte_strides = nullptr) noexcept;

// A table (B), (B, N), (B, N, W) or (B, N, H, W): N are its channels, W and H are 1 where
// there are no such axes.
BatchView view_of_table(const void* data, ElementType type, std::size_t rank,
                        const std::int64_t* shape,
                        const std::ptrdiff_t* byte_strides = nullptr) noexcept;

TensorView item_of(const BatchView& head, std::int64_t i) noexcept;

// "got f32 (1, 80, 128, 128)", axes in the order of the head's layout.
std::string describe(const BatchView& head);

// Throws std::invalid_argument where not as many heads are given as there are names.
void require_heads(const std::vector<std::string>& names, std::size_t given);

}  // namespace centerdecode
