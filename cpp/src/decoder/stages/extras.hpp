// Heads read at the cells of detections, which become columns.
#pragma once

#include "decoder/kind.hpp"
#include "decoder/memory.hpp"

namespace centerdecode {

// Throws std::invalid_argument where a head does not fit the heatmap, or its rule.
void check_extras(const BatchHeads& heads);

void describe_extras(const ImageHeads& heads, Format& format);

// A difference of points, in input pixels, as one of the image's: turned, not moved.
Point turn(const Placement& placement, Point difference) noexcept;

// Fills the columns, at memory.cells.
void write_extras(const Input& input, Memory& memory, Detections& found);

}  // namespace centerdecode
