// What a thread needs for a decode.
#pragma once

#include "centerdecode.h"

#include <centerdecode/decoder.hpp>

#include <cstddef>
#include <vector>

namespace capi {

struct Memory {
    std::vector<centerdecode::BatchView> heads;
    centerdecode::Scratch scratch;
    centerdecode::Detections found;
};

// This thread's, kept for its next decode unless it grew large.
Memory& memory_of_thread();

// This thread's, with views of the heads. Throws Failure.
Memory& view(const centerdecode_decoder* decoder, const centerdecode_tensor* heads, std::size_t n);

}  // namespace capi
