// Tensors of other libraries, read in place through the DLPack protocol.
#pragma once

#include "extents.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>

// What a DLPack capsule says of its tensor. `owner` keeps the memory alive.
struct ForeignTensor {
    pybind11::object owner;
    const void* data;
    std::string dtype;  // as in "float32", "bfloat16"
    Extents extents;
};

bool has_dlpack(pybind11::handle object);

// Throws ValueError where the tensor is not in the memory of the CPU.
ForeignTensor import_dlpack(pybind11::handle object, const char* name);
