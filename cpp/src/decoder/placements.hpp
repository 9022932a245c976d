// Where what is found goes: checks of what callers give.
#pragma once

#include <centerdecode/decoder.hpp>

#include <cstdint>

namespace centerdecode {

// Throws std::domain_error where a number is not finite or negative, std::invalid_argument
// where there are neither one nor as many as images, or none at all where any number will do.
void require_placements(const Placements& placements, std::int64_t num_images, bool any_number);

}  // namespace centerdecode
