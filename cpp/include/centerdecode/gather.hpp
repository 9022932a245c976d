// The numbers of any head at some cells.
#pragma once

#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>

namespace centerdecode {

// Writes the channels of `head` at the n cells (ys[i], xs[i]), widened to float, to
// out[i * channels ...].
void gather(const TensorView& head, const std::int32_t* ys, const std::int32_t* xs, std::size_t n,
            float* out) noexcept;

}  // namespace centerdecode
