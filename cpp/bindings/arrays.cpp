#include "arrays.hpp"

#include "dlpack.hpp"
#include "element_types.hpp"

#include <cstring>
#include <utility>

namespace py = pybind11;
using centerdecode::ElementType;

namespace {

constexpr const char* accepted =
    "a NumPy array, an ov.Tensor, or an object with DLPack or the buffer protocol";

std::string text(py::handle object) { return py::str(object).cast<std::string>(); }

[[noreturn]] void reject_type(const Array& array, const std::string& rule) {
    throw py::type_error(array.name + " must be " + rule + ", " + array.got());
}

bool is_labelled(py::handle object) {
    return py::hasattr(object, "element_type") && py::hasattr(object, "data");
}

// The type is asked first, because asking an ov.Tensor for its data makes an array.
bool is_openvino(py::handle object) {
    return is_labelled(py::type::handle_of(object)) || is_labelled(object);
}

std::string openvino_type(py::handle tensor) {
    return text(tensor.attr("element_type").attr("get_type_name")());
}

Claim claim_as(ElementType type) {
    switch (type) {
        case ElementType::f16: return Claim::f16;
        case ElementType::bf16: return Claim::bf16;
        case ElementType::f32: break;
    }
    return Claim::f32;
}

// NumPy's float16, unless it is a view of an ov.Tensor, which knows better.
Claim claim_of_half(py::handle owner) {
    while (py::isinstance<py::array>(owner))
        owner = py::reinterpret_borrow<py::array>(owner).base();
    if (!owner || !is_openvino(owner)) return Claim::half;
    const auto type = element_type_named(openvino_type(owner));
    return !type.has_value() || *type == ElementType::f32 ? Claim::half : claim_as(*type);
}

Claim fill_from_numpy(Array& array, const py::array& source) {
    array.owner = source;
    array.data = static_cast<const std::byte*>(source.data());
    Extents& extents = array.extents;
    extents.rank = static_cast<std::size_t>(source.ndim());
    std::copy_n(source.shape(), extents.known(), extents.shape.begin());
    std::copy_n(source.strides(), extents.known(), extents.strides.begin());
    return claim_of(source.dtype());
}

Claim fill_from_dlpack(Array& array, py::handle object) {
    ForeignTensor foreign = import_dlpack(object, array.name.c_str());
    array.owner = std::move(foreign.owner);
    array.data = static_cast<const std::byte*>(foreign.data);
    array.extents = foreign.extents;
    array.dtype = std::move(foreign.dtype);
    return claim_named(array.dtype);
}

// An ov.Tensor, known by what it can do, so that OpenVINO is not imported. Its
// own element type is the truth; the dtype of its data is not.
Claim fill_from_openvino(Array& array, py::handle tensor) {
    std::string own = openvino_type(tensor);
    const auto type = element_type_named(own);
    if (!type.has_value()) {
        const auto shape = py::tuple(tensor.attr("shape"));
        array.extents.rank = shape.size();
        for (std::size_t i = 0; i < array.extents.known(); ++i)
            array.extents.shape[i] = shape[i].cast<py::ssize_t>();
        array.dtype = std::move(own);
        reject_type(array, "f32, f16 or bf16");
    }
    const Claim seen = fill_from_numpy(array, tensor.attr("data").cast<py::array>());
    const bool holds_16_bits = seen == Claim::half || seen == Claim::bits16;
    if (*type == ElementType::f32 ? seen != Claim::f32 : !holds_16_bits)
        reject_type(array, "of the element type that it is labelled with, " + own);
    array.dtype = std::move(own);
    return claim_as(*type);
}

// To ask a plain array for an attribute that it lacks takes longer than to read it.
bool is_subclass_instance(py::handle array) {
    return std::strcmp(Py_TYPE(array.ptr())->tp_name, "numpy.ndarray") != 0;
}

// Fills `array` from whatever it is; returns what it says that its elements are.
Claim fill(Array& array, py::handle object) {
    if (py::isinstance<py::array>(object)) {
        if (is_subclass_instance(object) && py::hasattr(object, "mask"))
            throw py::type_error(array.name +
                                 " must be a plain array, got a masked one, whose mask "
                                 "would not be read");
        const Claim claim = fill_from_numpy(array, py::reinterpret_borrow<py::array>(object));
        return claim == Claim::half ? claim_of_half(object) : claim;
    }
    if (is_openvino(object)) return fill_from_openvino(array, object);
    if (has_dlpack(object)) return fill_from_dlpack(array, object);
    if (PyObject_CheckBuffer(object.ptr()) != 0) {
        const auto asarray = py::module_::import("numpy").attr("asarray");
        return fill_from_numpy(array,
                               asarray(py::memoryview(py::reinterpret_borrow<py::object>(object))));
    }
    throw py::type_error(array.name + " must be " + accepted + ", got " +
                         text(py::type::of(object).attr("__name__")));
}

}  // namespace

Array view_array(py::handle object, const char* name, const std::string& element_type) {
    if (!element_type.empty() && !element_type_named(element_type).has_value())
        throw py::value_error("element_type must be one of \"f32\", \"f16\", \"bf16\", got \"" +
                              element_type + "\"");
    Array array{name, {}, nullptr, ElementType::f32, {}, {}};
    const Resolved resolved = resolve(fill(array, object), element_type);
    if (!resolved.type.has_value()) reject_type(array, resolved.rule);
    array.type = *resolved.type;
    return array;
}

std::string Array::got() const {
    const std::string elements =
        dtype.empty() ? text_of(py::reinterpret_borrow<py::array>(owner).dtype()) : dtype;
    if (extents.rank > Extents::most)
        return "got " + elements + " of " + std::to_string(extents.rank) + " axes";
    py::tuple shape(extents.rank);
    for (std::size_t i = 0; i < extents.rank; ++i) shape[i] = extents.shape[i];
    return "got " + elements + " " + text(shape);
}
