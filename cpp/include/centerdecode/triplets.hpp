// Corner triplets: the corners of a box, told to belong together by their tags, and
// a center inside it (Law and Deng, "CornerNet", 2018; Duan et al., "CenterNet:
// Keypoint Triplets for Object Detection", 2019).
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace centerdecode {

struct CornerHeads {
    TensorView heatmap;
    TensorView tag;     // 1; data == nullptr: centers have none
    TensorView offset;  // 2; data == nullptr: the family has none
};

struct Corner {
    float score;
    std::int32_t class_id;
    Point at;  // input pixels
    float tag;
};

struct PairRule {
    double tag_threshold = 0.5;  // tags that differ by more do not belong together
    std::size_t max_pairs = 1000;
};

// Where pairs and centers go.
struct PairPlacement {
    Placement placement;
    std::optional<double> mirror;  // the input's width, where the input is a mirror image
    std::optional<double> margin;  // pixels beyond placement.clip at which pairs are dropped
};

// Replaces the content of `corners`: what the heads say at the peaks, in their order.
void read_corners(const CornerHeads& heads, const std::vector<Peak>& peaks, Activation activation,
                  const BoxRule& rule, std::vector<Corner>& corners);

// Replaces the content of `pairs`: value is the score of a pair, the mean of its
// corners' in float32; index is top_left * bottom_right.size() + bottom_right.
// Value descending, then index ascending.
//
// A pair has one class, similar tags (a NaN is similar to nothing), and no corner on
// the wrong side of the other.
void pair_corners(const std::vector<Corner>& top_left, const std::vector<Corner>& bottom_right,
                  const PairRule& rule, std::vector<Peak>& pairs);

Point place_center(const PairPlacement& where, Point center) noexcept;

// Writes the box of a pair, placed, to `xyxy`. False where it is to be dropped, because
// a side of it lies `margin` or more beyond placement.clip.
bool place_pair(const PairPlacement& where, const Corner& top_left, const Corner& bottom_right,
                float* xyxy) noexcept;

struct Centers {
    const float* points;  // (n, 2)
    const float* scores;
    const std::int32_t* class_ids;
    std::size_t n;
};

// (2 * score + center's) / 3 in float32, of the first center that has the class of a
// box and lies strictly inside its middle third, or its middle fifth where the area is
// more than `area_limit`; -1 where none does.
float rescore_by_center(const float* xyxy, float score, std::int32_t class_id,
                        const Centers& centers, double area_limit) noexcept;

// The placed pairs of one input.
struct Pairs {
    const float* xyxy;  // (n, 4)
    const float* scores;
    const std::int32_t* class_ids;
    std::size_t n;
};

// Row `row` of part `part` of several pairs, as an object.
struct PairedObject {
    std::size_t part;
    std::size_t row;
    float score;
    bool is_large;
};

// Replaces the content of `objects`: the pairs of all parts that score `least`, and by
// rescore_by_center where there are centers; those that have none are left out. Score
// descending; of equal ones the large, which have an area of more than `area_limit`, are
// first (where there are centers); then in the order of `parts`.
void rank_objects(const std::vector<Pairs>& parts, const Centers* centers, double area_limit,
                  float least, std::vector<PairedObject>& objects);

}  // namespace centerdecode
