// Extreme points: the topmost, leftmost, bottommost and rightmost point of an object,
// told to belong together by its center (Zhou et al., "Bottom-up Object Detection by
// Grouping Extreme and Center Points", 2019).
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace centerdecode {

struct ExtremePoint {
    float score;
    std::int32_t class_id;
    std::int32_t y;
    std::int32_t x;
};

// The points of an image, each list strongest first.
struct ExtremePoints {
    std::vector<ExtremePoint> top;
    std::vector<ExtremePoint> left;
    std::vector<ExtremePoint> bottom;
    std::vector<ExtremePoint> right;
};

struct CenterMap {
    TensorView view;
    Activation activation = Activation::sigmoid;
    // The best of all classes counts, and is that of the object. Otherwise the
    // class of the topmost point counts.
    bool class_agnostic = false;
    const std::vector<std::int64_t>* classes = nullptr;  // those that may be best; nullptr: all
};

struct ExtremeRule {
    double point_threshold = 0.1;   // inclusive, for each of the four
    double center_threshold = 0.1;  // inclusive
    double score_threshold = 0.0;   // inclusive
    std::size_t max_detections = 1000;
};

struct Quadruple {
    float score;  // (top + left + bottom + right + 2 * center) / 6, in float32
    float center_score;
    std::int32_t class_id;
    ExtremePoint points[4];  // top, left, bottom, right
};

// Memory that is handed in again, so that it costs no allocation.
struct ExtremeScratch {
    std::vector<Peak> ranked;
    std::vector<std::int32_t> row_numbers;
    std::vector<float> row_scores;
    std::vector<float> row_bests;
    std::vector<std::int32_t> row_class_ids;
    std::vector<std::size_t> lefts;
    std::vector<std::size_t> bottoms;
    std::vector<std::size_t> rights;
};

// Replaces the content of `points`: the peaks of one side, strongest first. Scores
// above 1 count as 1, ties by index. `peaks` is memory.
void find_extreme_points(const TensorView& heatmap, const PeakOptions& options,
                         std::vector<Peak>& peaks, std::vector<ExtremePoint>& points);

// Adds to the score of every cell `weight` times those that lead up to it from both
// sides, as long as they do not fall: along rows, or along columns. All in float32.
// Returns a view of `map`, whose content is replaced, in the layout of `heatmap`.
enum class EdgeAxis : std::uint8_t { row, column };
TensorView aggregate_edges(const TensorView& heatmap, Activation activation, float weight,
                           EdgeAxis axis, std::vector<float>& map);

// Replaces the content of `found`: the quadruples that keep every rule, score
// descending, then by the numbers of their points, top slowest and right fastest.
// Returns how many it had to score.
//
// The rules: one class (unless class_agnostic); no point beyond the one that is
// extreme in its direction; the thresholds; and the center is the cell in the middle
// of left and right, top and bottom.
std::size_t group_extreme_points(const ExtremePoints& points, const CenterMap& center,
                                 const ExtremeRule& rule, ExtremeScratch& scratch,
                                 std::vector<Quadruple>& found);

// The same of all quadruples: one loses 1 for each broken rule, where points that are
// not extreme are one rule for each side and all thresholds are one together. There is
// no score_threshold.
void rank_all_quadruples(const ExtremePoints& points, const CenterMap& center,
                         const ExtremeRule& rule, ExtremeScratch& scratch,
                         std::vector<Quadruple>& found);

// Where objects go. mirror: the width of the input in pixels, of a mirror image.
struct ExtremePlacement {
    Placement placement;
    std::optional<double> mirror;
};

// Which point of a quadruple is that of a side, 0 to 3: in a mirror image its left
// point is the image's right one.
std::size_t point_of_side(const ExtremePlacement& where, std::size_t side) noexcept;

// Writes the box between the four points to `xyxy`, placed, and the points of the four
// sides, placed but not clipped, to `points` (4, 2). offsets: of the four sides, as
// read_center takes them.
void place_quadruple(const Quadruple& quadruple, const TensorView* offsets, const BoxRule& rule,
                     const ExtremePlacement& where, float* xyxy, float* points) noexcept;

}  // namespace centerdecode
