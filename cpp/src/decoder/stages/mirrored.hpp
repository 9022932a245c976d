// Heads that hold each image and behind it its mirror image.
#pragma once

#include "decoder/kind.hpp"
#include "decoder/memory.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace centerdecode {

// Throws std::invalid_argument where a batch is odd.
void require_mirrored(const BatchHeads& heads);

// Throws std::invalid_argument for heads, which fit each other, of which it is not known how
// the mirror image's are turned back.
void check_merged(const BatchHeads& heads);

// Fills `views` with the heads of one image: scores and numbers are the means of both,
// in maps that `memory` keeps for this scale; all else is the image's, in place.
void merge_heads(const BatchHeads& heads, std::int64_t image, Memory& memory, std::size_t scale,
                 std::vector<TensorView>& views);

}  // namespace centerdecode
