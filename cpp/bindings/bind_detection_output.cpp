#include "arrays.hpp"

#include <centerdecode/detection_output.hpp>

namespace py = pybind11;
using namespace centerdecode;

namespace {

DetectionRows rows_of(const Array& array) {
    const auto& [rank, shape, strides] = array.extents;
    if (rank != 4 || shape[0] != 1 || shape[1] != 1 || shape[3] != 7)
        throw py::value_error(array.name + " must be of shape (1, 1, N, 7), " + array.got());
    return {array.data, array.type, shape[2], strides[2], strides[3]};
}

py::tuple arrays_of(const std::vector<ScoredBox>& boxes) {
    const auto n = static_cast<py::ssize_t>(boxes.size());
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    for (py::ssize_t i = 0; i < n; ++i) {
        const ScoredBox& box = boxes[static_cast<std::size_t>(i)];
        for (py::ssize_t corner = 0; corner < 4; ++corner)
            xyxy.mutable_at(i, corner) = box.xyxy[corner];
        scores.mutable_at(i) = box.score;
        class_ids.mutable_at(i) = box.class_id;
    }
    return py::make_tuple(xyxy, scores, class_ids);
}

py::tuple decode_rows(py::handle tensor, const std::string& element_type, std::int64_t image_id,
                      double height, double width, double score_threshold) {
    const Array array = view_array(tensor, "tensor", element_type);
    const DetectionRows rows = rows_of(array);
    std::vector<ScoredBox> boxes;
    {
        const py::gil_scoped_release nogil;
        boxes = decode_detection_rows(rows, image_id, {height, width}, score_threshold);
    }
    return arrays_of(boxes);
}

std::int64_t count_images_of(py::handle tensor, const std::string& element_type) {
    const Array array = view_array(tensor, "tensor", element_type);
    return count_images(rows_of(array));
}

}  // namespace

void bind_detection_output(py::module_& m) {
    m.def("decode_detection_output", &decode_rows);
    m.def("count_detection_images", &count_images_of);
}
