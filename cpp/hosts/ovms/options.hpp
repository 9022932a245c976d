// What the parameters of a node say.
#pragma once

#include "custom_node.hpp"

#include <string>
#include <string_view>

namespace centerdecode::ovms {

constexpr const char* transform_name = "transform";

struct Options {
    std::string settings;
    Precision precision = fp32;  // of the heads
    bool has_transform = false;  // an input that takes network pixels to those of the image
};

// Parameters: `settings`, the text of Decoder.settings(); `precision`, FP32 or FP16;
// `transform`, 0 or 1. Any other one is an entry of the settings, and wins over the text.
// Throws std::runtime_error that says which is wrong.
Options options_of(const Param* params, int num_params);

// Throws std::runtime_error: "what must be rule, got got".
[[noreturn]] void reject(std::string_view what, std::string_view rule, std::string_view got);

}  // namespace centerdecode::ovms
