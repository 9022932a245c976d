#include "box_inputs.hpp"
#include "peak_scratch.hpp"
#include "placements.hpp"

#include <centerdecode/choices.hpp>

#include <pybind11/stl.h>

#include <utility>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// The cells of peaks, which are asked for only where other heads are read there.
std::pair<py::array, py::array> cells_of(const TensorView& heatmap,
                                         const std::vector<Peak>& peaks) {
    const auto n = static_cast<py::ssize_t>(peaks.size());
    py::array_t<std::int32_t> ys(n);
    py::array_t<std::int32_t> xs(n);
    for (py::ssize_t i = 0; i < n; ++i) {
        const Cell cell = cell_of(heatmap, peaks[static_cast<std::size_t>(i)]);
        ys.mutable_data()[i] = cell.y;
        xs.mutable_data()[i] = cell.x;
    }
    return {ys, xs};
}

py::tuple arrays_of(const BoxHeads& heads, const BoxRule& rule, const Placement& placement,
                    const std::vector<Peak>& peaks, Activation activation, bool with_cells) {
    const auto n = static_cast<py::ssize_t>(peaks.size());
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    float* corners = xyxy.mutable_data();
    float* score = scores.mutable_data();
    std::int32_t* class_id = class_ids.mutable_data();
    for (const Peak& peak : peaks) {
        const Cell cell = cell_of(heads.heatmap, peak);
        decode_box(heads, rule, placement, cell, corners);
        corners += 4;
        *score++ = score_of(peak.value, activation);
        *class_id++ = cell.class_id;
    }
    if (!with_cells) return py::make_tuple(xyxy, scores, class_ids);
    const auto [ys, xs] = cells_of(heads.heatmap, peaks);
    return py::make_tuple(xyxy, scores, class_ids, ys, xs);
}

// A tuple of arrays, or a list of them for a batch.
py::object decode_boxes_of(py::handle heatmap, py::handle wh, py::handle offset,
                           const HeadFormat& format, const PeakOptions& options,
                           const BoxFormat& box, const std::optional<Doubles>& transforms,
                           const std::optional<Doubles>& clips, bool with_cells) {
    const BoxInputs inputs = view_box_heads(heatmap, wh, offset, format, box, NoBoxes::refused);
    Placements placements(transforms, clips, inputs.heatmap.batch);
    const PeakScratch peaks(inputs.heatmap, options);
    const auto image = [&](py::ssize_t i) {
        return arrays_of(inputs.item(i), inputs.rule, placements.of(i), peaks.of(i),
                         options.activation, with_cells);
    };
    if (!inputs.heatmap.batched) return image(0);
    py::list found;
    for (py::ssize_t i = 0; i < inputs.heatmap.batch; ++i) found.append(image(i));
    return found;
}

BoxFormat make_box_format(double stride, const std::string& encoding, const std::string& units,
                          const std::string& activation, const std::string& axes,
                          std::optional<double> center_shift) {
    const BoxRule rule{stride,
                       box_encoding_named(encoding),
                       box_units_named(units),
                       box_activation_named(activation),
                       axes_named(axes),
                       false,
                       0.0};
    return {rule, center_shift};
}

}  // namespace

void bind_boxes(py::module_& m) {
    py::class_<BoxFormat>(m, "BoxFormat").def(py::init(&make_box_format));
    m.def("decode_boxes", &decode_boxes_of);
}
