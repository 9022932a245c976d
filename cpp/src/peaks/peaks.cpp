// Which of the three scans reads a heatmap, and what it is told.
#include <centerdecode/peaks.hpp>

#include "kernels/kernels.hpp"
#include "peaks/elements.hpp"
#include "peaks/isa_table.hpp"
#include "peaks/planes.hpp"
#include "peaks/sample.hpp"
#include "peaks/strided.hpp"
#include "peaks/top_k.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace centerdecode {
namespace {

using kernels::Plane;

// A stride does not matter along an axis with one element.
bool is_step(std::ptrdiff_t stride, std::int64_t extent, std::ptrdiff_t wanted) noexcept {
    return extent <= 1 || stride == wanted;
}

kernels::FindPeaks kernel_for(ElementType type) {
    const kernels::Table& table = active_table();
    switch (type) {
        case ElementType::f16: return table.find_peaks_f16;
        case ElementType::bf16: return table.find_peaks_bf16;
        case ElementType::f32: break;
    }
    return table.find_peaks_f32;
}

// A window wider than the map is as good as the map.
std::ptrdiff_t radius_of(const TensorView& heatmap, const PeakOptions& options) noexcept {
    return std::min(options.window / 2, std::max(heatmap.height, heatmap.width));
}

void scan(const Planes& planes, const PeakOptions& options, bool may_guess, TopK& top_k) {
    const kernels::FindPeaks kernel = kernel_for(planes.heatmap.type);
    kernels::Rule rule{0.0F, radius_of(planes.heatmap, options),
                       options.plateaus == Plateaus::first};
    for (std::int64_t i = 0; i < planes.count(); ++i) {
        const Plane plane = planes[i];
        std::ptrdiff_t cursor = 0;
        while (cursor < planes.cells()) {
            rule.threshold = top_k.threshold();
            top_k.commit(kernel(plane, rule, planes.base(i), cursor, planes.cells(), top_k.room(),
                                top_k.room_size()));
            if (!may_guess || !top_k.overflows()) continue;
            rule.threshold = top_k.threshold();
            top_k.guess(guess_threshold(planes, kernel, rule, top_k.wanted()));
            may_guess = false;
        }
    }
}

// Scans by the kernel where it knows the layout. May leave out peaks that belong
// to the strongest if it may guess; then it returns false.
bool scan_once(const TensorView& heatmap, const PeakOptions& options, std::size_t top_k_wanted,
               bool may_guess, std::vector<Peak>& peaks) {
    const std::int64_t cells = heatmap.channels * heatmap.height * heatmap.width;
    TopK top_k(top_k_wanted, static_cast<std::size_t>(cells),
               raw_threshold(options.score_threshold, options.activation), peaks);
    if (cells == 0) return top_k.finish();  // however many rows or channels there are of them

    const bool all = !options.classes.has_value();
    const Classes classes =
        all ? Classes{heatmap.channels, nullptr}
            : Classes{static_cast<std::int64_t>(options.classes->size()), options.classes->data()};

    const std::ptrdiff_t size = size_of(heatmap.type);
    const bool planar = is_step(heatmap.column_stride, heatmap.width, size);
    const bool interleaved = is_step(heatmap.channel_stride, heatmap.channels, size) &&
                             is_step(heatmap.column_stride, heatmap.width, size * heatmap.channels);
    const bool kernel_knows = options.tolerance == 0.0F;
    if (kernel_knows && heatmap.layout == Layout::nchw && planar) {
        scan({heatmap, classes, false}, options, may_guess, top_k);
    } else if (kernel_knows && heatmap.layout == Layout::nhwc && all && interleaved) {
        scan({heatmap, classes, true}, options, may_guess, top_k);
    } else {
        find_peaks_strided(heatmap, options, classes, top_k);
    }
    return top_k.finish();
}

// The top_k strongest peaks, before any rule that looks at several of them.
void rank_peaks(const TensorView& heatmap, const PeakOptions& options, std::size_t top_k_wanted,
                std::vector<Peak>& peaks) {
    if (!scan_once(heatmap, options, top_k_wanted, true, peaks))
        scan_once(heatmap, options, top_k_wanted, false, peaks);
}

// Drops the peaks that stronger ones leave no place for.
void thin(const TensorView& heatmap, const PeakOptions& options, std::vector<Peak>& peaks) {
    std::unordered_set<std::int64_t> taken;
    std::unordered_map<std::int32_t, std::size_t> counts;
    std::size_t kept = 0;
    for (const Peak& peak : peaks) {
        const Cell cell = cell_of(heatmap, peak);
        if (options.best_class && !taken.insert(cell.y * heatmap.width + cell.x).second) continue;
        if (++counts[cell.class_id] <= options.most_per_class) peaks[kept++] = peak;
    }
    peaks.resize(kept);
}

}  // namespace

void find_peaks(const TensorView& heatmap, const PeakOptions& options, std::vector<Peak>& peaks) {
    rank_peaks(heatmap, options, options.top_k, peaks);
    if (!options.best_class && options.most_per_class >= options.top_k) return;
    // Thinning may leave fewer than top_k although weaker peaks are there: look further.
    std::size_t looked_at = options.top_k;
    bool more = peaks.size() == looked_at;
    thin(heatmap, options, peaks);
    while (more && peaks.size() < options.top_k) {
        looked_at *= 2;
        rank_peaks(heatmap, options, looked_at, peaks);
        more = peaks.size() == looked_at;
        thin(heatmap, options, peaks);
    }
    peaks.resize(std::min(peaks.size(), options.top_k));
}

Cell cell_of(const TensorView& heatmap, const Peak& peak) noexcept {
    const auto cell = [](std::int64_t c, std::int64_t y, std::int64_t x) {
        return Cell{static_cast<std::int32_t>(c), static_cast<std::int32_t>(y),
                    static_cast<std::int32_t>(x)};
    };
    if (heatmap.layout == Layout::nhwc) {
        const std::int64_t spatial = peak.index / heatmap.channels;
        return cell(peak.index % heatmap.channels, spatial / heatmap.width,
                    spatial % heatmap.width);
    }
    const std::int64_t row = peak.index / heatmap.width;
    return cell(row / heatmap.height, row % heatmap.height, peak.index % heatmap.width);
}

}  // namespace centerdecode
