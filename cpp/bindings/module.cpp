#include <pybind11/pybind11.h>

namespace py = pybind11;

void bind_bev(py::module_& m);
void bind_boxes(py::module_& m);
void bind_boxes3d(py::module_& m);
void bind_detection_output(py::module_& m);
void bind_extreme_points(py::module_& m);
void bind_gather(py::module_& m);
void bind_isa(py::module_& m);
void bind_joined_pairs(py::module_& m);
void bind_keypoints(py::module_& m);
void bind_levels(py::module_& m);
void bind_masks(py::module_& m);
void bind_mirror(py::module_& m);
void bind_nms(py::module_& m);
void bind_peaks(py::module_& m);
void bind_quadruples(py::module_& m);
void bind_refinement(py::module_& m);
void bind_triplets(py::module_& m);

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
    m.doc() = "Private. Import from `centerdecode` instead.";
    m.attr("__version__") = CENTERDECODE_VERSION;
    m.attr("compiler") = CENTERDECODE_COMPILER;
    bind_peaks(m);
    bind_boxes(m);
    bind_boxes3d(m);
    bind_levels(m);
    bind_bev(m);
    bind_quadruples(m);
    bind_extreme_points(m);
    bind_triplets(m);
    bind_joined_pairs(m);
    bind_detection_output(m);
    bind_gather(m);
    bind_masks(m);
    bind_mirror(m);
    bind_nms(m);
    bind_isa(m);
    bind_refinement(m);
    bind_keypoints(m);
}
