// What a thread needs for a decode.
#pragma once

#include <centerdecode/decoder.hpp>

#include <vector>

namespace capi {

struct Memory {
    std::vector<centerdecode::BatchView> heads;
    centerdecode::Scratch scratch;
    centerdecode::Detections found;
};

// This thread's, kept for its next decode unless it grew large.
Memory& memory_of_thread();

}  // namespace capi
