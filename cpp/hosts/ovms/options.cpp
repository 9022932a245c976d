#include "options.hpp"

#include "../handle.hpp"

#include <stdexcept>

namespace centerdecode::ovms {
namespace {

Precision precision_of(std::string_view value) {
    if (value == "FP32") return fp32;
    if (value == "FP16") return fp16;
    reject("parameter precision", "FP32 or FP16", value);
}

bool flag_of(std::string_view value) {
    if (value != "0" && value != "1") reject("parameter transform", "0 or 1", value);
    return value == "1";
}

}  // namespace

void reject(std::string_view what, std::string_view rule, std::string_view got) {
    throw std::runtime_error(
        std::string(what).append(" must be ").append(rule).append(", got ").append(got));
}

Options options_of(const Param* params, int num_params) {
    Options options;
    for (int i = 0; i < num_params; ++i)
        if (params[i].key == std::string_view("settings")) options.settings = params[i].value;
    for (int i = 0; i < num_params; ++i) {
        const std::string_view key = params[i].key;
        const std::string_view value = params[i].value;
        if (key == "settings") continue;
        if (key == "precision")
            options.precision = precision_of(value);
        else if (key == transform_name)
            options.has_transform = flag_of(value);
        else
            options.settings = hosts::with_entry(options.settings, key, value);
    }
    return options;
}

}  // namespace centerdecode::ovms
