// Keypoints: regressed from a peak, and moved to the peaks of their own heatmaps.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace centerdecode {

// x0 y0 x1 y1 ..., or all x and then all y.
enum class KeypointOrder : std::uint8_t { interleaved, planar };

// Where a keypoint counts from: the integer cell of its peak, in cells; or the
// first corner of its box, in widths and heights of the box.
enum class KeypointFrame : std::uint8_t { cell, box };

// signed_exp is DBFace's: with v = 4 * number, v * e where |v| < 1, else exp(|v|)
// with the sign of v.
enum class KeypointActivation : std::uint8_t { none, signed_exp };

// How a model family stores its keypoints. `axes` holds for the heads of
// keypoints, and for their offsets.
struct KeypointRule {
    KeypointOrder order = KeypointOrder::interleaved;
    Axes axes = Axes::xy;
    KeypointFrame frame = KeypointFrame::cell;
    KeypointActivation activation = KeypointActivation::none;
};

// What the best candidate of a keypoint has most of; d is its distance to where
// the keypoint was regressed, in cells:
// -d; score / (d + distance_offset); score / (d + distance_multiplier * longer
// side of the box); score * exp(-d^2 / (2 sigma^2)), sigma as TensorFlow has it.
enum class Ranking : std::uint8_t {
    min_distance,
    score_distance_ratio,
    score_scaled_distance_ratio,
    gaussian_weighted,
};

// Which candidate a regressed keypoint moves to, if any.
struct Refinement {
    Ranking ranking = Ranking::min_distance;
    double score_threshold = 0.1;  // inclusive, on the score that the keypoint would get
    double box_scale = 1.0;        // the box is scaled about its center by this,
    double search_scale = 0.3;     // and the nearest candidate within this part of its longer side
    double distance_offset = 1.0;
    double distance_multiplier = 0.1;
    std::vector<double> std_devs;  // one for each keypoint; only gaussian_weighted needs them
    // Where there is no box: how far the bounds reach beyond the regressed
    // keypoints, as a part of their extent; nullopt: there are no bounds.
    std::optional<double> extent_margin;
};

struct Candidate {
    Point at{};  // cells
    float score = 0.0F;
    float depth = 0.0F;  // what the depth head says there
};

// The candidates of one keypoint. From `valid` on they count as 100000 cells away.
struct CandidateList {
    const Candidate* data;
    std::size_t size;
    std::size_t valid;
};

// What a candidate must lie within, in cells, and the size that a ranking goes by.
struct Reach {
    Box bounds;
    double radius;
    double width;
    double height;
};

// box: in cells; nullptr: none. keypoints: `n` of them, as they are regressed.
Reach reach_of(const Refinement& rule, const Box* box, const Point* keypoints, std::size_t n);

struct Choice {
    std::optional<std::size_t> index;  // nullopt: the keypoint stays where it is regressed
    float score = 0.0F;
};

// Of equally good candidates the first, judged on floats.
Choice choose_candidate(const Refinement& rule, const Reach& reach, std::size_t keypoint,
                        Point regressed, const CandidateList& candidates) noexcept;

// Keypoints and candidates of one image as arrays, in cells, x before y.
struct KeypointArrays {
    const double* regressed;     // (n, keypoints, 2)
    const double* boxes;         // (n, 4) corners; nullptr: none
    const double* candidates;    // (m, keypoints, 2)
    const float* scores;         // (m, keypoints)
    const std::int32_t* counts;  // (keypoints), how many of the m candidates are valid
    std::size_t n;
    std::size_t m;
    std::size_t keypoints;
};

// Writes which candidate each keypoint takes, -1 for none, and its score:
// (n, keypoints) each.
void choose_candidates(const Refinement& rule, const KeypointArrays& arrays, std::int32_t* chosen,
                       float* scores);

struct PoseHeads {
    BoxHeads boxes;               // wh.data == nullptr: boxes are the extent of their keypoints
    TensorView keypoints;         // 2J channels
    TensorView keypoint_heatmap;  // J channels; data == nullptr: keypoints stay as regressed
    TensorView keypoint_offset;   // 2 channels for all, or 2J; data == nullptr: half a cell
    TensorView keypoint_depth;    // 1 channel for all, or J; data == nullptr: none
};

struct PoseRule {
    BoxRule box;
    KeypointRule keypoint;
    PeakOptions candidates;  // of each channel of the keypoint heatmap
    Refinement refinement;
    // nullopt: a keypoint that stays as regressed has the score of its detection.
    std::optional<double> unmatched_score;
    // One pose in each image. Its center is the cell with the greatest score / (d +
    // distance_offset), d to the middle of the grid; its keypoints are the like
    // cells of their heatmaps, d to where they are regressed.
    bool single = false;
};

// What is found on the way, kept so that a second image costs no allocation.
struct PoseScratch {
    std::vector<Candidate> candidates;  // keypoint by keypoint, strongest first
    std::vector<std::size_t> ends;      // in `candidates`, of each keypoint
    std::vector<Point> keypoints;
    std::vector<Peak> peaks;
};

// Replaces `peaks` by the center of the one pose, if it reaches the threshold.
void find_single_center(const TensorView& heatmap, const PeakOptions& options,
                        double distance_offset, std::vector<Peak>& peaks);

// Finds what decode_pose needs of the whole image.
void find_candidates(const PoseHeads& heads, const PoseRule& rule, PoseScratch& scratch);

// Where one detection goes: 4, 2 * J, J and J floats. keypoint_depths: nullptr, or
// the depth head at the candidate that a keypoint moves to, 0 for one that stays.
struct PoseRow {
    float* xyxy;
    float* keypoints;
    float* keypoint_scores;
    float* keypoint_depths;
};

// Keypoints are placed as boxes are, but not clipped.
void decode_pose(const PoseHeads& heads, const PoseRule& rule, const Placement& placement,
                 const Peak& peak, float score, PoseScratch& scratch, const PoseRow& row);

}  // namespace centerdecode
