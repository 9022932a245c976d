// Detections of the core as arrays of C.
#pragma once

#include "centerdecode.h"

#include <centerdecode/decoder.hpp>

namespace capi {

// Throws Failure where a buffer lacks.
void require_buffers(const centerdecode_detections* to);

// Writes `count` and, where there is room for all, the buffers. Throws Failure.
void write(const centerdecode::Detections& found, centerdecode_detections& to);

}  // namespace capi
