// Detections of the core as arrays of C.
#pragma once

#include "centerdecode.h"

#include <centerdecode/decoder.hpp>

#include <cstddef>

namespace capi {

// The columns that a caller wants.
struct Columns {
    const centerdecode_column* first = nullptr;
    std::size_t count = 0;
};

// Throws Failure where a buffer lacks, or a struct is of another size.
void require_buffers(const centerdecode_detections* to);
void require_buffers(const Columns& to);

// Writes `count` and, where there is room for all, the buffers. Throws Failure.
void write(const centerdecode::Detections& found, centerdecode_detections& to,
           const Columns& columns = {});

// Bytes of one detection.
std::size_t row_size(const centerdecode::ColumnFormat& format) noexcept;

}  // namespace capi
