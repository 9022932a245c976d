#include <pybind11/pybind11.h>

namespace py = pybind11;

void bind_boxes(py::module_& m);
void bind_detection_output(py::module_& m);
void bind_gather(py::module_& m);
void bind_isa(py::module_& m);
void bind_nms(py::module_& m);
void bind_peaks(py::module_& m);

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
    m.doc() = "Private. Import from `centerdecode` instead.";
    m.attr("__version__") = CENTERDECODE_VERSION;
    m.attr("compiler") = CENTERDECODE_COMPILER;
    bind_peaks(m);
    bind_boxes(m);
    bind_detection_output(m);
    bind_gather(m);
    bind_nms(m);
    bind_isa(m);
}
