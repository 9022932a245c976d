// What a handle of C stands for.
#pragma once

#include "centerdecode.h"

#include <centerdecode/decoder.hpp>

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <vector>

struct centerdecode_decoder {
    explicit centerdecode_decoder(const char* settings) : decoder(settings) {}

    // What is found where the model lacks no head; extents that only heads tell are 0.
    centerdecode::DetectionFormat format() const {
        return decoder.format_of(std::vector<std::int64_t>(decoder.heads().size(), 0));
    }

    centerdecode::Decoder decoder;
    bool has_camera = decoder.settings().find("calibration=") != std::string::npos;
    bool has_keypoints = format().num_keypoints.has_value();

    // Names of columns that were given out; they stay where they are.
    mutable std::mutex mutex;
    mutable std::set<std::string> names;
};
