#include <pybind11/pybind11.h>

namespace py = pybind11;

void bind_centers(py::module_& m);
void bind_decoder(py::module_& m);
void bind_edges(py::module_& m);
void bind_isa(py::module_& m);
void bind_masks(py::module_& m);
void bind_nms(py::module_& m);
void bind_options(py::module_& m);
void bind_peaks(py::module_& m);
void bind_quadruples(py::module_& m);
void bind_upstream(py::module_& m);

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
    m.doc() = "Private. Import from `centerdecode` instead.";
    m.attr("__version__") = CENTERDECODE_VERSION;
    m.attr("compiler") = CENTERDECODE_COMPILER;
    bind_options(m);
    bind_peaks(m);
    bind_decoder(m);
    bind_centers(m);
    bind_quadruples(m);
    bind_edges(m);
    bind_masks(m);
    bind_nms(m);
    bind_isa(m);
    bind_upstream(m);
}
