// Grouping without a look at all quadruples.
//
// The score with the greatest numbers that may still come is a bound for all of them
// (quadruples.hpp): what it keeps from the threshold of the top-k is never looked at.
// Lists are strongest first, and quadruples come in the order of their index, so that
// of equal scores the later loses: loops may stop at the first that cannot reach it.
#include <centerdecode/extreme_points.hpp>

#include "groups/center_rows.hpp"
#include "groups/quadruples.hpp"
#include "peaks/top_k.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace centerdecode {
namespace {

struct Search {
    const ExtremePoints& points;
    const CenterMap& center;
    const ExtremeRule& rule;
    ExtremeScratch& scratch;
    CenterRows rows;
    TopK best;
    std::size_t scored = 0;

    // Where a bottom's center lies, and the most that it can score there.
    CenterRows::Row row_of(const ExtremePoint& top, const ExtremePoint& bottom) {
        return rows.row(top.class_id, middle(top.y, bottom.y));
    }
};

// Lists what may go with `top`; returns the best center of it, or nothing.
std::optional<float> choose(Search& search, const ExtremePoint& top) {
    ExtremeScratch& chosen = search.scratch;
    const auto goes = [&](const ExtremePoint& point) {
        return (search.center.class_agnostic || point.class_id == top.class_id) &&
               static_cast<double>(point.score) >= search.rule.point_threshold && point.y >= top.y;
    };
    const auto list = [](const auto& side, auto& numbers, auto&& fits) {
        numbers.clear();
        for (std::size_t i = 0; i < side.size(); ++i)
            if (fits(side[i])) numbers.push_back(i);
        return !numbers.empty();
    };
    std::optional<float> best_center;
    const auto has_center = [&](const ExtremePoint& bottom) {
        if (!goes(bottom)) return false;
        const float best = search.row_of(top, bottom).best;
        if (!(static_cast<double>(best) >= search.rule.center_threshold)) return false;
        best_center = std::max(best, best_center.value_or(best));
        return true;
    };
    const ExtremePoints& points = search.points;
    const bool some =
        list(points.left, chosen.lefts, [&](auto& p) { return goes(p) && p.x <= top.x; }) &&
        list(points.right, chosen.rights, [&](auto& p) { return goes(p) && p.x >= top.x; }) &&
        list(points.bottom, chosen.bottoms, has_center);
    return some ? best_center : std::nullopt;
}

void try_rights(Search& search, std::size_t t, std::size_t l, std::size_t b) {
    const ExtremePoints& points = search.points;
    const ExtremePoint& top = points.top[t];
    const ExtremePoint& left = points.left[l];
    const ExtremePoint& bottom = points.bottom[b];
    const CenterRows::Row row = search.row_of(top, bottom);
    for (const std::size_t r : search.scratch.rights) {
        const ExtremePoint& right = points.right[r];
        const auto score = [&](float center) {
            return score_of_quadruple(top.score, left.score, bottom.score, right.score, center);
        };
        if (!(score(row.best) >= search.best.threshold())) return;
        if (right.y > bottom.y || right.x < bottom.x) continue;
        const float center = search.rows.score(row, middle(left.x, right.x));
        if (!(static_cast<double>(center) >= search.rule.center_threshold)) continue;
        ++search.scored;
        if (!(score(center) >= search.best.threshold())) continue;
        *search.best.room() = {score(center), index_of(points, t, l, b, r)};
        search.best.commit(1);
    }
}

void search_top(Search& search, std::size_t t) {
    const ExtremePoints& points = search.points;
    const ExtremePoint& top = points.top[t];
    const std::optional<float> best_center = choose(search, top);
    if (!best_center.has_value()) return;
    const float best_bottom = points.bottom[search.scratch.bottoms.front()].score;
    const float best_right = points.right[search.scratch.rights.front()].score;
    for (const std::size_t l : search.scratch.lefts) {
        const ExtremePoint& left = points.left[l];
        const auto may_reach = [&](float bottom_score) {
            return score_of_quadruple(top.score, left.score, bottom_score, best_right,
                                      *best_center) >= search.best.threshold();
        };
        if (!may_reach(best_bottom)) return;
        for (const std::size_t b : search.scratch.bottoms) {
            const ExtremePoint& bottom = points.bottom[b];
            if (!may_reach(bottom.score)) break;
            if (bottom.y >= left.y && bottom.x >= left.x) try_rights(search, t, l, b);
        }
    }
}

// Of scores above 1 that count as 1 the first in the map are the strongest. There may
// be more of them than were asked for: then all must be found.
void cap(const TensorView& heatmap, const PeakOptions& options, std::vector<Peak>& peaks) {
    if (peaks.size() == options.top_k && !peaks.empty() && peaks.back().value >= 1.0F) {
        PeakOptions all = options;
        all.top_k = std::numeric_limits<std::size_t>::max() / 4;
        all.score_threshold = std::max(options.score_threshold, 1.0);
        find_peaks(heatmap, all, peaks);
    }
    const auto below = std::find_if(peaks.begin(), peaks.end(),
                                    [](const Peak& peak) { return peak.value < 1.0F; });
    std::for_each(peaks.begin(), below, [](Peak& peak) { peak.value = 1.0F; });
    std::sort(peaks.begin(), below, [](const Peak& a, const Peak& b) { return a.index < b.index; });
    peaks.resize(std::min(peaks.size(), options.top_k));
}

}  // namespace

void find_extreme_points(const TensorView& heatmap, const PeakOptions& options,
                         std::vector<Peak>& peaks, std::vector<ExtremePoint>& points) {
    find_peaks(heatmap, options, peaks);
    if (options.activation == Activation::none) cap(heatmap, options, peaks);
    points.clear();
    for (const Peak& peak : peaks) {
        const Cell cell = cell_of(heatmap, peak);
        points.push_back({score_of(peak.value, options.activation), cell.class_id, cell.y, cell.x});
    }
}

std::size_t group_extreme_points(const ExtremePoints& points, const CenterMap& center,
                                 const ExtremeRule& rule, ExtremeScratch& scratch,
                                 std::vector<Quadruple>& found) {
    const float least = raw_threshold(rule.score_threshold, Activation::none);
    Search search{points,
                  center,
                  rule,
                  scratch,
                  CenterRows(center, scratch),
                  TopK(rule.max_detections, count_of(points), least, scratch.ranked),
                  0};
    for (std::size_t t = 0; t < points.top.size(); ++t)
        if (static_cast<double>(points.top[t].score) >= rule.point_threshold) search_top(search, t);
    search.best.finish();
    write_quadruples(points, search.rows, scratch.ranked, found);
    return search.scored;
}

}  // namespace centerdecode
