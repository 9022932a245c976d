#include "memory.hpp"

#include "handle.hpp"
#include "status.hpp"
#include "tensors.hpp"

#include <algorithm>

namespace capi {
namespace {

// What once needed more is not kept: numbers of keypoints, and bytes of a column.
constexpr std::size_t most_numbers = 1 << 16;
constexpr std::size_t most_bytes = 1 << 20;

bool is_large(const centerdecode::Detections& found) noexcept {
    return found.keypoints.capacity() > most_numbers ||
           std::any_of(found.columns.begin(), found.columns.end(),
                       [](const auto& column) { return column.bytes.capacity() > most_bytes; });
}

}  // namespace

Memory& memory_of_thread() {
    thread_local Memory memory;
    memory.scratch.shrink();
    if (is_large(memory.found)) memory.found = {};
    return memory;
}

Memory& view(const centerdecode_decoder* decoder, const centerdecode_tensor* heads, std::size_t n) {
    require(decoder != nullptr, "decoder must not be NULL");
    Memory& memory = memory_of_thread();
    view_heads(decoder->decoder, heads, n, memory.heads);
    return memory;
}

}  // namespace capi
