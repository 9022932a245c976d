// Which channel of a mirror image says what a channel of the image says, and how.
#include <centerdecode/mirror.hpp>

#include <numeric>
#include <utility>

namespace centerdecode {
namespace {

// What each of `count` keypoints is called in the mirror image.
std::vector<std::int64_t> mirrored_keypoints(const std::vector<KeypointPair>& pairs,
                                             std::int64_t count) {
    std::vector<std::int64_t> names(static_cast<std::size_t>(count));
    std::iota(names.begin(), names.end(), std::int64_t{0});
    for (const auto& [a, b] : pairs)
        std::swap(names[static_cast<std::size_t>(a)], names[static_cast<std::size_t>(b)]);
    return names;
}

}  // namespace

MirroredChannels mirror_classes(std::int64_t channels) {
    return mirror_keypoint_heatmap({}, channels);
}

double center_gap(const BoxRule& rule, bool has_offset) noexcept {
    if (has_offset || rule.encoding == BoxEncoding::wh) return 0.0;
    return (1.0 - 2.0 * rule.center_shift) * (rule.units == BoxUnits::cells ? 1.0 : rule.stride);
}

MirroredChannels mirror_sizes(const BoxRule& rule, bool has_offset, std::int64_t channels) {
    MirroredChannels mirrored = mirror_classes(channels);
    if (rule.encoding == BoxEncoding::wh) return mirrored;
    const double gap = center_gap(rule, has_offset);
    const std::size_t first = rule.axes == Axes::xy ? 0 : 1;
    for (std::size_t left = first; left + 2 < mirrored.size(); left += 4) {
        std::swap(mirrored[left], mirrored[left + 2]);
        const bool corners = rule.encoding == BoxEncoding::corners;
        mirrored[left].sign = mirrored[left + 2].sign = corners ? -1.0 : 1.0;
        mirrored[left].origin = corners ? gap : -gap;
        mirrored[left + 2].origin = gap;
    }
    return mirrored;
}

MirroredChannels mirror_keypoint_heatmap(const std::vector<KeypointPair>& pairs,
                                         std::int64_t channels) {
    MirroredChannels mirrored;
    for (const std::int64_t keypoint : mirrored_keypoints(pairs, channels))
        mirrored.push_back({keypoint});
    return mirrored;
}

MirroredChannels mirror_keypoints(const KeypointRule& rule, const std::vector<KeypointPair>& pairs,
                                  std::int64_t channels) {
    const std::int64_t count = channels / 2;
    const std::vector<std::int64_t> names = mirrored_keypoints(pairs, count);
    const bool planar = rule.order == KeypointOrder::planar;
    const std::int64_t x_axis = rule.axes == Axes::xy ? 0 : 1;
    MirroredChannels mirrored;
    for (std::int64_t c = 0; c < 2 * count; ++c) {
        const std::int64_t axis = planar ? c / count : c % 2;
        const std::int64_t there = names[static_cast<std::size_t>(planar ? c % count : c / 2)];
        mirrored.push_back({planar ? axis * count + there : 2 * there + axis});
        if (axis != x_axis) continue;
        mirrored.back().sign = -1.0;
        mirrored.back().origin = rule.frame == KeypointFrame::box ? 1.0 : 0.0;
    }
    return mirrored;
}

}  // namespace centerdecode
