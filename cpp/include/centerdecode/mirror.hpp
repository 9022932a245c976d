// Heads of an image and of its mirror image, merged into heads of the image alone.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/keypoints.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace centerdecode {

struct MirroredPair {
    TensorView image;
    TensorView mirror;  // of the same shape, element type and layout
};

// What belongs to one channel of an image is, in the mirror image,
// sign * number + origin of `channel` there.
struct MirroredChannel {
    std::int64_t channel;
    double sign = 1.0;
    double origin = 0.0;
};

// One for each channel of a head.
using MirroredChannels = std::vector<MirroredChannel>;

// Two keypoints that change places, as left and right ones do; each is in one pair
// at most.
using KeypointPair = std::array<std::int64_t, 2>;

// Of a heatmap: a class is the same in the mirror.
MirroredChannels mirror_classes(std::int64_t channels);

// Of a size head: left and right change places. What counts from a point of the cell
// itself, because there is no offset head, counts from another point in the mirror.
// Distances must not be logarithms then, nor corners anything but numbers.
MirroredChannels mirror_sizes(const BoxRule& rule, bool has_offset, std::int64_t channels);

// How far the mirrored center of a cell lies to the right of its center, in the units
// of the size head.
double center_gap(const BoxRule& rule, bool has_offset) noexcept;

// Of the J channels of a keypoint heatmap.
MirroredChannels mirror_keypoint_heatmap(const std::vector<KeypointPair>& pairs,
                                         std::int64_t channels);

// Of the 2J channels of regressed keypoints. Where they are parts of a box the
// activation must be none: what counts from the left then counts from the right.
MirroredChannels mirror_keypoints(const KeypointRule& rule, const std::vector<KeypointPair>& pairs,
                                  std::int64_t channels);

// Both write the mean of an image's cells and the mirrored ones of its mirror image
// to `out`: a contiguous map in the layout of the image, NaN where either is. All in
// double, rounded once.
void merge_numbers(const MirroredPair& pair, const MirroredChannels& channels, float* out) noexcept;

// Of scores. A cell that is below `least` in both is -inf: as the mean is not above
// both, it can neither reach the score of `least` nor beat a cell that does, so the
// peaks that do are those of the whole map, and hardly a cell needs its score.
void merge_scores(const MirroredPair& pair, const MirroredChannels& channels, Activation activation,
                  float least, float* out) noexcept;

}  // namespace centerdecode
