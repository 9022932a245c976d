#include "arrays.hpp"
#include "choices.hpp"
#include "options.hpp"
#include "peak_scratch.hpp"

#include <pybind11/stl.h>

#include <cstring>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Doubles = py::array_t<double, py::array::c_style>;

// One item for the whole batch, or one for each image of it; none at all.
struct PerImage {
    PerImage(const std::optional<Doubles>& values, py::ssize_t batch, const char* rule)
        : data(values ? values->data() : nullptr), step(0) {
        if (!values || values->shape(0) == 1 || batch == 0) return;
        if (values->shape(0) != batch)
            throw py::value_error(std::string(rule) + ", got " + std::to_string(values->shape(0)) +
                                  " for a batch of " + std::to_string(batch));
        step = values->size() / batch;
    }

    const double* item(py::ssize_t i) const { return data == nullptr ? nullptr : data + i * step; }

    const double* data;
    py::ssize_t step;
};

BoxHeads heads_of(const Head& heatmap, const Head& wh, const std::optional<Head>& offset,
                  py::ssize_t i) {
    return {heatmap.item(i), wh.item(i), offset ? offset->item(i) : TensorView{}};
}

py::tuple arrays_of(const BoxHeads& heads, const BoxRule& rule, const Placement& placement,
                    const std::vector<Peak>& peaks, Activation activation) {
    const auto n = static_cast<py::ssize_t>(peaks.size());
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<std::int32_t> ys(n);
    py::array_t<std::int32_t> xs(n);
    float* corners = xyxy.mutable_data();
    for (py::ssize_t i = 0; i < n; ++i, corners += 4) {
        const Peak& peak = peaks[static_cast<std::size_t>(i)];
        const Cell cell = cell_of(heads.heatmap, peak);
        decode_box(heads, rule, placement, peak, corners);
        scores.mutable_data()[i] = score_of(peak.value, activation);
        class_ids.mutable_data()[i] = cell.class_id;
        ys.mutable_data()[i] = cell.y;
        xs.mutable_data()[i] = cell.x;
    }
    return py::make_tuple(xyxy, scores, class_ids, ys, xs);
}

// A size head has one group of channels, or one for each class.
bool is_class_specific(const Head& heatmap, const Head& wh, BoxEncoding encoding) {
    const std::int64_t shared = box_channels(encoding);
    const std::int64_t specific = shared * heatmap.first.channels;
    if (wh.first.channels == shared) return false;
    require_channels(wh, specific, "(one group for each class) or " + std::to_string(shared));
    return true;
}

// A tuple of arrays, or a list of them for a batch.
py::object decode_boxes_of(py::handle heatmap, py::handle wh, py::handle offset,
                         const HeadFormat& format, const PeakOptions& options, const BoxFormat& box,
                         const std::optional<Doubles>& transforms,
                         const std::optional<Doubles>& clips) {
    const auto view = [&](py::handle object, const char* name) {
        return view_head(object, name, format.layout, format.element_type);
    };
    const Head heatmap_head = view(heatmap, "heatmap");
    const Head wh_head = view(wh, "wh");
    require_same_grid(heatmap_head, wh_head);
    std::optional<Head> offset_head;
    if (!offset.is_none()) {
        offset_head = view(offset, "offset");
        require_same_grid(heatmap_head, *offset_head);
        require_channels(*offset_head, 2, "(one for each axis)");
    }
    const PerImage transform(transforms, heatmap_head.batch,
                             "transform must be one (2, 3) matrix or one for each image");
    const PerImage clip(clips, heatmap_head.batch,
                        "clip must be one (height, width) or one for each image");
    BoxRule rule = box.rule;
    rule.class_specific = is_class_specific(heatmap_head, wh_head, rule.encoding);
    rule.center_shift = box.center_shift.value_or(offset_head ? 0.0 : 0.5);

    const PeakScratch peaks(heatmap_head, options);
    py::list found;
    for (py::ssize_t i = 0; i < heatmap_head.batch; ++i) {
        Transform matrix{};
        ImageSize size{};
        Placement placement;
        if (const double* m = transform.item(i)) {
            std::memcpy(matrix.m, m, sizeof matrix.m);
            placement.transform = &matrix;
        }
        if (const double* extents = clip.item(i)) {
            size = {extents[0], extents[1]};
            placement.clip = &size;
        }
        found.append(arrays_of(heads_of(heatmap_head, wh_head, offset_head, i), rule, placement,
                               peaks.of(i), options.activation));
    }
    return heatmap_head.batched ? py::object(found) : py::object(found[0]);
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
