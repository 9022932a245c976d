// The rows of detections, and what is done with whole rows.
#pragma once

#include <centerdecode/decoder.hpp>

#include "decoder/kind.hpp"
#include "merging/nms.hpp"

#include <cstddef>
#include <vector>

namespace centerdecode {

// Makes room for n detections with the columns of `format`. Those that are filled last stay
// empty, so that no function below moves bytes of rows that are dropped in the end.
void resize(Detections& found, std::size_t n, const Format& format);

// Makes room for the columns that are filled last.
void resize_late(Detections& found, const Format& format);

// The numbers of a column, row by row.
float* floats_of(Column& column) noexcept;
const float* floats_of(const Column& column) noexcept;

// The column of this name; nullptr: there is none.
Column* find_column(Detections& found, std::string_view name) noexcept;

// The same among the kind's own columns: an extra may have that name where the kind has none.
Column* find_own_column(Detections& found, const Format& format, std::string_view name) noexcept;

// Adds the rows of `more` behind those of `found`, which have the same columns.
void append(Detections& found, const Detections& more);

// Leaves the rows that `order` names, in its order; `from` has the others afterwards.
void keep_rows(const std::vector<std::size_t>& order, Detections& from, Detections& found);

// Strongest first; rows of equal scores keep their order, and a NaN is the weakest.
void sort_by_score(Memory& memory, Detections& found);

// Leaves the strongest `most` of each class, and of all.
void limit_per_class(std::size_t most, Memory& memory, Detections& found);
void limit(std::size_t most, const Format& format, Detections& found);

// Leaves what NMS keeps, with its new scores, strongest first.
void thin(const NmsRule& rule, Memory& memory, Detections& found);

}  // namespace centerdecode
