#include "corner_inputs.hpp"
#include "placements.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <array>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Corners = std::vector<std::vector<Corner>>;

// xyxy, scores, class_ids, and the scores (n, 2) of the corners.
py::tuple pairs_of(const std::vector<Corner>& top_left, const std::vector<Corner>& bottom_right,
                   const PairRule& rule, const PairPlacement& where) {
    std::vector<Peak> pairs;
    pair_corners(top_left, bottom_right, rule, pairs);
    struct Row {
        std::array<float, 4> xyxy;
        float score;
        const Corner* first;
        const Corner* second;
    };
    std::vector<Row> rows;
    for (const Peak& pair : pairs) {
        const auto index = static_cast<std::size_t>(pair.index);
        Row row{{},
                pair.value,
                &top_left[index / bottom_right.size()],
                &bottom_right[index % bottom_right.size()]};
        if (place_pair(where, *row.first, *row.second, row.xyxy.data())) rows.push_back(row);
    }
    const auto n = static_cast<py::ssize_t>(rows.size());
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<float> corner_scores({n, py::ssize_t{2}});
    for (py::ssize_t i = 0; i < n; ++i) {
        const Row& row = rows[static_cast<std::size_t>(i)];
        std::copy(row.xyxy.begin(), row.xyxy.end(), xyxy.mutable_data() + 4 * i);
        scores.mutable_data()[i] = row.score;
        class_ids.mutable_data()[i] = row.first->class_id;
        corner_scores.mutable_data()[2 * i] = row.first->score;
        corner_scores.mutable_data()[2 * i + 1] = row.second->score;
    }
    return py::make_tuple(xyxy, scores, class_ids, corner_scores);
}

// points (n, 2), scores, class_ids.
py::tuple centers_of(const std::vector<Corner>& centers, const PairPlacement& where) {
    const auto n = static_cast<py::ssize_t>(centers.size());
    py::array_t<float> points({n, py::ssize_t{2}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    for (py::ssize_t i = 0; i < n; ++i) {
        const Corner& center = centers[static_cast<std::size_t>(i)];
        const Point at = place_center(where, center.at);
        points.mutable_data()[2 * i] = static_cast<float>(at.x);
        points.mutable_data()[2 * i + 1] = static_cast<float>(at.y);
        scores.mutable_data()[i] = center.score;
        class_ids.mutable_data()[i] = center.class_id;
    }
    return py::make_tuple(points, scores, class_ids);
}

struct Given {
    CornerInput top_left;
    CornerInput bottom_right;
    std::optional<CornerInput> center;
};

// For every image of the batch (pairs_of, centers_of or None). Where `flip`, every
// second image is the mirror image of the one before, and goes where that goes.
py::list find_pairs(const Given& given, const PeakOptions& options, const BoxRule& rule,
                    const PairRule& pair_rule, std::optional<double> margin, bool flip,
                    Placements placements) {
    const Corners top_left = find_corners(given.top_left, options, rule);
    const Corners bottom_right = find_corners(given.bottom_right, options, rule);
    const Corners centers = given.center ? find_corners(*given.center, options, rule) : Corners{};
    const double width = static_cast<double>(given.top_left.heatmap.first.width) * rule.stride;
    py::list found;
    for (std::size_t i = 0; i < top_left.size(); ++i) {
        const auto image = static_cast<py::ssize_t>(i);
        PairPlacement where{placements.of(flip ? image / 2 : image), std::nullopt, margin};
        if (flip && image % 2 == 1) where.mirror = width;
        found.append(py::make_tuple(
            pairs_of(top_left[i], bottom_right[i], pair_rule, where),
            given.center ? py::object(centers_of(centers[i], where)) : py::object(py::none())));
    }
    return found;
}

// Heads are (heatmap, tag, offset) as view_corner_heads takes them; center may be None.
py::tuple decode_pairs(const std::array<py::object, 3>& top_left,
                       const std::array<py::object, 3>& bottom_right,
                       const std::optional<std::array<py::object, 3>>& center,
                       const HeadFormat& format, const PeakOptions& options, const BoxFormat& box,
                       double tag_threshold, std::size_t max_pairs, std::optional<double> margin,
                       bool flip, const std::optional<Doubles>& transforms,
                       const std::optional<Doubles>& clips) {
    Given given{
        view_corner_heads(top_left, "top_left", format, Tags::needed, nullptr), {}, std::nullopt};
    const Head& map = given.top_left.heatmap;
    given.bottom_right =
        view_corner_heads(bottom_right, "bottom_right", format, Tags::needed, &map);
    if (center) given.center = view_corner_heads(*center, "center", format, Tags::none, &map);
    if (flip) require_mirrored_pairs(map);
    BoxRule rule = box.rule;
    rule.center_shift = box.center_shift.value_or(0.0);
    const py::list found =
        find_pairs(given, options, rule, {tag_threshold, max_pairs}, margin, flip,
                   Placements(transforms, clips, flip ? map.batch / 2 : map.batch));
    return py::make_tuple(found, map.batched);
}

}  // namespace

void bind_triplets(py::module_& m) { m.def("decode_pairs", &decode_pairs); }
