// The rules of keypoints, and refinement of keypoints that are already arrays.

#include <centerdecode/choices.hpp>
#include <centerdecode/heads.hpp>
#include <centerdecode/keypoints.hpp>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <string>
#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Doubles = py::array_t<double, py::array::c_style>;
using Floats = py::array_t<float, py::array::c_style>;
using Ints = py::array_t<std::int32_t, py::array::c_style>;

void require_shape(const py::array& array, const std::vector<py::ssize_t>& shape,
                   const char* name) {
    if (std::equal(array.shape(), array.shape() + array.ndim(), shape.begin(), shape.end())) return;
    throw py::value_error(std::string(name) + " must be of shape " +
                          py::str(py::tuple(py::cast(shape))).cast<std::string>() + ", got " +
                          py::str(array.attr("shape")).cast<std::string>());
}

// regressed: (N, J, 2), boxes: (N, 4) or None, candidates: (M, J, 2) with scores
// (M, J), of which the first counts (J) are valid; all in cells, x before y.
py::tuple refine(const Doubles& regressed, const std::optional<Doubles>& boxes,
                 const Doubles& candidates, const Floats& scores, const Ints& counts,
                 const PoseRule& pose) {
    if (regressed.ndim() != 3 || candidates.ndim() != 3)
        throw py::value_error("regressed and candidates must be of shape (N, J, 2)");
    const py::ssize_t n = regressed.shape(0);
    const py::ssize_t keypoints = regressed.shape(1);
    const py::ssize_t m = candidates.shape(0);
    require_shape(regressed, {n, keypoints, 2}, "regressed");
    require_shape(candidates, {m, keypoints, 2}, "candidates");
    require_shape(scores, {m, keypoints}, "scores");
    require_shape(counts, {keypoints}, "counts");
    if (boxes) require_shape(*boxes, {n, 4}, "boxes");
    const Refinement& rule = pose.refinement;
    require_std_devs(rule, keypoints);
    Ints chosen({n, keypoints});
    Floats chosen_scores({n, keypoints});
    std::int32_t* chosen_data = chosen.mutable_data();
    float* score_data = chosen_scores.mutable_data();
    const KeypointArrays arrays{regressed.data(),
                                boxes ? boxes->data() : nullptr,
                                candidates.data(),
                                scores.data(),
                                counts.data(),
                                static_cast<std::size_t>(n),
                                static_cast<std::size_t>(m),
                                static_cast<std::size_t>(keypoints)};
    {
        const py::gil_scoped_release nogil;
        choose_candidates(rule, arrays, chosen_data, score_data);
    }
    return py::make_tuple(chosen, chosen_scores);
}

Refinement make_refinement(const std::string& ranking, double score_threshold, double box_scale,
                           double search_scale, double distance_offset, double distance_multiplier,
                           std::vector<double> std_devs, std::optional<double> extent_margin) {
    return {ranking_named(ranking), score_threshold,     box_scale,           search_scale,
            distance_offset,        distance_multiplier, std::move(std_devs), extent_margin};
}

PoseRule make_pose_rule(const std::string& order, const std::string& axes, const std::string& frame,
                        const std::string& activation, const PeakOptions& candidates,
                        const Refinement& refinement, std::optional<double> unmatched_score,
                        bool single) {
    const KeypointRule keypoint{keypoint_order_named(order), axes_named(axes),
                                keypoint_frame_named(frame), keypoint_activation_named(activation)};
    return {{}, keypoint, candidates, refinement, unmatched_score, single};
}

}  // namespace

void bind_refinement(py::module_& m) {
    py::class_<Refinement>(m, "Refinement").def(py::init(&make_refinement));
    py::class_<PoseRule>(m, "PoseRule").def(py::init(&make_pose_rule));
    m.def("refine", &refine);
}
