// What is found on the way to detections, kept for the next call.
#pragma once

#include "decoder/kind.hpp"
#include "decoder/readers/joined_pairs.hpp"
#include "groups/extreme_points.hpp"
#include "heads/detection_output.hpp"
#include "heads/levels.hpp"
#include "masks/masks.hpp"
#include "merging/mirror.hpp"
#include "merging/nms.hpp"
#include "poses/keypoints.hpp"
#include "space/bev.hpp"

#include <cstddef>
#include <vector>

namespace centerdecode {

struct Memory {
    // Of a call.
    std::vector<NamedHead> named;
    std::vector<std::vector<NamedHead>> scales;
    std::vector<Placements> placements;
    Format format;

    // Of an image.
    std::vector<std::vector<TensorView>> views;  // of each input
    std::vector<Transform> zoomed;               // of each scale
    std::vector<Input> inputs;
    std::vector<std::vector<std::vector<float>>> merged;  // maps of each scale, head by head
    MirroredChannels mirrored;
    Detections input_rows;  // of one input
    Detections scale_rows;  // of all inputs at one scale
    Detections unsorted;
    std::vector<std::size_t> order;
    std::vector<std::size_t> counts;
    std::vector<KeptBox> kept;
    std::vector<float> circles;
    NmsScratch nms;
    TripletMemory triplets;
    MaskScratch masks;

    // Of an input.
    std::vector<Peak> peaks;
    std::vector<Cell> cells;
    std::vector<double> doubles;
    PoseRule pose_rule;  // with what only the heads can tell
    PoseScratch pose;
    LevelScratch level;
    ExtremeMemory extreme;
    std::vector<float> floats;  // the keypoints of one detection
    std::vector<ScoredBox> boxes;
    BevScratch bev;
    std::vector<BevBox> bev_boxes;
};

}  // namespace centerdecode
