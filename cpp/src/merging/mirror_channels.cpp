// Which channel of a mirror image says what a channel of the image says, and how.
#include "merging/mirror.hpp"

#include <utility>

namespace centerdecode {
namespace {

// What a keypoint is called in the mirror image.
std::int64_t mirrored_keypoint(const std::vector<KeypointPair>& pairs,
                               std::int64_t keypoint) noexcept {
    for (const auto& [a, b] : pairs) {
        if (keypoint == a) return b;
        if (keypoint == b) return a;
    }
    return keypoint;
}

}  // namespace

const std::vector<KeypointPair>& coco_pairs() {
    static const std::vector<KeypointPair> pairs = {{1, 2},  {3, 4},   {5, 6},   {7, 8},
                                                    {9, 10}, {11, 12}, {13, 14}, {15, 16}};
    return pairs;
}

void mirror_classes(std::int64_t channels, MirroredChannels& mirrored) {
    mirror_keypoint_heatmap({}, channels, mirrored);
}

double center_gap(const BoxRule& rule, bool has_offset) noexcept {
    if (has_offset || rule.encoding == BoxEncoding::wh) return 0.0;
    return (1.0 - 2.0 * rule.center_shift) * (rule.units == BoxUnits::cells ? 1.0 : rule.stride);
}

void mirror_sizes(const BoxRule& rule, bool has_offset, std::int64_t channels,
                  MirroredChannels& mirrored) {
    mirror_classes(channels, mirrored);
    if (rule.encoding == BoxEncoding::wh) return;
    const double gap = center_gap(rule, has_offset);
    const std::size_t first = rule.axes == Axes::xy ? 0 : 1;
    for (std::size_t left = first; left + 2 < mirrored.size(); left += 4) {
        std::swap(mirrored[left], mirrored[left + 2]);
        const bool corners = rule.encoding == BoxEncoding::corners;
        mirrored[left].sign = mirrored[left + 2].sign = corners ? -1.0 : 1.0;
        mirrored[left].origin = corners ? gap : -gap;
        mirrored[left + 2].origin = gap;
    }
}

void mirror_keypoint_heatmap(const std::vector<KeypointPair>& pairs, std::int64_t channels,
                             MirroredChannels& mirrored) {
    mirrored.clear();
    for (std::int64_t c = 0; c < channels; ++c) mirrored.push_back({mirrored_keypoint(pairs, c)});
}

void mirror_keypoints(const KeypointRule& rule, const std::vector<KeypointPair>& pairs,
                      std::int64_t channels, MirroredChannels& mirrored) {
    const std::int64_t count = channels / 2;
    const bool planar = rule.order == KeypointOrder::planar;
    const std::int64_t x_axis = rule.axes == Axes::xy ? 0 : 1;
    mirrored.clear();
    for (std::int64_t c = 0; c < 2 * count; ++c) {
        const std::int64_t axis = planar ? c / count : c % 2;
        const std::int64_t there = mirrored_keypoint(pairs, planar ? c % count : c / 2);
        mirrored.push_back({planar ? axis * count + there : 2 * there + axis});
        if (axis != x_axis) continue;
        mirrored.back().sign = -1.0;
        mirrored.back().origin = rule.frame == KeypointFrame::box ? 1.0 : 0.0;
    }
}

}  // namespace centerdecode
