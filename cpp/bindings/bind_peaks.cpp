#include "arrays.hpp"
#include "choices.hpp"
#include "options.hpp"
#include "peak_scratch.hpp"

#include <pybind11/stl.h>

#include <algorithm>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// A batch that once needed more than this gives its memory back.
constexpr std::size_t kept_peaks = 1 << 16;

void require_classes(const Head& heatmap, const PeakOptions& options) {
    if (!options.classes.has_value() || options.classes->empty()) return;
    if (options.classes->back() < heatmap.first.channels) return;
    throw py::value_error("classes must be below the channels of " + heatmap.array.name + ", got class " +
                          std::to_string(options.classes->back()) + ", " + heatmap.array.got());
}

py::tuple arrays_of(const TensorView& heatmap, const std::vector<Peak>& peaks, Activation activation) {
    const auto n = static_cast<py::ssize_t>(peaks.size());
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<std::int32_t> ys(n);
    py::array_t<std::int32_t> xs(n);
    for (py::ssize_t i = 0; i < n; ++i) {
        const Peak& peak = peaks[static_cast<std::size_t>(i)];
        const Cell cell = cell_of(heatmap, peak);
        scores.mutable_at(i) = score_of(peak.value, activation);
        class_ids.mutable_at(i) = cell.class_id;
        ys.mutable_at(i) = cell.y;
        xs.mutable_at(i) = cell.x;
    }
    return py::make_tuple(scores, class_ids, ys, xs);
}

// A tuple of arrays, or a list of them for a batch.
py::object find_peaks_in(py::handle heatmap, const HeadFormat& format, const PeakOptions& options) {
    const Head head = view_head(heatmap, "heatmap", format.layout, format.element_type);
    const PeakLists& peaks = find_peaks_of_batch(head, options);
    py::list found;
    for (py::ssize_t i = 0; i < head.batch; ++i)
        found.append(arrays_of(head.item(i), peaks[static_cast<std::size_t>(i)], options.activation));
    return head.batched ? py::object(found) : py::object(found[0]);
}

PeakOptions make_peak_options(std::size_t top_k, double score_threshold,
                              const std::string& activation, std::int64_t window,
                              const std::string& plateaus,
                              std::optional<std::vector<std::int64_t>> classes) {
    return {top_k,  score_threshold, activation_named(activation), plateaus_named(plateaus),
            window, std::move(classes)};
}

}  // namespace

const PeakLists& find_peaks_of_batch(const Head& heatmap, const PeakOptions& options) {
    require_classes(heatmap, options);
    thread_local PeakLists scratch;
    const py::gil_scoped_release nogil;
    const auto batch = static_cast<std::size_t>(heatmap.batch);
    if (scratch.size() < batch) scratch.resize(batch);
    for (std::size_t i = 0; i < batch; ++i) {
        if (scratch[i].capacity() > kept_peaks) scratch[i] = {};
        find_peaks(heatmap.item(static_cast<py::ssize_t>(i)), options, scratch[i]);
    }
    return scratch;
}

void bind_peaks(py::module_& m) {
    py::class_<HeadFormat>(m, "HeadFormat")
        .def(py::init([](const std::string& layout, const std::string& element_type) {
            return HeadFormat{layout_named(layout), element_type};
        }));
    py::class_<PeakOptions>(m, "PeakOptions").def(py::init(&make_peak_options));
    m.def("find_peaks", &find_peaks_in);
}
