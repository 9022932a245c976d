#include "peaks/strided.hpp"

#include "peaks/elements.hpp"

#include <algorithm>

namespace centerdecode {
namespace {

bool is_beaten(const TensorView& heatmap, const PeakOptions& options, std::int64_t c,
               std::int64_t y, std::int64_t x) noexcept {
    const float center = read_element(heatmap, c, y, x);
    const std::int64_t radius = options.window / 2;
    const std::int64_t last_y = std::min(y + radius, heatmap.height - 1);
    const std::int64_t last_x = std::min(x + radius, heatmap.width - 1);
    for (std::int64_t ny = std::max<std::int64_t>(y - radius, 0); ny <= last_y; ++ny)
        for (std::int64_t nx = std::max<std::int64_t>(x - radius, 0); nx <= last_x; ++nx) {
            const float neighbour = read_element(heatmap, c, ny, nx);
            if (options.tolerance > 0.0F) {
                if (neighbour - center >= options.tolerance) return true;
                continue;
            }
            if (neighbour > center) return true;
            const bool comes_first = ny < y || (ny == y && nx < x);
            if (options.plateaus == Plateaus::first && comes_first && neighbour == center)
                return true;
        }
    return false;
}

void visit(const TensorView& heatmap, const PeakOptions& options, TopK& top_k, std::int64_t c,
           std::int64_t y, std::int64_t x) {
    const float value = read_element(heatmap, c, y, x);
    if (!(value >= top_k.threshold()) || is_beaten(heatmap, options, c, y, x)) return;
    const std::int64_t index = heatmap.layout == Layout::nchw
                                   ? (c * heatmap.height + y) * heatmap.width + x
                                   : (y * heatmap.width + x) * heatmap.channels + c;
    *top_k.room() = {value, index};
    top_k.commit(1);
}

}  // namespace

// Cells are visited in the order of their index, as TopK asks.
void find_peaks_strided(const TensorView& heatmap, const PeakOptions& options,
                        const Classes& classes, TopK& top_k) {
    if (heatmap.layout == Layout::nchw) {
        for (std::int64_t i = 0; i < classes.count; ++i)
            for (std::int64_t y = 0; y < heatmap.height; ++y)
                for (std::int64_t x = 0; x < heatmap.width; ++x)
                    visit(heatmap, options, top_k, classes[i], y, x);
    } else {
        for (std::int64_t y = 0; y < heatmap.height; ++y)
            for (std::int64_t x = 0; x < heatmap.width; ++x)
                for (std::int64_t i = 0; i < classes.count; ++i)
                    visit(heatmap, options, top_k, classes[i], y, x);
    }
}

}  // namespace centerdecode
