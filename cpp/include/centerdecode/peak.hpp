// One peak. Apart from peaks.hpp, so that kernels can name it without std containers.
#pragma once

#include <cstdint>

namespace centerdecode {

// `value` is the raw element (a logit where the activation is sigmoid). `index`
// numbers the cells in the heatmap's own layout, without regard to strides:
// (c * H + y) * W + x for NCHW, (y * W + x) * C + c for NHWC.
struct Peak {
    float value;
    std::int64_t index;
};

}  // namespace centerdecode
