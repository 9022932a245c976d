#include "element_types.hpp"

namespace py = pybind11;
using centerdecode::ElementType;

namespace {

std::optional<ElementType> certain(Claim claim) {
    switch (claim) {
        case Claim::f32: return ElementType::f32;
        case Claim::f16: return ElementType::f16;
        case Claim::bf16: return ElementType::bf16;
        default: return std::nullopt;
    }
}

}  // namespace

// By number, because NumPy takes a microsecond to find a name.
Claim claim_of(const py::dtype& dtype) {
    constexpr int half = 23;            // NPY_HALF of NumPy's ABI
    constexpr int first_foreign = 256;  // NPY_USERDEF: bfloat16 of ml_dtypes is one
    const char order = dtype.byteorder();
    if (order != '=' && order != '|') return Claim::other;
    const int number = dtype.num();
    if (number == py::dtype::num_of<float>()) return Claim::f32;
    if (number == half) return Claim::half;
    if (number == py::dtype::num_of<std::uint16_t>() || number == py::dtype::num_of<std::int16_t>())
        return Claim::bits16;
    return number >= first_foreign ? claim_named(text_of(dtype)) : Claim::other;
}

Claim claim_named(const std::string& dtype) {
    if (dtype == "float32") return Claim::f32;
    if (dtype == "float16") return Claim::f16;
    if (dtype == "bfloat16") return Claim::bf16;
    return dtype == "uint16" || dtype == "int16" ? Claim::bits16 : Claim::other;
}

std::string text_of(const py::dtype& dtype) {
    const bool native = dtype.attr("isnative").cast<bool>();
    return py::str(dtype.attr(native ? "name" : "str")).cast<std::string>();
}

std::optional<ElementType> element_type_named(const std::string& name) {
    if (name == "f32") return ElementType::f32;
    if (name == "f16") return ElementType::f16;
    if (name == "bf16") return ElementType::bf16;
    return std::nullopt;
}

Resolved resolve(Claim claim, const std::string& element_type) {
    const auto own = certain(claim);
    const auto said = element_type_named(element_type);
    const auto contradiction = [&]() -> Resolved {
        return {std::nullopt, element_type + ", as element_type says"};
    };
    if (own.has_value()) {
        const bool differs = said.has_value() && *said != *own && *own != ElementType::f32;
        return differs ? contradiction() : Resolved{own, {}};
    }
    if (claim == Claim::other || (claim == Claim::bits16 && !said.has_value()))
        return {std::nullopt, "float32, float16 or bfloat16 in this machine's byte order"};
    if (!said.has_value())
        return {std::nullopt,
                "named by element_type=\"f16\" or \"bf16\" where it is a bare float16 array "
                "(OpenVINO's bf16 outputs look like float16 in NumPy), or be the ov.Tensor "
                "itself"};
    return *said == ElementType::f32 ? contradiction() : Resolved{said, {}};
}
