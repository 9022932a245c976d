#include "arrays.hpp"

#include "dlpack.hpp"

#include <pybind11/stl.h>

#include <optional>
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

std::optional<ElementType> element_type_named(const std::string& name) {
    if (name == "f32") return ElementType::f32;
    if (name == "f16") return ElementType::f16;
    if (name == "bf16") return ElementType::bf16;
    return std::nullopt;
}

// What `dtype` holds for certain. NumPy's float16 is not here on purpose.
std::optional<ElementType> type_of_dtype(const std::string& dtype) {
    if (dtype == "float32") return ElementType::f32;
    if (dtype == "bfloat16") return ElementType::bf16;
    return std::nullopt;
}

bool holds_16_bits(const std::string& dtype) {
    return dtype == "float16" || dtype == "uint16" || dtype == "int16";
}

bool is_openvino(py::handle object) {
    return py::hasattr(object, "element_type") && py::hasattr(object, "data");
}

std::string openvino_type(py::handle tensor) {
    return text(tensor.attr("element_type").attr("get_type_name")());
}

// The half-width type of the ov.Tensor that a NumPy array is a view of, if it is one.
std::optional<ElementType> half_type_of_owner(py::handle owner) {
    while (py::isinstance<py::array>(owner))
        owner = py::reinterpret_borrow<py::array>(owner).base();
    if (!owner || !is_openvino(owner)) return std::nullopt;
    const auto type = element_type_named(openvino_type(owner));
    return type == ElementType::f32 ? std::nullopt : type;
}

// `own`: what the array says of itself, if it does. `said`: what the caller says
// of 16-bit arrays.
ElementType resolve_type(const Array& array, std::optional<ElementType> own,
                         const std::string& element_type) {
    const auto said = element_type_named(element_type);
    const std::string as_said = element_type + ", as element_type says";
    if (own.has_value()) {
        if (said.has_value() && *said != *own && *own != ElementType::f32)
            reject_type(array, as_said);
        return *own;
    }
    if (!holds_16_bits(array.dtype) || (!said.has_value() && array.dtype != "float16"))
        reject_type(array, "float32, float16 or bfloat16 in this machine's byte order");
    if (!said.has_value())
        reject_type(
            array,
            "named by element_type=\"f16\" or \"bf16\" where it is a bare float16 array "
            "(OpenVINO's bf16 outputs look like float16 in NumPy), or be the ov.Tensor itself");
    if (*said == ElementType::f32) reject_type(array, as_said);
    return *said;
}

// "float32", or ">f4" where the byte order is not this machine's. NumPy takes a
// microsecond to find a name, so the usual one is known by its number.
std::string dtype_text(const py::dtype& dtype) {
    static const int float32 = py::dtype::of<float>().num();
    if (!dtype.attr("isnative").cast<bool>()) return text(dtype.attr("str"));
    return dtype.num() == float32 ? "float32" : text(dtype.attr("name"));
}

void fill_from_numpy(Array& array, const py::array& source) {
    array.owner = source;
    array.data = static_cast<const std::byte*>(source.data());
    array.dtype = dtype_text(source.dtype());
    array.shape.assign(source.shape(), source.shape() + source.ndim());
    array.strides.assign(source.strides(), source.strides() + source.ndim());
}

void fill_from_dlpack(Array& array, py::handle object) {
    ForeignTensor foreign = import_dlpack(object, array.name.c_str());
    array.owner = std::move(foreign.owner);
    array.data = static_cast<const std::byte*>(foreign.data);
    array.dtype = std::move(foreign.dtype);
    array.shape = std::move(foreign.shape);
    array.strides = std::move(foreign.strides);
}

// An ov.Tensor, known by what it can do, so that OpenVINO is not imported. Its
// own element type is the truth; the dtype of its data is not.
ElementType fill_from_openvino(Array& array, py::handle tensor) {
    const std::string own = openvino_type(tensor);
    const auto type = element_type_named(own);
    if (!type.has_value()) {
        array.shape = py::tuple(tensor.attr("shape")).cast<std::vector<py::ssize_t>>();
        array.dtype = own;
        reject_type(array, "f32, f16 or bf16");
    }
    fill_from_numpy(array, tensor.attr("data").cast<py::array>());
    const bool whole = array.dtype == "float32";
    if (*type == ElementType::f32 ? !whole : !holds_16_bits(array.dtype))
        reject_type(array, "of the element type that it is labelled with, " + own);
    array.dtype = own;
    return *type;
}

// Fills `array` from whatever it is; returns the type it says of itself, if it does.
std::optional<ElementType> fill(Array& array, py::handle object) {
    if (py::isinstance<py::array>(object)) {
        if (py::hasattr(object, "mask"))
            throw py::type_error(array.name +
                                 " must be a plain array, got a masked one, whose mask "
                                 "would not be read");
        fill_from_numpy(array, py::reinterpret_borrow<py::array>(object));
        const auto own = type_of_dtype(array.dtype);
        return own.has_value() || array.dtype != "float16" ? own : half_type_of_owner(object);
    }
    if (is_openvino(object)) return fill_from_openvino(array, object);
    if (has_dlpack(object)) {
        fill_from_dlpack(array, object);  // which, unlike NumPy, tells float16 from bfloat16
        return array.dtype == "float16" ? ElementType::f16 : type_of_dtype(array.dtype);
    }
    if (PyObject_CheckBuffer(object.ptr()) != 0) {
        const auto asarray = py::module_::import("numpy").attr("asarray");
        fill_from_numpy(array, asarray(py::memoryview(py::reinterpret_borrow<py::object>(object))));
        return type_of_dtype(array.dtype);
    }
    throw py::type_error(array.name + " must be " + accepted + ", got " +
                         text(py::type::of(object).attr("__name__")));
}

}  // namespace

Array view_array(py::handle object, const char* name, const std::string& element_type) {
    if (!element_type.empty() && !element_type_named(element_type).has_value())
        throw py::value_error("element_type must be one of \"f32\", \"f16\", \"bf16\", got \"" +
                              element_type + "\"");
    Array array{{}, nullptr, ElementType::f32, {}, {}, name, {}};
    const auto own = fill(array, object);
    array.type = resolve_type(array, own, element_type);
    return array;
}

std::string Array::got() const { return "got " + dtype + " " + text(py::tuple(py::cast(shape))); }

Head view_head(py::handle object, const char* name, centerdecode::Layout layout,
               const std::string& element_type) {
    Array array = view_array(object, name, element_type);
    const std::size_t rank = array.shape.size();
    const bool planar = layout == centerdecode::Layout::nchw;
    if (rank != 3 && rank != 4) {
        const char* shapes = planar ? "(C, H, W) or (B, C, H, W)" : "(H, W, C) or (B, H, W, C)";
        throw py::value_error(array.name + " must be of shape " + shapes + ", " + array.got());
    }
    const std::size_t axis = rank - 3;
    const std::size_t c = planar ? axis : axis + 2;
    const std::size_t y = planar ? axis + 1 : axis;
    const std::size_t x = planar ? axis + 2 : axis + 1;
    const centerdecode::TensorView first{array.data,       array.type,       layout,
                                         array.shape[c],   array.shape[y],   array.shape[x],
                                         array.strides[c], array.strides[y], array.strides[x]};
    const bool batched = rank == 4;
    const py::ssize_t batch = batched ? array.shape[0] : 1;
    return {std::move(array), batched, batch, first};
}

centerdecode::TensorView Head::item(py::ssize_t i) const noexcept {
    centerdecode::TensorView view = first;
    if (batched) view.data += i * array.strides[0];
    return view;
}

void require_same_grid(const Head& heatmap, const Head& head) {
    if (head.batched != heatmap.batched || head.batch != heatmap.batch ||
        head.first.height != heatmap.first.height || head.first.width != heatmap.first.width) {
        throw py::value_error(head.array.name + " must have the batch and grid of " +
                              heatmap.array.name + " (" + heatmap.array.got() + "), " +
                              head.array.got());
    }
}

void require_channels(const Head& head, std::int64_t channels, const std::string& why) {
    if (head.first.channels != channels) {
        throw py::value_error(head.array.name + " must have " + std::to_string(channels) +
                              " channels " + why + ", " + head.array.got());
    }
}
