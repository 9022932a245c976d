#include <centerdecode/masks.hpp>

#include "heads/mask_rows.hpp"
#include "peaks/elements.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace centerdecode {
namespace {

// Both ends are weighted, so that the outermost pixels lie exactly on the corners.
MaskSample sample_at(double first, double second, std::int64_t i, std::int64_t count,
                     std::int64_t cells) noexcept {
    const auto reach = static_cast<double>(cells - 1);
    const auto last = static_cast<double>(count - 1);
    const auto step = static_cast<double>(i);
    const double at = count == 1 ? (first + second) / 2.0 * reach
                                 : (first * (last - step) + second * step) * reach / last;
    const bool inside = at >= 0.0 && at <= reach;
    if (!inside) return {-1, -1, 0.0};
    const double low = std::floor(at);
    return {static_cast<std::int64_t>(low), static_cast<std::int64_t>(std::ceil(at)), at - low};
}

Box part_of_map(const Box& box, const MaskRule& rule, const TensorView& map) noexcept {
    if (!rule.stride.has_value()) return box;
    const double width = *rule.stride * static_cast<double>(map.width);
    const double height = *rule.stride * static_cast<double>(map.height);
    return {{box.first.x / width, box.first.y / height},
            {box.second.x / width, box.second.y / height}};
}

std::size_t best_of(const MaskRow& row, std::size_t first, std::size_t count) noexcept {
    double greatest = -std::numeric_limits<double>::infinity();
    std::size_t best = 0;
    for (std::size_t i = 0; i < count; ++i)
        if (row[first + i] > greatest) {
            greatest = row[first + i];
            best = i;
        }
    return best;
}

float read_between(const TensorView& head, std::int64_t c, const MaskSample& y,
                   const MaskSample& x) noexcept {
    if (y.low < 0 || x.low < 0) return 0.0F;
    const auto line = [&](std::int64_t row) {
        return between(read_element(head, c, row, x.low), read_element(head, c, row, x.high),
                       x.part);
    };
    return static_cast<float>(between(line(y.low), line(y.high), y.part));
}

// Bytes may alias anything but these arguments: that is why the row is one by itself.
void find_foreground(MaskRow row, float threshold, std::size_t count, std::uint8_t* mask) noexcept {
    for (std::size_t x = 0; x < count; ++x)
        mask[x] = static_cast<float>(row[x]) >= threshold ? 1 : 0;
}

// Numbers the foreground of a row by its parts.
void tell_parts(const MaskHeads& heads, const MaskRow& parts, const MaskSample& y,
                const std::vector<MaskSample>& columns, std::uint8_t* mask, float* surface) {
    const auto count = static_cast<std::size_t>(heads.parts.channels);
    for (std::size_t x = 0; x < columns.size(); ++x) {
        if (mask[x] == 0) continue;
        const std::size_t best = best_of(parts, x * count, count);
        mask[x] = static_cast<std::uint8_t>(best + 1);
        if (surface == nullptr) continue;
        const auto v = static_cast<std::int64_t>(2 * best);
        surface[2 * x] = read_between(heads.surface_coords, v, y, columns[x]);
        surface[2 * x + 1] = read_between(heads.surface_coords, v + 1, y, columns[x]);
    }
}

}  // namespace

void cut_mask(const MaskHeads& heads, const MaskRule& rule, const Box& box, std::int32_t class_id,
              MaskScratch& scratch, std::uint8_t* mask, float* surface) {
    const TensorView& map = heads.segmentation;
    const auto [first, second] = part_of_map(box, rule, map);
    std::vector<MaskSample>& columns = scratch.columns;
    columns.clear();
    for (std::int64_t x = 0; x < rule.width; ++x)
        columns.push_back(sample_at(first.x, second.x, x, rule.width, map.width));
    const bool has_parts = heads.parts.data != nullptr && class_id == rule.part_class;
    const auto count = has_parts ? static_cast<std::size_t>(heads.parts.channels) : 0;
    MaskRows scores({map, class_id, 1, rule.activation}, columns, scratch.scores);
    MaskRows parts({heads.parts, 0, count, Activation::none}, columns, scratch.parts);
    const auto threshold = static_cast<float>(rule.score_threshold);
    if (surface != nullptr) std::fill_n(surface, 2 * rule.height * rule.width, 0.0F);
    for (std::int64_t i = 0; i < rule.height; ++i, mask += rule.width) {
        const MaskSample y = sample_at(first.y, second.y, i, rule.height, map.height);
        find_foreground(scores.at(y), threshold, columns.size(), mask);
        if (!has_parts || std::count(mask, mask + rule.width, 1) == 0) continue;
        tell_parts(heads, parts.at(y), y, columns, mask,
                   surface == nullptr ? nullptr : surface + 2 * i * rule.width);
    }
}

}  // namespace centerdecode
