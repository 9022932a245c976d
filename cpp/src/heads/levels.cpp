#include <centerdecode/levels.hpp>

#include "peaks/elements.hpp"
#include "peaks/top_k.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace centerdecode {
namespace {

constexpr double least_extent = 0.01;  // upstream's

float root_of(double a, double b) noexcept { return static_cast<float>(std::sqrt(a * b)); }

// Turns peaks of the heatmap into products, the best first, and keeps `most` of them.
void multiply(const LevelHeads& heads, Activation activation, std::size_t most,
              std::vector<Peak>& peaks) {
    const auto product = [&](Peak peak) {
        const Cell cell = cell_of(heads.box.heatmap, peak);
        const float object = score_of(read_element(heads.agnostic, 0, cell.y, cell.x), activation);
        return Peak{root_of(score_of(peak.value, activation), object), peak.index};
    };
    std::transform(peaks.begin(), peaks.end(), peaks.begin(), product);
    peaks.erase(std::remove_if(peaks.begin(), peaks.end(),
                               [](const Peak& peak) { return std::isnan(peak.value); }),
                peaks.end());
    const std::size_t kept = std::min(most, peaks.size());
    std::partial_sort(peaks.begin(), peaks.begin() + static_cast<std::ptrdiff_t>(kept), peaks.end(),
                      is_stronger);
    peaks.resize(kept);
}

// The score that no cell of the agnostic map exceeds.
float best_object(const LevelHeads& heads, Activation activation) {
    PeakOptions one;
    one.top_k = 1;
    one.activation = activation;
    one.score_threshold = -std::numeric_limits<double>::infinity();
    one.window = 1;
    std::vector<Peak> peaks;
    find_peaks(heads.agnostic, one, peaks);
    return peaks.empty() ? 0.0F : score_of(peaks[0].value, activation);
}

// A weak peak may have the better product: more and more are looked at, until none that
// is left can.
void find_products(const LevelHeads& heads, const PeakOptions& options, std::vector<Peak>& peaks) {
    const float limit = best_object(heads, options.activation);
    PeakOptions wider = options;
    for (bool more = true; more; wider.top_k *= 4) {
        find_peaks(heads.box.heatmap, wider, peaks);
        const bool full = !peaks.empty() && peaks.size() == wider.top_k;
        const float weakest = full ? score_of(peaks.back().value, options.activation) : 0.0F;
        multiply(heads, options.activation, options.top_k, peaks);
        const bool cut = full && peaks.size() == options.top_k;
        const bool settled = cut && peaks.back().value > root_of(weakest, limit);
        more = full && !settled;
    }
}

}  // namespace

const TensorView& score_map(const LevelHeads& heads) noexcept {
    return heads.box.heatmap.data == nullptr ? heads.agnostic : heads.box.heatmap;
}

void find_level_peaks(const LevelHeads& heads, const PeakOptions& options,
                      std::vector<Peak>& peaks) {
    if (heads.box.heatmap.data != nullptr && heads.agnostic.data != nullptr) {
        find_products(heads, options, peaks);
        return;
    }
    find_peaks(score_map(heads), options, peaks);
    for (Peak& peak : peaks) {
        const float score = score_of(peak.value, options.activation);
        peak.value = heads.agnostic.data == nullptr ? score : root_of(score, 1.0);
    }
}

Box read_level_box(const LevelHeads& heads, const BoxRule& rule, const Cell& cell) noexcept {
    Box box = read_box(heads.box, rule, cell);
    box.second.x = std::max(box.second.x, box.first.x + least_extent);
    box.second.y = std::max(box.second.y, box.first.y + least_extent);
    return box;
}

}  // namespace centerdecode
