// Heads to test with: any place in memory, any content, not one byte too many.
#pragma once

#include "reference.hpp"

#include <centerdecode/tensor_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <random>

namespace heads {

using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::TensorView;

using Random = std::mt19937;

constexpr ElementType element_types[] = {ElementType::f32, ElementType::f16, ElementType::bf16};
constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

struct Shape {
    std::int64_t channels;
    std::int64_t height;
    std::int64_t width;
};

// One axis of a tensor in memory: `gap` bytes lie between two steps along it,
// and a reversed one starts at its last element.
struct Axis {
    char name;
    std::ptrdiff_t gap = 0;
    bool reversed = false;
};

struct Storage {
    std::array<Axis, 3> outermost_first;
    std::ptrdiff_t shift = 0;  // bytes before the first element
};

// A head in a buffer that ends with its last element, so that a sanitizer sees
// a read of one byte more. Gaps hold infinities, which would beat every cell.
class Head {
public:
    Head(ElementType type, Layout layout, Shape shape, const Storage& storage) {
        view_.type = type;
        view_.layout = layout;
        view_.channels = shape.channels;
        view_.height = shape.height;
        view_.width = shape.width;
        const bool empty = shape.channels * shape.height * shape.width == 0;
        std::ptrdiff_t extent = element_size();
        std::ptrdiff_t start = storage.shift;
        for (std::size_t i = 3; i-- > 0;) {
            const Axis& axis = storage.outermost_first[i];
            const std::ptrdiff_t stride = extent + axis.gap;
            const std::ptrdiff_t length = (length_of(axis.name) - 1) * stride;
            if (axis.reversed && !empty) start += length;
            stride_of(axis.name) = axis.reversed ? -stride : stride;
            if (!empty) extent += length;
        }
        const std::size_t bytes = static_cast<std::size_t>(storage.shift + (empty ? 0 : extent));
        bytes_.reset(new std::byte[bytes]);
        const std::uint32_t infinity = reference::narrow(inf, type);
        for (std::size_t i = 0; i < bytes; ++i) {
            const std::size_t place = (i - static_cast<std::size_t>(storage.shift)) % 4;
            const std::size_t size = static_cast<std::size_t>(element_size());
            bytes_[i] = static_cast<std::byte>(infinity >> 8 * (place % size) & 0xffU);
        }
        view_.data = bytes_.get() + start;
    }

    const TensorView& view() const { return view_; }

    void set(std::int64_t c, std::int64_t y, std::int64_t x, std::uint32_t pattern) {
        const std::ptrdiff_t at = c * view_.channel_stride + y * view_.row_stride +
                                  x * view_.column_stride + (view_.data - bytes_.get());
        std::memcpy(bytes_.get() + at, &pattern, static_cast<std::size_t>(element_size()));
    }

    // fill(c, y, x) is the bit pattern of an element.
    template <class Fill>
    void fill(const Fill& pattern_of) {
        for (std::int64_t c = 0; c < view_.channels; ++c)
            for (std::int64_t y = 0; y < view_.height; ++y)
                for (std::int64_t x = 0; x < view_.width; ++x) set(c, y, x, pattern_of(c, y, x));
    }

private:
    std::ptrdiff_t element_size() const {
        return static_cast<std::ptrdiff_t>(reference::bytes_of(view_.type));
    }
    std::int64_t length_of(char axis) const {
        return axis == 'c' ? view_.channels : axis == 'y' ? view_.height : view_.width;
    }
    std::ptrdiff_t& stride_of(char axis) {
        return axis == 'c'   ? view_.channel_stride
               : axis == 'y' ? view_.row_stride
                             : view_.column_stride;
    }

    std::unique_ptr<std::byte[]> bytes_;
    TensorView view_;
};

// What a head holds, one random element at a time.
struct Fill {
    const char* name;
    std::uint32_t (*next)(ElementType type, Random& random);
};

// All finite numbers of the type, each pattern as likely as the next.
inline std::uint32_t noise(ElementType type, Random& random) {
    const reference::Format format = reference::format_of(type);
    std::uint32_t pattern = static_cast<std::uint32_t>(random());
    if (type != ElementType::f32) pattern &= 0xffffU;
    const std::uint32_t specials = ((1U << format.exponent_bits) - 1) << format.mantissa_bits;
    return (pattern & specials) == specials ? pattern ^ 1U << format.mantissa_bits : pattern;
}

inline std::uint32_t integers(ElementType type, Random& random) {
    return reference::narrow(static_cast<float>(random() % 3), type);
}

inline std::uint32_t constant(ElementType type, Random&) { return reference::narrow(1.0F, type); }

inline std::uint32_t mixed(float special, ElementType type, Random& random) {
    return random() % 4 == 0 ? reference::narrow(special, type) : noise(type, random);
}

inline std::uint32_t zeros(ElementType type, Random& random) {
    return reference::narrow(random() % 2 == 0 ? 0.0F : -0.0F, type);
}

// As trained models have it: almost nothing, so that whole blocks are skipped.
inline std::uint32_t sparse(ElementType type, Random& random) {
    return random() % 64 == 0 ? integers(type, random) : reference::narrow(-1.0F, type);
}

inline const Fill fills[] = {
    {"noise", noise},
    {"sparse", sparse},
    {"integers", integers},
    {"constant", constant},
    {"nan", [](ElementType type, Random& random) { return mixed(nan, type, random); }},
    {"inf", [](ElementType type,
               Random& random) { return mixed(random() % 2 == 0 ? inf : -inf, type, random); }},
    {"zeros", zeros},
};

}  // namespace heads
