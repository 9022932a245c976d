// What an array says that its elements are, and what they are then taken for.
#pragma once

#include <centerdecode/tensor_view.hpp>

#include <pybind11/numpy.h>

#include <optional>
#include <string>

// NumPy's float16 is `half` and not f16, because OpenVINO's bf16 looks like it, too.
enum class Claim : std::uint8_t { f32, f16, bf16, half, bits16, other };

Claim claim_of(const pybind11::dtype& dtype);

// Of a type as DLPack has it, "float32" or "bfloat16".
Claim claim_named(const std::string& dtype);

// "float32", or ">f4" where the byte order is not this machine's.
std::string text_of(const pybind11::dtype& dtype);

// "f32", "f16", "bf16".
std::optional<centerdecode::ElementType> element_type_named(const std::string& name);

struct Resolved {
    std::optional<centerdecode::ElementType> type;
    std::string rule;  // that was broken where there is none
};

// `element_type`: what the caller says of 16-bit arrays; empty: nothing.
Resolved resolve(Claim claim, const std::string& element_type);
