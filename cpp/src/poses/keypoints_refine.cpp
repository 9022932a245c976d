// Which candidate a keypoint moves to: one rule for the CenterNet reference,
// CenterTrack and TensorFlow's refine_keypoints, which differ in numbers only.
#include <centerdecode/keypoints.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace centerdecode {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double out_of_reach = 100000.0;  // cells

// The smallest of three roots, each divided by 2 and not by 2a: CornerNet's
// radius as TensorFlow and the CenterNet reference have it, on purpose.
double gaussian_radius(double width, double height) noexcept {
    const double sum = width + height;
    const double area = width * height;
    const auto root = [](double a, double b, double c) {
        return (-b + std::sqrt(b * b - 4.0 * a * c)) / 2.0;
    };
    return std::min({root(1.0, -sum, area * 0.3 / 1.7), root(4.0, -2.0 * sum, 0.3 * area),
                     root(2.8, 1.4 * sum, -0.3 * area)});
}

double gaussian_weight(double distance, double std_dev, const Reach& reach) noexcept {
    const double radius = std::max(std::floor(gaussian_radius(reach.width, reach.height)), 0.0);
    const double sigma = std_dev * (2.0 * radius + 1.0) / 6.0;
    return std::exp(-distance * distance / (2.0 * sigma * sigma));
}

float rank_of(const Refinement& rule, const Reach& reach, std::size_t keypoint, double distance,
              double score) noexcept {
    const auto narrow = [](double rank) { return static_cast<float>(rank); };
    switch (rule.ranking) {
        case Ranking::score_distance_ratio:
            return narrow(score / (distance + rule.distance_offset));
        case Ranking::score_scaled_distance_ratio: {
            const double side = std::max(reach.width, reach.height);
            return narrow(score / (distance + side * rule.distance_multiplier));
        }
        case Ranking::gaussian_weighted:
            return narrow(score * gaussian_weight(distance, rule.std_devs[keypoint], reach));
        case Ranking::min_distance: break;  // find_nearest knows
    }
    return narrow(-distance);
}

Box extent_of(const Point* points, std::size_t n) noexcept {
    Box extent{{inf, inf}, {-inf, -inf}};
    for (const Point* p = points; p != points + n; ++p) {
        extent.first = {std::min(extent.first.x, p->x), std::min(extent.first.y, p->y)};
        extent.second = {std::max(extent.second.x, p->x), std::max(extent.second.y, p->y)};
    }
    return extent;
}

Reach reach_within(const Box& bounds, double search_scale, double width, double height) noexcept {
    const double side =
        std::max(bounds.second.x - bounds.first.x, bounds.second.y - bounds.first.y);
    return {bounds, search_scale == inf ? inf : search_scale * side, width, height};
}

// A border, or a NaN, keeps nothing out.
bool is_outside(Point p, const Box& bounds) noexcept {
    return p.x < bounds.first.x || p.x > bounds.second.x || p.y < bounds.first.y ||
           p.y > bounds.second.y;
}

struct Best {
    std::optional<std::size_t> index;
    float rank;
    double nearest;  // distance of the nearest, whichever is best
};

double squared_distance(Point a, Point b) noexcept {
    const double dx = a.x - b.x;
    const double dy = a.y - b.y;
    return dx * dx + dy * dy;
}

Best find_best(const Refinement& rule, const Reach& reach, std::size_t keypoint, Point regressed,
               const CandidateList& candidates) noexcept {
    Best best{std::nullopt, 0.0F, inf};
    for (std::size_t i = 0; i < candidates.size; ++i) {
        const double distance = i < candidates.valid
                                    ? std::sqrt(squared_distance(candidates.data[i].at, regressed))
                                    : out_of_reach;
        const float rank = rank_of(rule, reach, keypoint, distance, candidates.data[i].score);
        best.nearest = std::min(best.nearest, distance);  // a NaN does not count
        if (std::isnan(rank) || (best.index.has_value() && rank <= best.rank)) continue;
        best.index = i;
        best.rank = rank;
    }
    return best;
}

// The nearest, distances judged on floats. What lies beyond the radius would be
// rejected, so none of it is looked at: nearly always there is nothing to do.
Best find_nearest(const Reach& reach, Point regressed, const CandidateList& candidates) noexcept {
    constexpr double rounding = 1.000001;
    const double limit = reach.radius * reach.radius * rounding;
    Best best{std::nullopt, -std::numeric_limits<float>::infinity(), inf};
    double least = std::isnan(limit) ? inf : limit;
    const auto look_at = [&](std::size_t i, double squared) {
        if (!(squared <= least)) return;
        least = squared;
        best.nearest = std::sqrt(squared);
        const auto rank = static_cast<float>(-best.nearest);
        if (best.index.has_value() && rank <= best.rank) return;
        best.index = i;
        best.rank = rank;
    };
    for (std::size_t i = 0; i < candidates.valid; ++i) {
        const double dy = candidates.data[i].at.y - regressed.y;
        if (dy * dy > least) continue;  // most are in other rows
        look_at(i, squared_distance(candidates.data[i].at, regressed));
    }
    if (candidates.valid < candidates.size)  // the others are as far away
        look_at(candidates.valid, out_of_reach * out_of_reach);
    return best;
}

}  // namespace

Reach reach_of(const Refinement& rule, const Box* box, const Point* keypoints, std::size_t n) {
    Box bounds = box != nullptr ? *box : extent_of(keypoints, n);
    const double width = bounds.second.x - bounds.first.x;
    const double height = bounds.second.y - bounds.first.y;
    if (box != nullptr) {
        const double more = (rule.box_scale - 1.0) / 2.0;
        bounds.first = {bounds.first.x - more * width, bounds.first.y - more * height};
        bounds.second = {bounds.second.x + more * width, bounds.second.y + more * height};
        return reach_within(bounds, rule.search_scale, width, height);
    }
    if (!rule.extent_margin.has_value()) return {{{-inf, -inf}, {inf, inf}}, inf, width, height};
    // CenterTrack moves the second corner by the extent that the first already widened.
    const double margin = *rule.extent_margin;
    bounds.first = {bounds.first.x - margin * width, bounds.first.y - margin * height};
    bounds.second = {bounds.second.x + margin * (bounds.second.x - bounds.first.x),
                     bounds.second.y + margin * (bounds.second.y - bounds.first.y)};
    return reach_within(bounds, rule.search_scale, width, height);
}

Choice choose_candidate(const Refinement& rule, const Reach& reach, std::size_t keypoint,
                        Point regressed, const CandidateList& candidates) noexcept {
    const Best best = rule.ranking == Ranking::min_distance
                          ? find_nearest(reach, regressed, candidates)
                          : find_best(rule, reach, keypoint, regressed, candidates);
    if (!best.index.has_value()) return {std::nullopt, 0.0F};
    const Candidate& chosen = candidates.data[*best.index];
    const float score = rule.ranking == Ranking::gaussian_weighted ? best.rank : chosen.score;
    // The radius holds the nearest, which need not be the chosen one: TensorFlow's rule.
    if (is_outside(chosen.at, reach.bounds) || score < rule.score_threshold ||
        best.nearest > reach.radius)
        return {std::nullopt, 0.0F};
    return {best.index, score};
}

}  // namespace centerdecode
