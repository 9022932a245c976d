#include "box_inputs.hpp"
#include "peak_scratch.hpp"
#include "placements.hpp"

#include <centerdecode/boxes3d.hpp>
#include <centerdecode/choices.hpp>

#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace py = pybind11;
using namespace centerdecode;

namespace {

struct Inputs {
    BoxInputs box;
    Head rotation;
    Head depth;
    Head dimensions;
    std::optional<Head> amodal_offset;

    Box3dHeads item(py::ssize_t i) const noexcept {
        return {box.item(i), rotation.item(i), depth.item(i), dimensions.item(i),
                amodal_offset ? amodal_offset->item(i) : TensorView{}};
    }
};

Inputs view_heads(BoxInputs box, py::handle rotation, py::handle depth, py::handle dimensions,
                  py::handle amodal_offset, const HeadFormat& format) {
    const auto view = [&](py::handle object, const char* name, std::int64_t channels,
                          const char* why) {
        return view_beside(box.heatmap, object, name, format, channels, why);
    };
    Head bins = view(rotation, "rotation", 8, "(two bins of two logits, a sine and a cosine)");
    Head meters = view(depth, "depth", 1, "(the distance)");
    Head sizes = view(dimensions, "dimensions", 3, "(height, width and length)");
    std::optional<Head> shift;
    if (!amodal_offset.is_none())
        shift = view(amodal_offset, "amodal_offset", 2, "(one for each axis)");
    return {std::move(box), std::move(bins), std::move(meters), std::move(sizes), std::move(shift)};
}

// calibrations: (1 or B, 3, 4).
const double* calibration_of(const std::optional<Doubles>& calibrations, py::ssize_t batch,
                             py::ssize_t image) {
    if (!calibrations) return nullptr;
    const py::ssize_t given = calibrations->shape(0);
    if (given != 1 && given != batch)
        throw py::value_error("calibration must be one (3, 4) matrix or one for each image, got " +
                              std::to_string(given) + " for a batch of " + std::to_string(batch));
    return calibrations->data() + (given == 1 ? 0 : 12 * image);
}

py::tuple arrays_of(const Box3dHeads& heads, const Box3dRule& rule, const Placement& placement,
                    const Camera* camera, const std::vector<Peak>& peaks, Activation activation) {
    const auto n = static_cast<py::ssize_t>(peaks.size());
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<float> depths(n);
    py::array_t<float> dimensions({n, py::ssize_t{3}});
    py::array_t<float> alphas(n);
    py::array_t<float> locations({n, py::ssize_t{3}});
    py::array_t<float> rotations(n);
    py::array_t<std::int32_t> ys(n);
    py::array_t<std::int32_t> xs(n);
    for (py::ssize_t i = 0; i < n; ++i) {
        const Peak& peak = peaks[static_cast<std::size_t>(i)];
        const Box3d box =
            decode_box3d(heads, rule, placement, camera, peak, xyxy.mutable_data() + 4 * i);
        scores.mutable_data()[i] = score_of(peak.value, activation);
        const Cell cell = cell_of(heads.box.heatmap, peak);
        class_ids.mutable_data()[i] = cell.class_id;
        ys.mutable_data()[i] = cell.y;
        xs.mutable_data()[i] = cell.x;
        depths.mutable_data()[i] = box.depth;
        std::copy_n(box.dimensions, 3, dimensions.mutable_data() + 3 * i);
        alphas.mutable_data()[i] = box.alpha;
        std::copy_n(box.location, 3, locations.mutable_data() + 3 * i);
        rotations.mutable_data()[i] = box.rotation_y;
    }
    return py::make_tuple(xyxy, scores, class_ids, depths, dimensions, alphas, locations, rotations,
                          ys, xs);
}

// A tuple of arrays, or a list of them for a batch.
py::object decode_boxes3d(py::handle heatmap, py::handle rotation, py::handle depth,
                          py::handle dimensions, py::handle wh, py::handle offset,
                          py::handle amodal_offset, const HeadFormat& format,
                          const PeakOptions& options, const BoxFormat& box,
                          const std::string& depth_activation,
                          const std::optional<Doubles>& transforms,
                          const std::optional<Doubles>& clips,
                          const std::optional<Doubles>& calibrations) {
    const Inputs inputs =
        view_heads(view_box_heads(heatmap, wh, offset, format, box, NoBoxes::fine), rotation, depth,
                   dimensions, amodal_offset, format);
    const Head& map = inputs.box.heatmap;
    const Box3dRule rule{inputs.box.rule, depth_activation_named(depth_activation)};
    Placements placements(transforms, clips, map.batch);
    calibration_of(calibrations, map.batch, 0);
    const PeakScratch peaks(map, options);
    py::list found;
    for (py::ssize_t i = 0; i < map.batch; ++i) {
        Camera camera{};
        const double* matrix = calibration_of(calibrations, map.batch, i);
        if (matrix != nullptr) std::memcpy(camera.m, matrix, sizeof camera.m);
        found.append(arrays_of(inputs.item(i), rule, placements.of(i),
                               matrix == nullptr ? nullptr : &camera, peaks.of(i),
                               options.activation));
    }
    return map.batched ? py::object(found) : py::object(found[0]);
}

}  // namespace

void bind_boxes3d(py::module_& m) { m.def("decode_boxes3d", &decode_boxes3d); }
