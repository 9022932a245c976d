// What a handle of C stands for.
#pragma once

#include "centerdecode.h"

#include <centerdecode/decoder.hpp>

struct centerdecode_decoder {
    centerdecode::Decoder decoder;
};
