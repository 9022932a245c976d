#include <centerdecode/choices.hpp>
#include <centerdecode/nms.hpp>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace py = pybind11;
using namespace centerdecode;

namespace {

template <class T>
using Contiguous = py::array_t<T, py::array::c_style>;

NmsRule make_rule(const std::string& kind, double iou_threshold, double sigma,
                  double score_threshold, bool class_agnostic, bool whole_pixels, bool inclusive,
                  const std::string& shape, double radius) {
    return {nms_kind_named(kind),
            iou_threshold,
            sigma,
            score_threshold,
            class_agnostic,
            whole_pixels,
            inclusive,
            nms_shape_named(shape),
            radius};
}

// (rows, scores) of what stays, strongest first.
py::tuple suppress_boxes(const Contiguous<float>& shapes, const Contiguous<float>& scores,
                         const Contiguous<std::int32_t>& class_ids, const NmsRule& rule) {
    const py::ssize_t n = scores.size();
    const auto numbers = static_cast<py::ssize_t>(numbers_of(rule.shape));
    if (shapes.size() != numbers * n || class_ids.size() != n)
        throw py::value_error("shapes of " + std::to_string(numbers) +
                              " numbers, scores and class_ids must have as many rows, got " +
                              std::to_string(shapes.size()) + " numbers, " + std::to_string(n) +
                              " and " + std::to_string(class_ids.size()));
    std::vector<KeptBox> kept;
    {
        const py::gil_scoped_release nogil;
        kept = suppress(shapes.data(), scores.data(), class_ids.data(), static_cast<std::size_t>(n),
                        rule);
    }
    const auto left = static_cast<py::ssize_t>(kept.size());
    py::array_t<std::int64_t> rows(left);
    py::array_t<float> new_scores(left);
    for (py::ssize_t i = 0; i < left; ++i) {
        rows.mutable_data()[i] = kept[static_cast<std::size_t>(i)].row;
        new_scores.mutable_data()[i] = kept[static_cast<std::size_t>(i)].score;
    }
    return py::make_tuple(rows, new_scores);
}

}  // namespace

void bind_nms(py::module_& m) {
    py::class_<NmsRule>(m, "NmsRule").def(py::init(&make_rule));
    m.def("nms", &suppress_boxes);
}
