#include "dlpack.hpp"

#include <utility>

namespace py = pybind11;

namespace {

// The memory layout that the DLPack specification fixes, version 0 and 1.
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
    static constexpr const char* name = "dltensor";
    static constexpr const char* used_name = "used_dltensor";
    Tensor tensor;
    void* context;
    void (*deleter)(ManagedTensor*);
};

struct VersionedTensor {
    static constexpr const char* name = "dltensor_versioned";
    static constexpr const char* used_name = "used_dltensor_versioned";
    std::uint32_t major;
    std::uint32_t minor;
    void* context;
    void (*deleter)(VersionedTensor*);
    std::uint64_t flags;  // bit 0: read-only
    Tensor tensor;
};

constexpr std::int32_t cpu = 1;

std::string dtype_name(DataType dtype) {
    static constexpr const char* kinds[] = {"int", "uint", "float", "opaque", "bfloat", "complex"};
    const std::string kind = dtype.code < 6 ? kinds[dtype.code] : "unknown";
    const std::string lanes = dtype.lanes == 1 ? "" : "x" + std::to_string(dtype.lanes);
    return kind + std::to_string(dtype.bits) + lanes;
}

// A consumer of version 1 may be given read-only memory; older producers do not
// know the argument that says so.
py::capsule export_of(py::handle object) {
    try {
        return object.attr("__dlpack__")(py::arg("max_version") = py::make_tuple(1, 0))
            .cast<py::capsule>();
    } catch (const py::error_already_set& error) {
        if (!error.matches(PyExc_TypeError)) throw;
        return object.attr("__dlpack__")().cast<py::capsule>();
    }
}

// What the capsule holds, which is ours to release from now on.
template <class Managed>
std::pair<const Tensor*, py::capsule> take(const py::capsule& capsule) {
    auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule.ptr(), Managed::name));
    if (managed == nullptr) throw py::error_already_set();
    PyCapsule_SetName(capsule.ptr(), Managed::used_name);
    py::capsule owner(managed, [](void* p) {
        auto* held = static_cast<Managed*>(p);
        if (held->deleter != nullptr) held->deleter(held);
    });
    return {&managed->tensor, owner};
}

}  // namespace

bool has_dlpack(py::handle object) {
    return py::hasattr(object, "__dlpack__") && py::hasattr(object, "__dlpack_device__");
}

ForeignTensor import_dlpack(py::handle object, const char* name) {
    const auto device = object.attr("__dlpack_device__")().cast<py::tuple>();
    if (device[0].cast<std::int32_t>() != cpu) {
        throw py::value_error(std::string(name) +
                              " must be in the memory of the CPU, got DLPack device " +
                              py::str(device).cast<std::string>() + "; move it there first");
    }
    const py::capsule capsule = export_of(object);
    const bool versioned = PyCapsule_IsValid(capsule.ptr(), VersionedTensor::name) != 0;
    if (versioned && capsule.get_pointer<VersionedTensor>()->major != 1)
        throw py::value_error(std::string(name) +
                              " must be of DLPack version 0 or 1, got version " +
                              std::to_string(capsule.get_pointer<VersionedTensor>()->major));
    const auto [held, owner] =
        versioned ? take<VersionedTensor>(capsule) : take<ManagedTensor>(capsule);
    const Tensor& tensor = *held;
    const auto size = static_cast<py::ssize_t>(tensor.dtype.bits / 8);
    ForeignTensor found{owner,
                        static_cast<const char*>(tensor.data) + tensor.byte_offset,
                        dtype_name(tensor.dtype),
                        {}};
    Extents& extents = found.extents;
    extents.rank = static_cast<std::size_t>(tensor.ndim);
    py::ssize_t contiguous = size;
    for (std::size_t i = extents.known(); i-- > 0;) {
        extents.shape[i] = tensor.shape[i];
        extents.strides[i] = tensor.strides != nullptr ? tensor.strides[i] * size : contiguous;
        contiguous *= extents.shape[i];
    }
    return found;
}
