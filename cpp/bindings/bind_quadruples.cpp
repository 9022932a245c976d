// The parts of the extreme point decoder, for drop-ins that have rows of their own.
#include "arrays.hpp"
#include "extreme_format.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Ints = py::array_t<std::int32_t, py::array::c_style>;
using Floats = py::array_t<float, py::array::c_style>;

// scores, class_ids, ys and xs of the points of one side, strongest first.
using Columns = std::tuple<Floats, Ints, Ints, Ints>;

std::vector<ExtremePoint> points_of(const Columns& columns) {
    const auto& [scores, class_ids, ys, xs] = columns;
    std::vector<ExtremePoint> points;
    for (py::ssize_t i = 0; i < scores.size(); ++i)
        points.push_back({scores.at(i), class_ids.at(i), ys.at(i), xs.at(i)});
    return points;
}

void require_on_grid(const std::vector<ExtremePoint>& points, const Head& center,
                     bool class_agnostic) {
    const TensorView& view = center.first;
    const auto off = [&](const ExtremePoint& point) {
        return point.y < 0 || point.y >= view.height || point.x < 0 || point.x >= view.width ||
               (!class_agnostic && (point.class_id < 0 || point.class_id >= view.channels));
    };
    if (std::any_of(points.begin(), points.end(), off))
        throw py::value_error("points must be cells of center, " + center.array.got());
}

// scores, class_ids and the cells (n, 4, 2), y before x, of one image; and how many
// quadruples had to be scored. Of all of them where `all`, which are not counted.
py::tuple rank_quadruples(const std::array<Columns, 4>& sides, py::handle center,
                          const HeadFormat& format, const ExtremeFormat& extreme, bool all) {
    const Head map = view_head(center, "center", format.layout, format.element_type);
    ExtremePoints points{points_of(sides[0]), points_of(sides[1]), points_of(sides[2]),
                         points_of(sides[3])};
    for (const auto* side : {&points.top, &points.left, &points.bottom, &points.right})
        require_on_grid(*side, map, extreme.class_agnostic);
    const CenterMap rows{map.first, Activation::none, extreme.class_agnostic, nullptr};
    std::vector<Quadruple> found;
    std::size_t scored = 0;
    {
        const py::gil_scoped_release nogil;
        ExtremeScratch scratch;
        if (all)
            rank_all_quadruples(points, rows, extreme.rule, scratch, found);
        else
            scored = group_extreme_points(points, rows, extreme.rule, scratch, found);
    }
    const auto n = static_cast<py::ssize_t>(found.size());
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<std::int32_t> cells({n, py::ssize_t{4}, py::ssize_t{2}});
    std::int32_t* cell = cells.mutable_data();
    for (py::ssize_t i = 0; i < n; ++i) {
        const Quadruple& quadruple = found[static_cast<std::size_t>(i)];
        scores.mutable_data()[i] = quadruple.score;
        class_ids.mutable_data()[i] = quadruple.class_id;
        for (const ExtremePoint& point : quadruple.points) {
            *cell++ = point.y;
            *cell++ = point.x;
        }
    }
    return py::make_tuple(scores, class_ids, cells, scored);
}

// The scores of a head after edge aggregation, in its shape.
py::array_t<float> aggregate(py::handle heatmap, const HeadFormat& format, float weight,
                             bool along_rows) {
    const Head head = view_head(heatmap, "heatmap", format.layout, format.element_type);
    const Extents& extents = head.array.extents;
    py::array_t<float> maps(std::vector<py::ssize_t>(
        extents.shape.begin(), extents.shape.begin() + static_cast<std::ptrdiff_t>(extents.rank)));
    std::vector<float> map;
    const py::ssize_t cells = maps.size() / std::max<py::ssize_t>(head.batch, 1);
    const EdgeAxis axis = along_rows ? EdgeAxis::row : EdgeAxis::column;
    for (py::ssize_t i = 0; i < head.batch; ++i) {
        aggregate_edges(head.item(i), Activation::none, weight, axis, map);
        std::copy_n(map.data(), cells, maps.mutable_data() + i * cells);
    }
    return maps;
}

ExtremeFormat make_format(double point_threshold, double center_threshold, double score_threshold,
                          std::size_t max_detections, bool class_agnostic, float edge_weight) {
    const ExtremeRule rule{point_threshold, center_threshold, score_threshold, max_detections};
    return {rule, class_agnostic, edge_weight};
}

}  // namespace

void bind_quadruples(py::module_& m) {
    py::class_<ExtremeFormat>(m, "ExtremeFormat").def(py::init(&make_format));
    m.def("rank_quadruples", &rank_quadruples);
    m.def("aggregate_edges", &aggregate);
}
