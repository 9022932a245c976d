// The functions of centerdecode.h that read heads.
#include "detections.hpp"
#include "handle.hpp"
#include "memory.hpp"
#include "place.hpp"
#include "status.hpp"
#include "tensors.hpp"

using capi::Memory;
using capi::require;
using capi::run;

namespace {

// This thread's memory, with views of the heads.
Memory& view(const centerdecode_decoder* decoder, const centerdecode_tensor* heads, size_t n) {
    require(decoder != nullptr, "decoder must not be NULL");
    Memory& memory = capi::memory_of_thread();
    capi::view_heads(decoder->decoder, heads, n, memory.heads);
    return memory;
}

}  // namespace

centerdecode_status centerdecode_num_images(const centerdecode_decoder* decoder,
                                            const centerdecode_tensor* heads, size_t n,
                                            int64_t* num_images, char* message,
                                            size_t message_size) {
    return run({message, message_size}, CENTERDECODE_INVALID_HEADS, [&] {
        require(num_images != nullptr, "num_images must not be NULL");
        const Memory& memory = view(decoder, heads, n);
        *num_images = decoder->decoder.num_images(memory.heads);
    });
}

centerdecode_status centerdecode_num_keypoints(const centerdecode_decoder* decoder,
                                               const centerdecode_tensor* heads, size_t n,
                                               int64_t* num_keypoints, char* message,
                                               size_t message_size) {
    return run({message, message_size}, CENTERDECODE_INVALID_HEADS, [&] {
        require(num_keypoints != nullptr, "num_keypoints must not be NULL");
        const Memory& memory = view(decoder, heads, n);
        *num_keypoints = decoder->decoder.num_keypoints(memory.heads);
    });
}

centerdecode_status centerdecode_decode(const centerdecode_decoder* decoder,
                                        const centerdecode_tensor* heads, size_t n, int64_t image,
                                        const centerdecode_placement* placement,
                                        centerdecode_detections* found, char* message,
                                        size_t message_size) {
    return run({message, message_size}, CENTERDECODE_INVALID_HEADS, [&] {
        capi::require_buffers(found);
        const capi::Place place(placement);
        Memory& memory = view(decoder, heads, n);
        decoder->decoder.decode(memory.heads, image, place.placement(), memory.scratch,
                                memory.found);
        capi::write(memory.found, *found);
    });
}
