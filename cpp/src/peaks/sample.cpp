#include "peaks/sample.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>

namespace centerdecode {
namespace {

constexpr std::int64_t every = 64;     // one of so many elements is in the sample
constexpr std::int64_t segment = 128;  // elements in a row of the sample
constexpr std::int64_t fewest_segments = 16;
constexpr std::int64_t most_of_all = 8;  // never more than one element of so many
constexpr std::size_t most_wanted = 64;
constexpr std::size_t largest_k = most_wanted * every;

// The strongest values of a sample, strongest first.
class Strongest {
public:
    Strongest(std::size_t wanted, float least) noexcept : wanted_(wanted) {
        std::fill_n(values_.begin(), wanted, least);
    }

    float weakest() const noexcept { return values_[wanted_ - 1]; }

    void add(float value) noexcept {
        if (!(value > weakest())) return;
        float* const end = values_.data() + wanted_;
        float* const place = std::upper_bound(values_.data(), end, value, std::greater<>());
        std::copy_backward(place, end - 1, end);
        *place = value;
    }

private:
    std::size_t wanted_;
    std::array<float, most_wanted> values_{};
};

}  // namespace

float guess_threshold(const Planes& planes, kernels::FindPeaks kernel, kernels::Rule rule,
                      std::size_t k) noexcept {
    const std::int64_t elements = planes.count() * planes.cells();
    const std::int64_t segments = std::max(elements / (every * segment), fewest_segments);
    if (segments * segment * most_of_all > elements || k > largest_k) return rule.threshold;
    const auto sampled = static_cast<std::size_t>(segments * segment);
    const std::size_t wanted =
        std::max<std::size_t>(8, 3 * k * sampled / static_cast<std::size_t>(elements));
    if (wanted > most_wanted) return rule.threshold;

    // Multiples of the golden ratio are spread evenly, whatever the extents.
    const auto step = static_cast<std::int64_t>(static_cast<double>(elements) * 0.6180339887498949);
    Strongest strongest(wanted, rule.threshold);
    std::array<Peak, 2 * kernels::largest_block> found{};
    for (std::int64_t i = 0, at = 0; i < segments; ++i, at = (at + step) % elements) {
        const kernels::Plane plane = planes[at / planes.cells()];
        std::ptrdiff_t cursor = at % planes.cells();
        const std::ptrdiff_t end = std::min(cursor + segment, planes.cells());
        while (cursor < end) {
            rule.threshold = strongest.weakest();
            const std::size_t count =
                kernel(plane, rule, 0, cursor, end, found.data(), found.size());
            for (std::size_t j = 0; j < count; ++j) strongest.add(found[j].value);
        }
    }
    return strongest.weakest();
}

}  // namespace centerdecode
