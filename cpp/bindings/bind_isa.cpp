#include <centerdecode/isa.hpp>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace py = pybind11;

void bind_isa(py::module_& m) {
    m.def("active_isa", &centerdecode::active_isa);
    m.def("compiled_isas", &centerdecode::compiled_isas);
    m.def("supported_isas", &centerdecode::supported_isas);
    m.def("set_isa", &centerdecode::set_isa);
}
