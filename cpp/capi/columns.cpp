// The functions of centerdecode.h for what is found besides boxes and keypoints.
#include "detections.hpp"
#include "handle.hpp"
#include "memory.hpp"
#include "place.hpp"
#include "status.hpp"
#include "tensors.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

using capi::Memory;
using capi::require;
using capi::run;

namespace {

// Of these heads; or of a model that lacks none.
std::vector<centerdecode::ColumnFormat> columns_of(const centerdecode_decoder* decoder,
                                                   const centerdecode_tensor* heads, size_t n) {
    require(decoder != nullptr, "decoder must not be NULL");
    if (heads != nullptr || n != 0)
        return decoder->decoder.columns(capi::view(decoder, heads, n).heads);
    return decoder->format().columns;
}

// The same text for as long as the decoder lives.
const char* keep(const centerdecode_decoder& decoder, const std::string& name) {
    const std::lock_guard lock(decoder.mutex);
    return decoder.names.insert(name).first->c_str();
}

int32_t number_of(centerdecode::ColumnType type) noexcept {
    switch (type) {
        case centerdecode::ColumnType::i32: return CENTERDECODE_I32;
        case centerdecode::ColumnType::u8: return CENTERDECODE_U8;
        case centerdecode::ColumnType::f32: break;
    }
    return CENTERDECODE_F32;
}

}  // namespace

centerdecode_status centerdecode_num_columns(const centerdecode_decoder* decoder,
                                             const centerdecode_tensor* heads, size_t n,
                                             size_t* num_columns, char* message,
                                             size_t message_size) {
    return run({message, message_size}, CENTERDECODE_INVALID_HEADS, [&] {
        require(num_columns != nullptr, "num_columns must not be NULL");
        *num_columns = columns_of(decoder, heads, n).size();
    });
}

centerdecode_status centerdecode_describe_column(const centerdecode_decoder* decoder,
                                                 const centerdecode_tensor* heads, size_t n,
                                                 size_t i, centerdecode_column_format* format,
                                                 char* message, size_t message_size) {
    return run({message, message_size}, CENTERDECODE_INVALID_HEADS, [&] {
        require(format != nullptr, "format must not be NULL");
        capi::require_size("centerdecode_column_format", format->struct_size, sizeof *format);
        const auto columns = columns_of(decoder, heads, n);
        if (i >= columns.size())
            throw std::out_of_range("i must be below the " + std::to_string(columns.size()) +
                                    " columns, got " + std::to_string(i));
        const centerdecode::ColumnFormat& own = columns[i];
        format->name = keep(*decoder, own.name);
        format->row_size = capi::row_size(own);
        format->element_type = number_of(own.type);
        format->rank = static_cast<int32_t>(own.rank);
        std::fill_n(&format->shape[0], 8, 0);
        std::copy_n(own.shape.begin(), own.rank, &format->shape[0]);
    });
}

centerdecode_status centerdecode_decode_columns(
    const centerdecode_decoder* decoder, const centerdecode_tensor* heads, size_t n, int64_t image,
    const centerdecode_image* placement, centerdecode_detections* found,
    const centerdecode_column* columns, size_t num_columns, char* message, size_t message_size) {
    return run({message, message_size}, CENTERDECODE_INVALID_HEADS, [&] {
        const capi::Columns wanted{columns, num_columns};
        capi::require_buffers(found);
        capi::require_buffers(wanted);
        const capi::Place place(placement);
        Memory& memory = capi::view(decoder, heads, n);
        require(place.placement().camera == nullptr || decoder->has_camera,
                "camera must be NULL where the settings have no calibration");
        decoder->decoder.decode(memory.heads, image, place.placement(), memory.scratch,
                                memory.found);
        const std::size_t count = memory.found.columns.size();
        if (num_columns != count)
            throw std::out_of_range("columns must be the " + std::to_string(count) +
                                    " that the decoder has, got " + std::to_string(num_columns));
        capi::write(memory.found, *found, wanted);
    });
}
