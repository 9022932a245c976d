#include "arrays.hpp"
#include "options.hpp"
#include "peak_scratch.hpp"

#include <centerdecode/choices.hpp>

#include <pybind11/stl.h>

namespace py = pybind11;
using namespace centerdecode;

namespace {

py::tuple arrays_of(const TensorView& heatmap, const std::vector<Peak>& peaks,
                    Activation activation) {
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
    const PeakScratch peaks(head, options);
    py::list found;
    for (py::ssize_t i = 0; i < head.batch; ++i)
        found.append(arrays_of(head.item(i), peaks.of(i), options.activation));
    return head.batched ? py::object(found) : py::object(found[0]);
}

PeakOptions make_peak_options(std::size_t top_k, double score_threshold,
                              const std::string& activation, std::int64_t window,
                              const std::string& plateaus,
                              std::optional<std::vector<std::int64_t>> classes, bool best_class,
                              std::size_t most_per_class, float tolerance) {
    return {top_k,
            score_threshold,
            activation_named(activation),
            plateaus_named(plateaus),
            window,
            std::move(classes),
            best_class,
            most_per_class,
            tolerance};
}

// The same of a heatmap that holds scores.
PeakOptions of_scores(PeakOptions options) {
    options.activation = Activation::none;
    return options;
}

}  // namespace

void bind_peaks(py::module_& m) {
    py::class_<HeadFormat>(m, "HeadFormat")
        .def(py::init([](const std::string& layout, const std::string& element_type) {
            return HeadFormat{layout_named(layout), element_type};
        }));
    py::class_<PeakOptions>(m, "PeakOptions")
        .def(py::init(&make_peak_options))
        .def("of_scores", &of_scores)
        .def_property_readonly("raw_threshold", [](const PeakOptions& options) {
            return raw_threshold(options.score_threshold, options.activation);
        });
    m.def("find_peaks", &find_peaks_in);
}
