#include <centerdecode/mirror.hpp>

#include "peaks/elements.hpp"

#include <algorithm>
#include <limits>

namespace centerdecode {
namespace {

#include "kernels/widen-inl.hpp"

template <ElementType type>
float element_at(const std::byte* p) noexcept {
    if constexpr (type == ElementType::f16)
        return float_of_f16(u16_at(p));
    else if constexpr (type == ElementType::bf16)
        return float_of_bf16(u16_at(p));
    else
        return float_at(p);
}

float mean(double a, double b) noexcept { return static_cast<float>((a + b) / 2.0); }

constexpr float inf = std::numeric_limits<float>::infinity();

struct MeanNumber {
    float least = -inf;

    float operator()(float image, float mirror, const MirroredChannel& there) const noexcept {
        return mean(image, there.sign * static_cast<double>(mirror) + there.origin);
    }
};

struct MeanScore {
    float least;
    Activation activation;

    float operator()(float image, float mirror, const MirroredChannel& /*there*/) const noexcept {
        if (image < least && mirror < least) return -inf;
        return mean(score_of(image, activation), score_of(mirror, activation));
    }
};

// The cells along the innermost axis of a head.
struct Line {
    const std::byte* first;
    std::ptrdiff_t stride;
    std::int64_t length;
};

Line line_of(const TensorView& head, std::int64_t c, std::int64_t y, std::int64_t x) noexcept {
    if (head.layout == Layout::nchw)
        return {address_of(head, c, y, 0), head.column_stride, head.width};
    return {address_of(head, 0, y, x), head.channel_stride, head.channels};
}

// Tells elements that are below a number from others, without a branch: what reads
// them is then compiled to vectors. A NaN is not below.
template <ElementType type>
struct Below {
    float least;

    bool operator()(const std::byte* p) const noexcept { return element_at<type>(p) < least; }
};

// By the words: widening takes branches.
template <>
struct Below<ElementType::f16> {
    bool positive;
    std::uint32_t bound;

    explicit Below(float least) noexcept : positive(least > 0.0F), bound(f16_magnitude(least)) {}

    bool operator()(const std::byte* p) const noexcept {
        constexpr std::uint32_t infinity = 0x7c00U;
        const std::uint32_t word = u16_at(p);
        const std::uint32_t magnitude = word & 0x7fffU;
        const bool negative = word > 0x7fffU;
        const bool below =
            positive ? negative | (magnitude < bound) : negative & (magnitude > bound);
        return below & (magnitude <= infinity);
    }
};

// Whether all elements are below `least`. They may be said not to be, as where they do
// not lie side by side.
template <ElementType type>
bool stays_below(const Line& line, float least) noexcept {
    constexpr std::ptrdiff_t size = type == ElementType::f32 ? 4 : 2;
    if (line.stride != size) return false;
    const Below<type> below{least};
    std::uint32_t others = 0;
    for (std::int64_t i = 0; i < line.length; ++i) others |= below(line.first + i * size) ? 0U : 1U;
    return others == 0;
}

// The first cell of a line.
struct Start {
    std::int64_t c;
    std::int64_t y;
    std::int64_t x;
};

// Writes the line; returns where the next one goes. Nearly all lines of a heatmap are
// below `least` in both images.
template <ElementType type, class Mean>
float* merge_line(const MirroredPair& pair, const MirroredChannels& channels, const Mean& mean_of,
                  const Start& start, float* out) noexcept {
    const auto& [image, mirror] = pair;
    const auto channel_of = [&](std::int64_t c) { return channels[static_cast<std::size_t>(c)]; };
    const Line here = line_of(image, start.c, start.y, start.x);
    const Line there =
        line_of(mirror, channel_of(start.c).channel, start.y, image.width - 1 - start.x);
    if (mean_of.least > -inf && stays_below<type>(here, mean_of.least) &&
        stays_below<type>(there, mean_of.least))
        return std::fill_n(out, here.length, -inf);
    const bool planar = image.layout == Layout::nchw;
    for (std::int64_t i = 0; i < here.length; ++i) {
        const MirroredChannel channel = channel_of(planar ? start.c : i);
        const std::int64_t x = image.width - 1 - (planar ? i : start.x);
        const std::byte* const mirrored = address_of(mirror, channel.channel, start.y, x);
        *out++ = mean_of(element_at<type>(here.first + i * here.stride), element_at<type>(mirrored),
                         channel);
    }
    return out;
}

// The mean of every cell, in the order of their index.
template <ElementType type, class Mean>
void merge_cells(const MirroredPair& pair, const MirroredChannels& channels, const Mean& mean_of,
                 float* out) noexcept {
    const TensorView& image = pair.image;
    const bool planar = image.layout == Layout::nchw;
    const std::int64_t outer = planar ? image.channels : image.height;
    const std::int64_t inner = planar ? image.height : image.width;
    if (image.channels == 0) return;
    for (std::int64_t i = 0; i < outer; ++i)
        for (std::int64_t j = 0; j < inner; ++j) {
            const Start start = planar ? Start{i, j, 0} : Start{0, i, j};
            out = merge_line<type>(pair, channels, mean_of, start, out);
        }
}

template <class Mean>
void merge_all(const MirroredPair& pair, const MirroredChannels& channels, const Mean& mean_of,
               float* out) noexcept {
    switch (pair.image.type) {
        case ElementType::f16: return merge_cells<ElementType::f16>(pair, channels, mean_of, out);
        case ElementType::bf16: return merge_cells<ElementType::bf16>(pair, channels, mean_of, out);
        case ElementType::f32: return merge_cells<ElementType::f32>(pair, channels, mean_of, out);
    }
}

}  // namespace

void merge_numbers(const MirroredPair& pair, const MirroredChannels& channels,
                   float* out) noexcept {
    merge_all(pair, channels, MeanNumber{}, out);
}

void merge_scores(const MirroredPair& pair, const MirroredChannels& channels, Activation activation,
                  float least, float* out) noexcept {
    merge_all(pair, channels, MeanScore{least, activation}, out);
}

}  // namespace centerdecode
