// Further tables of a model that decodes in its own graph, which become columns: extras
// (B, N), (B, N, C) or (B, N, H, W), of whole numbers or floats. Their frames are those of
// extras, in pixels of the input.
#pragma once

#include "decoder/kinds/kinds.hpp"

namespace centerdecode {

// Throws std::invalid_argument where an extra has more than a frame: its numbers are what
// they stand for already.
void check_table_rules(const Settings& settings);

// Throws std::invalid_argument where a table is of other rows than the boxes, or has not the
// numbers of its frame.
void check_table_columns(const BatchHeads& heads);

void describe_table_columns(const ImageHeads& heads, Format& format);

// Fills the columns from the rows that memory.boxes names.
void read_table_columns(const Input& input, const Memory& memory, Detections& found);

}  // namespace centerdecode
