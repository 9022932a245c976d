// Refinement of keypoints that were read elsewhere.
#include <centerdecode/keypoints.hpp>

#include <algorithm>

namespace centerdecode {
namespace {

Point regressed_at(const KeypointArrays& arrays, std::size_t i, std::size_t j) noexcept {
    const double* p = arrays.regressed + 2 * (i * arrays.keypoints + j);
    return {p[0], p[1]};
}

Reach reach_at(const Refinement& rule, const KeypointArrays& arrays, std::size_t i,
               std::vector<Point>& points) {
    for (std::size_t j = 0; j < arrays.keypoints; ++j) points[j] = regressed_at(arrays, i, j);
    if (arrays.boxes == nullptr) return reach_of(rule, nullptr, points.data(), points.size());
    const double* b = arrays.boxes + 4 * i;
    const Box box{{b[0], b[1]}, {b[2], b[3]}};
    return reach_of(rule, &box, points.data(), points.size());
}

void take_candidates(const KeypointArrays& arrays, std::size_t j, std::vector<Candidate>& out) {
    out.clear();
    for (std::size_t i = 0; i < arrays.m; ++i) {
        const std::size_t at = i * arrays.keypoints + j;
        const double* p = arrays.candidates + 2 * at;
        out.push_back({{p[0], p[1]}, arrays.scores[at], 0.0F});
    }
}

}  // namespace

void choose_candidates(const Refinement& rule, const KeypointArrays& arrays, std::int32_t* chosen,
                       float* scores) {
    std::vector<Point> points(arrays.keypoints);
    std::vector<Reach> reaches;
    reaches.reserve(arrays.n);
    for (std::size_t i = 0; i < arrays.n; ++i) reaches.push_back(reach_at(rule, arrays, i, points));
    std::vector<Candidate> candidates;
    for (std::size_t j = 0; j < arrays.keypoints; ++j) {
        take_candidates(arrays, j, candidates);
        const auto count = static_cast<std::size_t>(std::max(arrays.counts[j], 0));
        const CandidateList list{candidates.data(), arrays.m, std::min(count, arrays.m)};
        for (std::size_t i = 0; i < arrays.n; ++i) {
            const Choice choice =
                choose_candidate(rule, reaches[i], j, regressed_at(arrays, i, j), list);
            const std::size_t at = i * arrays.keypoints + j;
            chosen[at] = choice.index.has_value() ? static_cast<std::int32_t>(*choice.index) : -1;
            scores[at] = choice.score;
        }
    }
}

}  // namespace centerdecode
