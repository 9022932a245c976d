// Instance masks: what a segmentation head holds inside of boxes, and which part of a
// surface each pixel shows (the CenterNet of the TF Object Detection API).
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace centerdecode {

struct MaskHeads {
    TensorView segmentation;    // a channel for each class
    TensorView parts;           // P channels, 1 to 255; data == nullptr: there are none
    TensorView surface_coords;  // 2P channels, v and u of each part
};

struct MaskRule {
    std::int64_t height = 256;  // of a mask, in pixels
    std::int64_t width = 256;
    double score_threshold = 0.5;                 // inclusive, judged on floats
    Activation activation = Activation::sigmoid;  // of the segmentation head
    std::int64_t part_class = -1;                 // the class whose pixels show parts
    // Input pixels per cell, for boxes in input pixels; nullopt: they are parts of the map.
    std::optional<double> stride;
};

// The two cells of an axis that a pixel lies between, and how far beyond the first.
struct MaskSample {
    std::int64_t low;  // -1: outside
    std::int64_t high;
    double part;
};

// Memory that is handed in again, so that it costs no allocation.
struct MaskScratch {
    std::vector<MaskSample> columns;
    std::vector<double> scores;
    std::vector<double> parts;
};

// Writes the mask of one object, row by row: 0 is background, 1 is foreground; of
// part_class, where there are parts, foreground is the number of its best part, from 1
// on. A NaN is background, and never the best. `surface` (nullptr: not wanted) gets
// (v, u) of that part at each pixel, and (0, 0) where no part is told.
//
// Corners are aligned: as part of the map, 0 is the first cell of an axis and 1 the
// last, and the corners of the box are the outermost pixels (one alone is its middle).
// Between cells is bilinear; a pixel outside of the map is 0 before it is held against
// the threshold.
void cut_mask(const MaskHeads& heads, const MaskRule& rule, const Box& box, std::int32_t class_id,
              MaskScratch& scratch, std::uint8_t* mask, float* surface);

}  // namespace centerdecode
