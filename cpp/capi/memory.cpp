#include "memory.hpp"

#include <cstddef>

namespace capi {
namespace {

// A list that once needed more than this is not kept.
constexpr std::size_t most_kept = 1 << 16;

bool is_large(const Memory& memory) noexcept {
    const centerdecode::Scratch& scratch = memory.scratch;
    return scratch.peaks.capacity() > most_kept || scratch.pose.peaks.capacity() > most_kept ||
           scratch.pose.candidates.capacity() > most_kept ||
           scratch.unsorted.keypoints.capacity() > most_kept ||
           memory.found.keypoints.capacity() > most_kept;
}

}  // namespace

Memory& memory_of_thread() {
    thread_local Memory memory;
    if (is_large(memory)) memory = {};
    return memory;
}

}  // namespace capi
