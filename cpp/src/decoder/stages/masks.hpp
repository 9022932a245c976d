// Masks of what a decoder found, where it makes them.
#pragma once

#include "decoder/kind.hpp"
#include "decoder/memory.hpp"

#include <cstdint>

namespace centerdecode {

// Throws std::invalid_argument where heads do not fit each other, or so many images.
void check_masks(const BatchHeads& heads, std::int64_t num_images);

// Adds the columns of masks, which are filled last: cut_masks makes them of the rows that
// are left.
void describe_masks(const ImageHeads& heads, Format& format);

// Fills those columns. A mask covers xyxy as it is: where that was clipped, the mask is of
// what is left. `heads` are those of the batch. Throws std::domain_error where the transform
// has no inverse, std::invalid_argument where a class has no channel.
void cut_masks(const BatchHeads& heads, const Input& input, Memory& memory, Detections& found);

}  // namespace centerdecode
