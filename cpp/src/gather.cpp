#include <centerdecode/gather.hpp>

#include "elements.hpp"

namespace centerdecode {

void gather(const TensorView& head, std::int64_t y, std::int64_t x, float* out) noexcept {
    for (std::int64_t c = 0; c < head.channels; ++c) out[c] = read_element(head, c, y, x);
}

}  // namespace centerdecode
