// Tables: small arrays of float32 or whole numbers, of an image a line.
#include "arrays/arrays.hpp"

#include "arrays/element_types.hpp"

#include <utility>

namespace py = pybind11;
using centerdecode::ElementType;

namespace {

std::optional<ElementType> type_of(const py::dtype& dtype) {
    const char order = dtype.byteorder();
    if (order != '=' && order != '|') return std::nullopt;
    const auto any = [&](ElementType one, ElementType two, ElementType four, ElementType eight) {
        switch (dtype.itemsize()) {
            case 1: return one;
            case 2: return two;
            case 4: return four;
            default: return eight;
        }
    };
    switch (dtype.kind()) {
        case 'i': return any(ElementType::i8, ElementType::i16, ElementType::i32, ElementType::i64);
        case 'u': return any(ElementType::u8, ElementType::u16, ElementType::u32, ElementType::u64);
        default: break;
    }
    const bool is_float = dtype.num() == py::dtype::num_of<float>();
    return is_float ? std::optional(ElementType::f32) : std::nullopt;
}

// An ov.Tensor and its like have the array in an attribute.
py::array array_of(py::handle object, const char* name) {
    if (py::isinstance<py::array>(object)) {
        require_no_mask(object, name);
        return py::reinterpret_borrow<py::array>(object);
    }
    const auto asarray = py::module_::import("numpy").attr("asarray");
    return asarray(py::getattr(object, "data", object));
}

}  // namespace

Head view_table(py::handle object, const char* name) {
    const py::array source = array_of(object, name);
    Array array{name, source, static_cast<const std::byte*>(source.data()), ElementType::f32,
                {},   {}};
    if (py::hasattr(object, "element_type"))
        array.dtype = py::str(object.attr("element_type").attr("get_type_name")());
    Extents& extents = array.extents;
    extents.rank = static_cast<std::size_t>(source.ndim());
    std::copy_n(source.shape(), extents.known(), extents.shape.begin());
    std::copy_n(source.strides(), extents.known(), extents.strides.begin());

    const std::optional<ElementType> type = type_of(source.dtype());
    if (!type)
        throw py::type_error(array.name + " must be float32 or whole numbers, " + array.got());
    if (extents.rank > 4)
        throw py::value_error(array.name + " must be of at most 4 axes, " + array.got());
    array.type = *type;

    // A number alone is that of one image.
    const std::size_t rank = std::max<std::size_t>(extents.rank, 1);
    if (extents.rank == 0) extents.shape[0] = 1;
    const centerdecode::BatchView view = centerdecode::view_of_table(
        array.data, *type, rank, extents.shape.data(), extents.strides.data());
    return {std::move(array), true, view.batch, view.first};
}
