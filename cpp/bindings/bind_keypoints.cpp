#include "peak_scratch.hpp"
#include "placements.hpp"
#include "pose_inputs.hpp"

#include <centerdecode/keypoints.hpp>

#include <pybind11/stl.h>

#include <optional>
#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// A scratch that once needed room for more peaks than this is not kept.
constexpr std::size_t kept_peaks = 1 << 16;

// Used only while the GIL is released, so no finaliser can get between.
thread_local PoseScratch scratch;

py::tuple decode_image(const PoseHeads& heads, const PoseRule& rule, const Placement& placement,
                       const std::vector<Peak>& peaks, Activation activation) {
    const auto n = static_cast<py::ssize_t>(peaks.size());
    const auto count = static_cast<py::ssize_t>(heads.keypoints.channels / 2);
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<float> keypoints({n, count, py::ssize_t{2}});
    py::array_t<float> keypoint_scores({n, count});
    PoseRow row{xyxy.mutable_data(), keypoints.mutable_data(), keypoint_scores.mutable_data()};
    float* score = scores.mutable_data();
    std::int32_t* class_id = class_ids.mutable_data();
    {
        const py::gil_scoped_release nogil;
        if (n > 0) find_candidates(heads, rule, scratch);
        for (const Peak& peak : peaks) {
            *score = score_of(peak.value, activation);
            *class_id++ = cell_of(heads.boxes.heatmap, peak).class_id;
            decode_pose(heads, rule, placement, peak, *score++, scratch, row);
            row = {row.xyxy + 4, row.keypoints + 2 * count, row.keypoint_scores + count};
        }
        if (scratch.peaks.capacity() > kept_peaks) scratch = {};
    }
    return py::make_tuple(xyxy, scores, class_ids, keypoints, keypoint_scores);
}

// A tuple of arrays, or a list of them for a batch.
py::object decode_poses_of(py::handle heatmap, py::handle wh, py::handle offset,
                           py::handle keypoints, py::handle keypoint_heatmap,
                           py::handle keypoint_offset, const HeadFormat& format,
                           const PeakOptions& options, const BoxFormat& box, const PoseRule& pose,
                           const std::optional<Doubles>& transforms,
                           const std::optional<Doubles>& clips) {
    const PoseInputs inputs = view_pose_heads(
        {heatmap, wh, offset, keypoints, keypoint_heatmap, keypoint_offset}, format, box, pose);
    const PoseRule& rule = inputs.rule;
    const Head& centers = inputs.boxes.heatmap;
    Placements placements(transforms, clips, centers.batch);
    std::optional<PeakScratch> peaks;
    if (!rule.single) peaks.emplace(centers, options);
    std::vector<Peak> center;
    py::list found;
    for (py::ssize_t i = 0; i < centers.batch; ++i) {
        if (rule.single) {
            const py::gil_scoped_release nogil;
            find_single_center(centers.item(i), options, rule.refinement.distance_offset, center);
        }
        found.append(decode_image(inputs.item(i), rule, placements.of(i),
                                  peaks ? peaks->of(i) : center, options.activation));
    }
    return centers.batched ? py::object(found) : py::object(found[0]);
}

}  // namespace

void bind_keypoints(py::module_& m) { m.def("decode_poses", &decode_poses_of); }
