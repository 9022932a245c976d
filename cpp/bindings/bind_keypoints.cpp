#include "cells.hpp"
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
    py::array_t<std::int32_t> ys(n);
    py::array_t<std::int32_t> xs(n);
    std::optional<py::array_t<float>> depths;
    if (heads.keypoint_depth.data != nullptr) depths.emplace(py::array::ShapeContainer{n, count});
    PoseRow row{xyxy.mutable_data(), keypoints.mutable_data(), keypoint_scores.mutable_data(),
                depths ? depths->mutable_data() : nullptr};
    float* score = scores.mutable_data();
    std::int32_t* class_id = class_ids.mutable_data();
    std::int32_t* y = ys.mutable_data();
    std::int32_t* x = xs.mutable_data();
    {
        const py::gil_scoped_release nogil;
        if (n > 0) find_candidates(heads, rule, scratch);
        for (const Peak& peak : peaks) {
            *score = score_of(peak.value, activation);
            const Cell cell = cell_of(heads.boxes.heatmap, peak);
            *class_id++ = cell.class_id;
            *y++ = cell.y;
            *x++ = cell.x;
            decode_pose(heads, rule, placement, peak, *score++, scratch, row);
            row = {row.xyxy + 4, row.keypoints + 2 * count, row.keypoint_scores + count,
                   depths ? row.keypoint_depths + count : nullptr};
        }
        if (scratch.peaks.capacity() > kept_peaks) scratch = {};
    }
    return py::make_tuple(xyxy, scores, class_ids, keypoints, keypoint_scores, ys, xs, depths);
}

// A tuple of arrays, or a list of them for a batch. given: the peaks of each image,
// where they are already known; no others are looked for.
py::object decode_poses_of(py::handle heatmap, py::handle wh, py::handle offset,
                           py::handle keypoints, py::handle keypoint_heatmap,
                           py::handle keypoint_offset, py::handle keypoint_depth,
                           const HeadFormat& format, const PeakOptions& options,
                           const BoxFormat& box, const PoseRule& pose,
                           const std::optional<Doubles>& transforms,
                           const std::optional<Doubles>& clips,
                           const std::optional<std::vector<GivenPeaks>>& given) {
    const PoseInputs inputs = view_pose_heads(
        {heatmap, wh, offset, keypoints, keypoint_heatmap, keypoint_offset, keypoint_depth}, format,
        box, pose);
    const PoseRule& rule = inputs.rule;
    const Head& centers = inputs.boxes.heatmap;
    Placements placements(transforms, clips, centers.batch);
    if (given) require_batch(centers, given->size(), "peaks");
    std::optional<PeakScratch> scanned;
    if (!given && !rule.single) scanned.emplace(centers, options);
    std::vector<Peak> own;
    const auto peaks_of = [&](py::ssize_t i) -> const std::vector<Peak>& {
        if (scanned) return scanned->of(i);
        if (given) return own = view_peaks(centers, (*given)[static_cast<std::size_t>(i)]);
        const py::gil_scoped_release nogil;
        find_single_center(centers.item(i), options, rule.refinement.distance_offset, own);
        return own;
    };
    py::list found;
    for (py::ssize_t i = 0; i < centers.batch; ++i)
        found.append(decode_image(inputs.item(i), rule, placements.of(i), peaks_of(i),
                                  given ? Activation::none : options.activation));
    return centers.batched ? py::object(found) : py::object(found[0]);
}

}  // namespace

void bind_keypoints(py::module_& m) { m.def("decode_poses", &decode_poses_of); }
