// The numbers of any head at one cell.
#pragma once

#include <centerdecode/tensor_view.hpp>

#include <cstdint>

namespace centerdecode {

// Writes the channels of `head` at cell (y, x), widened to float, to `out`.
void gather(const TensorView& head, std::int64_t y, std::int64_t x, float* out) noexcept;

}  // namespace centerdecode
