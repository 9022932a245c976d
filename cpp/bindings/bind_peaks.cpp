#include "arrays/arrays.hpp"
#include "calls/options.hpp"
#include "calls/peak_scratch.hpp"

#include "settings/choices.hpp"
#include "settings/settings.hpp"

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

PeakOptions make_peak_options(const std::vector<std::pair<std::string, std::string>>& options,
                              float tolerance) {
    Entries entries(options);
    const Settings settings = read_options(entries);
    PeakOptions peaks = settings.peaks;
    if (settings.max_per_class) peaks.most_per_class = *settings.max_per_class;
    peaks.tolerance = tolerance;
    return peaks;
}

}  // namespace

void bind_peaks(py::module_& m) {
    py::class_<HeadFormat>(m, "HeadFormat")
        .def(py::init([](const std::string& layout, const std::string& element_type) {
            return HeadFormat{choice_of<Layout>(layout), element_type};
        }));
    py::class_<PeakOptions>(m, "PeakOptions").def(py::init(&make_peak_options));
    m.def("find_peaks", &find_peaks_in);
    m.def("raw_threshold", [](double score_threshold, const std::string& activation) {
        return raw_threshold(score_threshold, choice_of<Activation>(activation));
    });
}
