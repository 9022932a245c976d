// Tensors of C as views of the core.
#pragma once

#include "centerdecode.h"

#include <centerdecode/decoder.hpp>

#include <cstddef>
#include <vector>

namespace capi {

// Fills `views` with the heads of a decoder, in its order. Throws Failure.
void view_heads(const centerdecode::Decoder& decoder, const centerdecode_tensor* heads,
                std::size_t n, std::vector<centerdecode::BatchView>& views);

}  // namespace capi
