#include <centerdecode/extreme_points.hpp>

#include "peaks/elements.hpp"

namespace centerdecode {
namespace {

// Where the cells of one row or column lie in a map, in elements.
struct Line {
    float* first;
    std::ptrdiff_t step;
    std::int64_t length;
};

// The sum of the cells before a cell on its slope. It starts anew behind a fall.
float lead_up(float sum, float before, float here) noexcept {
    return here >= before ? sum + before : 0.0F;
}

// `scores` and `sums` have room for the line.
void aggregate_line(const Line& line, float weight, float* scores, float* sums) noexcept {
    for (std::int64_t i = 0; i < line.length; ++i) scores[i] = line.first[i * line.step];
    sums[0] = 0.0F;
    for (std::int64_t i = 1; i < line.length; ++i)
        sums[i] = lead_up(sums[i - 1], scores[i - 1], scores[i]);
    float back = 0.0F;
    for (std::int64_t i = line.length - 1; i >= 0; --i) {
        if (i + 1 < line.length) back = lead_up(back, scores[i + 1], scores[i]);
        line.first[i * line.step] = weight * (sums[i] + back) + scores[i];
    }
}

// Where a contiguous map in the layout of a head has its cells, in elements.
struct Steps {
    std::ptrdiff_t channel;
    std::ptrdiff_t row;
    std::ptrdiff_t column;
};

Steps steps_of(const TensorView& heatmap) noexcept {
    const bool planar = heatmap.layout == Layout::nchw;
    const std::ptrdiff_t column = planar ? 1 : heatmap.channels;
    const std::ptrdiff_t row = column * heatmap.width;
    return {planar ? row * heatmap.height : 1, row, column};
}

TensorView view_of(const TensorView& heatmap, const float* map, const Steps& steps) noexcept {
    constexpr auto size = static_cast<std::ptrdiff_t>(sizeof(float));
    return {reinterpret_cast<const std::byte*>(map),
            ElementType::f32,
            heatmap.layout,
            heatmap.channels,
            heatmap.height,
            heatmap.width,
            steps.channel * size,
            steps.row * size,
            steps.column * size};
}

}  // namespace

TensorView aggregate_edges(const TensorView& heatmap, Activation activation, float weight,
                           EdgeAxis axis, std::vector<float>& map) {
    const bool along_rows = axis == EdgeAxis::row;
    const Steps steps = steps_of(heatmap);
    const std::int64_t length = along_rows ? heatmap.width : heatmap.height;
    const std::int64_t lines = along_rows ? heatmap.height : heatmap.width;
    const std::int64_t cells = heatmap.channels * lines * length;
    map.resize(static_cast<std::size_t>(cells + 2 * length));  // the map, and two lines of work
    if (cells == 0) return view_of(heatmap, map.data(), steps);

    for (std::int64_t c = 0; c < heatmap.channels; ++c)
        for (std::int64_t y = 0; y < heatmap.height; ++y) {
            float* const row = map.data() + c * steps.channel + y * steps.row;
            for (std::int64_t x = 0; x < heatmap.width; ++x)
                row[x * steps.column] = score_of(read_element(heatmap, c, y, x), activation);
        }

    const std::ptrdiff_t step = along_rows ? steps.column : steps.row;
    const std::ptrdiff_t next = along_rows ? steps.row : steps.column;
    float* const work = map.data() + cells;
    for (std::int64_t c = 0; c < heatmap.channels; ++c)
        for (std::int64_t i = 0; i < lines; ++i)
            aggregate_line({map.data() + c * steps.channel + i * next, step, length}, weight, work,
                           work + length);
    return view_of(heatmap, map.data(), steps);
}

}  // namespace centerdecode
