// What is right, in plain loops. Shares no code with cpp/src, so that it cannot
// share a mistake either.
#pragma once

#include <centerdecode/peaks.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace reference {

using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::Peak;
using centerdecode::Plateaus;
using centerdecode::TensorView;

// An IEEE binary format: one sign bit, then these.
struct Format {
    int exponent_bits;
    int mantissa_bits;
};

inline Format format_of(ElementType type) {
    if (type == ElementType::f16) return {5, 10};
    return {8, type == ElementType::bf16 ? 7 : 23};
}

inline std::size_t bytes_of(ElementType type) { return type == ElementType::f32 ? 4 : 2; }

// The number that a bit pattern means, by the definition of the format.
inline float widen(std::uint32_t pattern, ElementType type) {
    const Format format = format_of(type);
    const int exponent_mask = (1 << format.exponent_bits) - 1;
    const int bias = exponent_mask / 2;
    const int exponent = static_cast<int>(pattern >> format.mantissa_bits) & exponent_mask;
    const double fraction = std::ldexp(
        static_cast<double>(pattern & ((1U << format.mantissa_bits) - 1)), -format.mantissa_bits);
    const bool negative = (pattern >> (format.exponent_bits + format.mantissa_bits) & 1U) != 0;
    double magnitude = std::ldexp(1.0 + fraction, exponent - bias);
    if (exponent == 0) magnitude = std::ldexp(fraction, 1 - bias);
    if (exponent == exponent_mask)
        magnitude = fraction != 0.0 ? std::numeric_limits<double>::quiet_NaN()
                                    : std::numeric_limits<double>::infinity();
    return static_cast<float>(negative ? -magnitude : magnitude);
}

// The pattern of a normal number that the format holds exactly, of a zero, an
// infinity, or NaN.
inline std::uint32_t narrow(float value, ElementType type) {
    const auto [exponent_bits, mantissa_bits] = format_of(type);
    const std::uint32_t bias = (1U << (exponent_bits - 1)) - 1;
    const std::uint32_t specials = (2 * bias + 1) << mantissa_bits;
    if (std::isnan(value)) return specials | 1U << (mantissa_bits - 1);
    const std::uint32_t sign = std::signbit(value) ? 1U << (exponent_bits + mantissa_bits) : 0;
    if (std::isinf(value)) return sign | specials;
    if (value == 0.0F) return sign;
    int exponent = 0;
    const float fraction = 2.0F * std::frexp(std::abs(value), &exponent) - 1.0F;  // [0, 1)
    const auto mantissa = static_cast<std::uint32_t>(std::ldexp(fraction, mantissa_bits));
    return sign | (static_cast<std::uint32_t>(exponent - 1) + bias) << mantissa_bits | mantissa;
}

inline std::uint32_t pattern_at(const std::byte* p, ElementType type) {
    std::uint32_t pattern = 0;
    std::memcpy(&pattern, p, bytes_of(type));  // little-endian
    return pattern;
}

inline float read(const TensorView& view, std::int64_t c, std::int64_t y, std::int64_t x) {
    const std::byte* p =
        view.data + c * view.channel_stride + y * view.row_stride + x * view.column_stride;
    return widen(pattern_at(p, view.type), view.type);
}

// The heatmap in (C, H, W) order, every element widened once.
struct Map {
    std::int64_t channels;
    std::int64_t height;
    std::int64_t width;
    std::vector<float> values;

    explicit Map(const TensorView& view)
        : channels(view.channels), height(view.height), width(view.width) {
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t y = 0; y < height; ++y)
                for (std::int64_t x = 0; x < width; ++x) values.push_back(read(view, c, y, x));
    }

    float at(std::int64_t c, std::int64_t y, std::int64_t x) const {
        return values[static_cast<std::size_t>((c * height + y) * width + x)];
    }
};

// Which neighbours beat a cell.
struct Rule {
    std::int64_t radius = 1;
    Plateaus plateaus = Plateaus::first;
    float tolerance = 0.0F;
};

inline bool beats(float neighbour, float center, bool is_earlier, const Rule& rule) {
    if (rule.tolerance > 0.0F) return neighbour - center >= rule.tolerance;
    if (neighbour > center) return true;
    return rule.plateaus == Plateaus::first && is_earlier && neighbour == center;
}

inline bool is_beaten(const Map& map, const Rule& rule, std::int64_t c, std::int64_t y,
                      std::int64_t x) {
    for (std::int64_t ny = y - rule.radius; ny <= y + rule.radius; ++ny)
        for (std::int64_t nx = x - rule.radius; nx <= x + rule.radius; ++nx) {
            if (ny < 0 || nx < 0 || ny >= map.height || nx >= map.width) continue;
            const bool is_earlier = ny * map.width + nx < y * map.width + x;
            if (beats(map.at(c, ny, nx), map.at(c, y, x), is_earlier, rule)) return true;
        }
    return false;
}

// All peaks that reach `threshold`, in ascending index.
inline std::vector<Peak> peaks_of(const Map& map, Layout layout, const Rule& rule,
                                  float threshold) {
    std::vector<Peak> peaks;
    for (std::int64_t c = 0; c < map.channels; ++c)
        for (std::int64_t y = 0; y < map.height; ++y)
            for (std::int64_t x = 0; x < map.width; ++x)
                if (map.at(c, y, x) >= threshold && !is_beaten(map, rule, c, y, x))
                    peaks.push_back(
                        {map.at(c, y, x), layout == Layout::nchw
                                              ? (c * map.height + y) * map.width + x
                                              : (y * map.width + x) * map.channels + c});
    std::sort(peaks.begin(), peaks.end(),
              [](const Peak& a, const Peak& b) { return a.index < b.index; });
    return peaks;
}

// Value descending, then index ascending.
inline void rank(std::vector<Peak>& peaks) {
    std::stable_sort(peaks.begin(), peaks.end(),
                     [](const Peak& a, const Peak& b) { return a.value > b.value; });
}

// To the last bit: -0 is not +0.
inline bool same(const std::vector<Peak>& found, const std::vector<Peak>& expected) {
    return std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                      [](const Peak& a, const Peak& b) {
                          return a.index == b.index &&
                                 std::memcmp(&a.value, &b.value, sizeof a.value) == 0;
                      });
}

}  // namespace reference
