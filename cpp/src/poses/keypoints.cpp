#include "poses/keypoints.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace centerdecode {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

double activate(double value, KeypointActivation activation) noexcept {
    constexpr double e = 2.718281828459045;
    if (activation == KeypointActivation::none) return value;
    const double v = 4.0 * value;
    return std::abs(v) < 1.0 ? v * e : std::copysign(std::exp(std::abs(v)), v);
}

// Where keypoint j is regressed, in cells. box: in cells.
Point regress(const TensorView& head, const KeypointRule& rule, std::int64_t j, const Cell& cell,
              const Box& box) noexcept {
    const bool planar = rule.order == KeypointOrder::planar;
    const Point read = planar ? read_pair(head, j, head.channels / 2, rule.axes, cell)
                              : read_pair(head, 2 * j, 1, rule.axes, cell);
    const Point value{activate(read.x, rule.activation), activate(read.y, rule.activation)};
    if (rule.frame == KeypointFrame::cell) return {cell.x + value.x, cell.y + value.y};
    return {box.first.x + value.x * (box.second.x - box.first.x),
            box.first.y + value.y * (box.second.y - box.first.y)};
}

// Moves the regressed keypoints of one of many poses, and writes the scores and
// depths of those that move. box: in cells; nullptr: none.
void settle(const PoseRule& rule, const Box* box, PoseScratch& scratch, const PoseRow& row) {
    std::vector<Point>& keypoints = scratch.keypoints;
    const Reach reach = reach_of(rule.refinement, box, keypoints.data(), keypoints.size());
    std::size_t begin = 0;
    for (std::size_t j = 0; j < keypoints.size(); begin = scratch.ends[j++]) {
        const std::size_t count = scratch.ends[j] - begin;
        const CandidateList list{scratch.candidates.data() + begin, count, count};
        const Choice choice = choose_candidate(rule.refinement, reach, j, keypoints[j], list);
        if (!choice.index.has_value()) continue;
        const Candidate& chosen = list.data[*choice.index];
        keypoints[j] = chosen.at;
        row.keypoint_scores[j] = choice.score;
        if (row.keypoint_depths != nullptr) row.keypoint_depths[j] = chosen.depth;
    }
}

Box in_cells(const Box& pixels, double stride) noexcept {
    return {{pixels.first.x / stride, pixels.first.y / stride},
            {pixels.second.x / stride, pixels.second.y / stride}};
}

// From cells to where they go, in place.
void place_keypoints(std::vector<Point>& keypoints, double stride,
                     const Transform* transform) noexcept {
    for (Point& p : keypoints) p = {p.x * stride, p.y * stride};
    if (transform == nullptr) return;
    for (Point& p : keypoints) p = place({transform, nullptr}, p);
}

Box extent_of(const std::vector<Point>& keypoints) noexcept {
    Box extent{{inf, inf}, {-inf, -inf}};
    for (const Point& p : keypoints) {
        extent.first = {std::min(extent.first.x, p.x), std::min(extent.first.y, p.y)};
        extent.second = {std::max(extent.second.x, p.x), std::max(extent.second.y, p.y)};
    }
    return extent;
}

}  // namespace

void decode_pose(const PoseHeads& heads, const PoseRule& rule, const Placement& placement,
                 const Peak& peak, float score, PoseScratch& scratch, const PoseRow& row) {
    const Cell cell = cell_of(heads.boxes.heatmap, peak);
    const bool has_box = heads.boxes.wh.data != nullptr;
    const Box pixels = has_box ? read_box(heads.boxes, rule.box, cell) : Box{};
    const Box box = in_cells(pixels, rule.box.stride);

    const std::int64_t count = heads.keypoints.channels / 2;
    scratch.keypoints.clear();
    for (std::int64_t j = 0; j < count; ++j)
        scratch.keypoints.push_back(regress(heads.keypoints, rule.keypoint, j, cell, box));
    std::fill_n(row.keypoint_scores, count,
                static_cast<float>(rule.unmatched_score.value_or(score)));
    if (row.keypoint_depths != nullptr) std::fill_n(row.keypoint_depths, count, 0.0F);
    if (heads.keypoint_heatmap.data == nullptr) {
        // They stay as regressed.
    } else if (rule.single) {
        settle_single(heads, rule, scratch, row);
    } else {
        settle(rule, has_box ? &box : nullptr, scratch, row);
    }

    place_keypoints(scratch.keypoints, rule.box.stride, placement.transform);
    float* out = row.keypoints;
    for (const Point& p : scratch.keypoints) {
        *out++ = static_cast<float>(p.x);
        *out++ = static_cast<float>(p.y);
    }
    if (has_box)
        place_box(placement, pixels, row.xyxy);
    else
        place_box({nullptr, placement.clip}, extent_of(scratch.keypoints), row.xyxy);
}

}  // namespace centerdecode
