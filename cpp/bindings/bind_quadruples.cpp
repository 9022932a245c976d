// The parts of the extreme point decoder, for drop-ins that have rows of their own.
#include "arrays/arrays.hpp"
#include "calls/options.hpp"

#include "groups/extreme_points.hpp"

#include <pybind11/stl.h>

#include <array>
#include <limits>
#include <tuple>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Ints = py::array_t<std::int32_t, py::array::c_style>;
using Floats = py::array_t<float, py::array::c_style>;

// scores, class_ids, ys and xs of the points of one side, strongest first.
using Columns = std::tuple<Floats, Ints, Ints, Ints>;

std::vector<ExtremePoint> points_of(const Columns& columns, const Head& center, bool any_class) {
    const auto& [scores, class_ids, ys, xs] = columns;
    const TensorView& view = center.first;
    std::vector<ExtremePoint> points;
    for (py::ssize_t i = 0; i < scores.size(); ++i) {
        const ExtremePoint& point =
            points.emplace_back(ExtremePoint{scores.at(i), class_ids.at(i), ys.at(i), xs.at(i)});
        const bool on_grid =
            point.y >= 0 && point.y < view.height && point.x >= 0 && point.x < view.width;
        if (!on_grid || (!any_class && (point.class_id < 0 || point.class_id >= view.channels)))
            throw py::value_error("points must be cells of center, " + center.array.got());
    }
    return points;
}

// scores, class_ids and the cells (n, 4, 2), y before x, of one image; and how many
// quadruples had to be scored. Of all of them where `all`, which are not counted.
py::tuple rank_quadruples(const std::array<Columns, 4>& sides, py::handle center,
                          const HeadFormat& format, double point_threshold, double center_threshold,
                          std::size_t max_detections, bool class_agnostic, bool all) {
    const ExtremeRule rule{point_threshold, center_threshold,
                           -std::numeric_limits<double>::infinity(), max_detections};
    const Head map = view_head(center, "center", format.layout, format.element_type);
    const auto side = [&](std::size_t i) { return points_of(sides[i], map, class_agnostic); };
    const ExtremePoints points{side(0), side(1), side(2), side(3)};
    const CenterMap rows{map.first, Activation::none, class_agnostic, nullptr};
    std::vector<Quadruple> found;
    std::size_t scored = 0;
    {
        const py::gil_scoped_release nogil;
        ExtremeScratch scratch;
        if (all)
            rank_all_quadruples(points, rows, rule, scratch, found);
        else
            scored = group_extreme_points(points, rows, rule, scratch, found);
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

}  // namespace

void bind_quadruples(py::module_& m) { m.def("rank_quadruples", &rank_quadruples); }
