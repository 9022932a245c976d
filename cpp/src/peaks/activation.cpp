#include <centerdecode/peaks.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace centerdecode {
namespace {

// Floats in ascending order, -inf to inf, are consecutive integers here.
constexpr std::int64_t lowest_rank = -0x7f800000;
constexpr std::int64_t highest_rank = 0x7f800000;

float float_of_rank(std::int64_t rank) noexcept {
    const auto magnitude = static_cast<std::uint32_t>(rank < 0 ? -rank : rank);
    float value = 0.0F;
    std::memcpy(&value, &magnitude, sizeof value);
    return rank < 0 ? -value : value;
}

std::int64_t rank_of(float value) noexcept {
    const float magnitude = std::fabs(value);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &magnitude, sizeof bits);
    return std::signbit(value) ? -std::int64_t{bits} : std::int64_t{bits};
}

double raw_of(double score, Activation activation) noexcept {
    return activation == Activation::none ? score : std::log(score) - std::log1p(-score);
}

}  // namespace

float score_of(float value, Activation activation) noexcept {
    if (activation == Activation::none) return value;
    return static_cast<float>(1.0 / (1.0 + std::exp(-static_cast<double>(value))));
}

// The score never falls as the element grows, so bisection over all floats finds
// the boundary to the last bit. It starts around what the inverse of the score
// says, which is right but for its last bits.
float raw_threshold(double score_threshold, Activation activation) noexcept {
    const auto reaches = [&](std::int64_t rank) {
        return static_cast<double>(score_of(float_of_rank(rank), activation)) >= score_threshold;
    };
    if (!reaches(highest_rank)) return std::numeric_limits<float>::quiet_NaN();
    std::int64_t below = lowest_rank - 1;
    std::int64_t reached = highest_rank;
    const auto near = static_cast<float>(raw_of(score_threshold, activation));
    if (std::isfinite(near)) {
        constexpr std::int64_t margin = 64;
        const std::int64_t low = std::max(rank_of(near) - margin, below);
        const std::int64_t high = std::min(rank_of(near) + margin, reached);
        (reaches(low) ? reached : below) = low;
        (reaches(high) ? reached : below) = high;
    }
    while (reached - below > 1) {
        const std::int64_t middle = below + (reached - below) / 2;
        (reaches(middle) ? reached : below) = middle;
    }
    return float_of_rank(reached);
}

}  // namespace centerdecode
