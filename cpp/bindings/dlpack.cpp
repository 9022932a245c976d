#include "dlpack.hpp"

#include <memory>

namespace py = pybind11;

namespace {

// The memory layout that the DLPack specification (version 0.x) fixes.
struct Device {
    std::int32_t type;
    std::int32_t id;
};

struct DataType {
    std::uint8_t code;
    std::uint8_t bits;
    std::uint16_t lanes;
};

struct Tensor {
    void* data;
    Device device;
    std::int32_t ndim;
    DataType dtype;
    std::int64_t* shape;
    std::int64_t* strides;  // elements; nullptr: contiguous
    std::uint64_t byte_offset;
};

struct ManagedTensor {
    Tensor tensor;
    void* context;
    void (*deleter)(ManagedTensor*);
};

constexpr std::int32_t cpu = 1;

std::string dtype_name(DataType dtype) {
    static constexpr const char* kinds[] = {"int", "uint", "float", "opaque", "bfloat", "complex"};
    const std::string kind = dtype.code < 6 ? kinds[dtype.code] : "unknown";
    return kind + std::to_string(dtype.bits);
}

void release(ManagedTensor* managed) {
    if (managed->deleter != nullptr) managed->deleter(managed);
}

}  // namespace

bool has_dlpack(py::handle object) {
    return py::hasattr(object, "__dlpack__") && py::hasattr(object, "__dlpack_device__");
}

ForeignTensor import_dlpack(py::handle object, const char* name) {
    const auto device = object.attr("__dlpack_device__")().cast<py::tuple>();
    if (device[0].cast<std::int32_t>() != cpu) {
        throw py::value_error(std::string(name) + " must be in the memory of the CPU, got DLPack device " +
                              py::str(device).cast<std::string>() + "; move it there first");
    }
    const auto capsule = object.attr("__dlpack__")().cast<py::capsule>();
    auto* managed = static_cast<ManagedTensor*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor"));
    if (managed == nullptr) throw py::error_already_set();
    PyCapsule_SetName(capsule.ptr(), "used_dltensor");  // it is ours to release now
    py::capsule owner(managed, [](void* p) { release(static_cast<ManagedTensor*>(p)); });

    const Tensor& tensor = managed->tensor;
    const auto size = static_cast<py::ssize_t>(tensor.dtype.bits / 8);
    ForeignTensor found{owner, static_cast<const char*>(tensor.data) + tensor.byte_offset,
                        dtype_name(tensor.dtype), {}, {}};
    found.shape.assign(tensor.shape, tensor.shape + tensor.ndim);
    found.strides.resize(found.shape.size());
    py::ssize_t contiguous = size;
    for (std::size_t i = found.shape.size(); i-- > 0;) {
        found.strides[i] = tensor.strides != nullptr ? tensor.strides[i] * size : contiguous;
        contiguous *= found.shape[i];
    }
    return found;
}
