// What the keypoint heatmap is read for: candidates of many poses, or the
// keypoints of a single one.
#include "poses/keypoints.hpp"

#include <cmath>
#include <limits>

namespace centerdecode {
namespace {

Point candidate_at(const PoseHeads& heads, Axes axes, std::int64_t j, const Cell& cell) noexcept {
    const TensorView& offset = heads.keypoint_offset;
    if (offset.data == nullptr) return {cell.x + 0.5, cell.y + 0.5};
    const Point shift = read_pair(offset, offset.channels == 2 ? 0 : 2 * j, 1, axes, cell);
    return {cell.x + shift.x, cell.y + shift.y};
}

float depth_at(const TensorView& depth, std::int64_t j, const Cell& cell) noexcept {
    if (depth.data == nullptr) return 0.0F;
    return read_element(depth, depth.channels == 1 ? 0 : j, cell.y, cell.x);
}

TensorView channel_of(const TensorView& heatmap, std::int64_t j) noexcept {
    TensorView plane = heatmap;
    plane.data += j * heatmap.channel_stride;
    plane.channels = 1;
    return plane;
}

// Adds the peaks in `scratch` that are of channel j of `heatmap`.
void add_candidates(const PoseHeads& heads, const PoseRule& rule, const TensorView& heatmap,
                    std::int64_t channel, std::int64_t j, PoseScratch& scratch) {
    std::size_t room = rule.candidates.top_k;
    for (const Peak& peak : scratch.peaks) {
        const Cell cell = cell_of(heatmap, peak);
        if (cell.class_id != channel) continue;
        if (room-- == 0) break;
        scratch.candidates.push_back({candidate_at(heads, rule.keypoint.axes, j, cell),
                                      score_of(peak.value, rule.candidates.activation),
                                      depth_at(heads.keypoint_depth, j, cell)});
    }
    scratch.ends.push_back(scratch.candidates.size());
}

// The cell with the greatest score / (distance to `middle` + offset), the first
// of equals, judged on floats; nullopt where no cell has a score.
std::optional<Cell> strongest_near(const TensorView& plane, Activation activation, Point middle,
                                   double offset) noexcept {
    std::optional<Cell> best;
    float best_rank = 0.0F;
    for (std::int32_t y = 0; y < plane.height; ++y) {
        const double dy = y - middle.y;
        for (std::int32_t x = 0; x < plane.width; ++x) {
            const double dx = x - middle.x;
            const double score = score_of(read_element(plane, 0, y, x), activation);
            const auto rank = static_cast<float>(score / (std::sqrt(dx * dx + dy * dy) + offset));
            if (std::isnan(rank) || (best.has_value() && rank <= best_rank)) continue;
            best = Cell{0, y, x};
            best_rank = rank;
        }
    }
    return best;
}

}  // namespace

void find_candidates(const PoseHeads& heads, const PoseRule& rule, PoseScratch& scratch) {
    scratch.candidates.clear();
    scratch.ends.clear();
    const TensorView& heatmap = heads.keypoint_heatmap;
    if (heatmap.data == nullptr || rule.single) return;
    // The threshold is turned into a raw one once, and not for each keypoint.
    PeakOptions options = rule.candidates;
    options.score_threshold = raw_threshold(options.score_threshold, options.activation);
    options.activation = Activation::none;
    if (heatmap.layout == Layout::nhwc) {  // all channels in one scan, then told apart
        options.top_k = std::numeric_limits<std::size_t>::max();
        find_peaks(heatmap, options, scratch.peaks);
        for (std::int64_t j = 0; j < heatmap.channels; ++j)
            add_candidates(heads, rule, heatmap, j, j, scratch);
        return;
    }
    for (std::int64_t j = 0; j < heatmap.channels; ++j) {
        const TensorView plane = channel_of(heatmap, j);
        find_peaks(plane, options, scratch.peaks);
        add_candidates(heads, rule, plane, 0, j, scratch);
    }
}

void settle_single(const PoseHeads& heads, const PoseRule& rule, PoseScratch& scratch,
                   const PoseRow& row) noexcept {
    const Activation activation = rule.candidates.activation;
    for (std::size_t j = 0; j < scratch.keypoints.size(); ++j) {
        const auto channel = static_cast<std::int64_t>(j);
        const TensorView plane = channel_of(heads.keypoint_heatmap, channel);
        const auto cell = strongest_near(plane, activation, scratch.keypoints[j],
                                         rule.refinement.distance_offset);
        if (!cell.has_value()) continue;
        scratch.keypoints[j] = candidate_at(heads, rule.keypoint.axes, channel, *cell);
        row.keypoint_scores[j] = score_of(read_element(plane, 0, cell->y, cell->x), activation);
        if (row.keypoint_depths != nullptr)
            row.keypoint_depths[j] = depth_at(heads.keypoint_depth, channel, *cell);
    }
}

void find_single_center(const TensorView& heatmap, const PeakOptions& options,
                        double distance_offset, std::vector<Peak>& peaks) {
    peaks.clear();
    const Point middle{static_cast<double>(heatmap.width) / 2.0,
                       static_cast<double>(heatmap.height) / 2.0};
    const auto cell = strongest_near(heatmap, options.activation, middle, distance_offset);
    if (!cell.has_value() || options.top_k == 0) return;
    const float value = read_element(heatmap, 0, cell->y, cell->x);
    if (value >= raw_threshold(options.score_threshold, options.activation))
        peaks.push_back({value, cell->y * heatmap.width + cell->x});
}

}  // namespace centerdecode
