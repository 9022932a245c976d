// What kinds share whose models decode in their own graph. There is little left to do: read
// the rows that count, leave those that are wanted, and move them to the image.
//
//     boxes           (B, N, 4)
//     scores          (B, N)
//     classes         (B, N)
//     count           (B)        how many of the N rows count
//     keypoints       (B, N, J, 2), or none
//     keypoint_scores (B, N, J), or none
#pragma once

#include "decoder/kinds/kinds.hpp"

namespace centerdecode {

// How a model stores its tables.
struct TableFormat {
    const char* classes;  // what these heads are called
    const char* count;
    Axes axes;       // which comes first in boxes and keypoints
    ImageSize unit;  // what coordinates are multiples of
};

// Shapes that belong together, and counts of rows that there are.
void check_tables(const BatchHeads& heads, const char* classes, const char* count);

void describe_tables(const ImageHeads& heads, Format& format);

// Rows whose score reaches the threshold, strongest first; equal scores keep their order. A
// class that no int32 holds becomes -1.
void decode_tables(const Input& input, const TableFormat& tables, Memory& memory,
                   Detections& found);

// Leaves the boxes of the classes that are wanted.
void keep_classes(const PeakOptions& options, std::vector<ScoredBox>& boxes);

}  // namespace centerdecode
