#include <centerdecode/gather.hpp>

#include "peaks/elements.hpp"

#include <cstdlib>

namespace centerdecode {

void gather(const TensorView& head, const std::int32_t* ys, const std::int32_t* xs, std::size_t n,
            float* out) noexcept {
    const auto read = [&](std::size_t i, std::int64_t c) {
        out[static_cast<std::int64_t>(i) * head.channels + c] = read_element(head, c, ys[i], xs[i]);
    };
    // What lies close together is read together: cells of one plane, or channels of one cell.
    if (std::abs(head.channel_stride) > std::abs(head.row_stride)) {
        for (std::int64_t c = 0; c < head.channels; ++c)
            for (std::size_t i = 0; i < n; ++i) read(i, c);
        return;
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::int64_t c = 0; c < head.channels; ++c) read(i, c);
}

}  // namespace centerdecode
