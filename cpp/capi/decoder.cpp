// The functions of centerdecode.h that tell of a decoder, and of the library.
#include "handle.hpp"
#include "status.hpp"

#include <centerdecode/isa.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using capi::require;
using capi::run;

static_assert(sizeof(void*) != 8 || sizeof(centerdecode_tensor) == 152);
static_assert(sizeof(void*) != 8 || sizeof(centerdecode_placement) == 24);
static_assert(sizeof(void*) != 8 || sizeof(centerdecode_detections) == 64);

int32_t centerdecode_abi_version(void) { return CENTERDECODE_ABI_VERSION; }

const char* centerdecode_version(void) { return CENTERDECODE_VERSION; }

const char* centerdecode_status_name(centerdecode_status status) {
    switch (status) {
        case CENTERDECODE_OK: return "CENTERDECODE_OK";
        case CENTERDECODE_INVALID_ARGUMENT: return "CENTERDECODE_INVALID_ARGUMENT";
        case CENTERDECODE_INVALID_STRUCT: return "CENTERDECODE_INVALID_STRUCT";
        case CENTERDECODE_INVALID_SETTINGS: return "CENTERDECODE_INVALID_SETTINGS";
        case CENTERDECODE_INVALID_HEADS: return "CENTERDECODE_INVALID_HEADS";
        case CENTERDECODE_TOO_SMALL: return "CENTERDECODE_TOO_SMALL";
        case CENTERDECODE_NO_MEMORY: return "CENTERDECODE_NO_MEMORY";
        case CENTERDECODE_INTERNAL: return "CENTERDECODE_INTERNAL";
        default: return "unknown";
    }
}

centerdecode_status centerdecode_decoder_create(const char* settings,
                                                centerdecode_decoder** decoder, char* message,
                                                size_t message_size) {
    return run({message, message_size}, CENTERDECODE_INVALID_SETTINGS, [&] {
        require(decoder != nullptr, "decoder must not be NULL");
        *decoder = nullptr;
        require(settings != nullptr, "settings must not be NULL");
        centerdecode::active_isa();  // says now what a decode would say else
        std::unique_ptr<centerdecode_decoder> own(
            new centerdecode_decoder{centerdecode::Decoder(settings)});
        *decoder = own.release();
    });
}

void centerdecode_decoder_destroy(centerdecode_decoder* decoder) {
    const std::unique_ptr<centerdecode_decoder> own(decoder);
}

size_t centerdecode_decoder_head_count(const centerdecode_decoder* decoder) {
    return decoder == nullptr ? 0 : decoder->decoder.heads().size();
}

const char* centerdecode_decoder_head_name(const centerdecode_decoder* decoder, size_t i) {
    if (i >= centerdecode_decoder_head_count(decoder)) return nullptr;
    return decoder->decoder.heads()[i].c_str();
}

size_t centerdecode_decoder_top_k(const centerdecode_decoder* decoder) {
    return decoder == nullptr ? 0 : decoder->decoder.top_k();
}

centerdecode_status centerdecode_match_heads(const centerdecode_decoder* decoder,
                                             const char* const* names, size_t n, int32_t* index,
                                             char* message, size_t message_size) {
    return run({message, message_size}, CENTERDECODE_INVALID_ARGUMENT, [&] {
        require(decoder != nullptr, "decoder must not be NULL");
        require(index != nullptr, "index must not be NULL");
        require(names != nullptr || n == 0, "names must not be NULL");
        require(n <= INT32_MAX, "n must be a number that index can hold");
        std::vector<std::vector<std::string>> outputs;
        for (size_t i = 0; i < n; ++i) {
            require(names[i] != nullptr, "names must not have NULL");
            outputs.push_back({names[i]});
        }
        for (const auto& found : decoder->decoder.match_heads(outputs))
            *index++ = found ? static_cast<std::int32_t>(*found) : -1;
    });
}
