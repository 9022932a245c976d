#include "decoder/readers/joined_pairs.hpp"

#include "decoder/detections.hpp"

#include <algorithm>

namespace centerdecode {
namespace {

void find_corners(const Input& input, const CornerNames& names, std::vector<Peak>& peaks,
                  std::vector<Corner>& corners) {
    const Settings& settings = input.heads.settings;
    const CornerHeads heads{input.heads.find(names.heatmap), input.heads.find(names.tag),
                            input.heads.find(names.offset)};
    BoxRule rule = settings.box;
    rule.center_shift = settings.center_shift.value_or(0.0);
    find_peaks(heads.heatmap, settings.triplets.peaks, peaks);
    read_corners(heads, peaks, settings.peaks.activation, rule, corners);
}

// What is found in a mirror image goes where the image's own goes. The margin is as large
// at every scale, in pixels of the network's input; without centers there is none.
PairPlacement placement_of(const Input& input) {
    const Settings& settings = input.heads.settings;
    PairPlacement where{input.placement, std::nullopt, std::nullopt};
    if (input.is_mirrored)
        where.mirror = static_cast<double>(input.heads.find(top_left_names.heatmap).width) *
                       settings.box.stride;
    if (settings.triplets.margin && input.heads.has(center_names.heatmap))
        where.margin = *settings.triplets.margin / input.zoom;
    return where;
}

}  // namespace

void add_pairs(const Input& input, TripletMemory& memory) {
    const TripletSettings& settings = input.heads.settings.triplets;
    find_corners(input, top_left_names, memory.peaks, memory.top_left);
    find_corners(input, bottom_right_names, memory.peaks, memory.bottom_right);
    pair_corners(memory.top_left, memory.bottom_right, {settings.tag_threshold, settings.max_pairs},
                 memory.matches);
    const PairPlacement where = placement_of(input);
    for (const Peak& match : memory.matches) {
        const auto index = static_cast<std::size_t>(match.index);
        const Corner& first = memory.top_left[index / memory.bottom_right.size()];
        const Corner& second = memory.bottom_right[index % memory.bottom_right.size()];
        PlacedPair pair{{}, match.value, first.class_id, {first.score, second.score}};
        if (place_pair(where, first, second, pair.xyxy)) memory.pairs.push_back(pair);
    }
}

void add_centers(const Input& input, TripletMemory& memory) {
    std::vector<Corner>& centers = memory.top_left;  // pairs are made of it no more
    find_corners(input, center_names, memory.peaks, centers);
    const PairPlacement where = placement_of(input);
    for (const Corner& center : centers) {
        const Point at = place_center(where, center.at);
        memory.centers.push_back(
            {static_cast<float>(at.x), static_cast<float>(at.y), center.score, center.class_id});
    }
}

void join_pairs(const Settings& settings, const Format& format, bool by_centers,
                TripletMemory& memory, Detections& found) {
    rank_objects(memory.pairs, by_centers ? &memory.centers : nullptr, settings.triplets.area_limit,
                 static_cast<float>(settings.peaks.score_threshold), memory.objects);
    const std::size_t n = std::min(memory.objects.size(), settings.triplets.max_pairs);
    resize(found, n, format);
    float* corner_scores = floats_of(*find_column(found, "corner_scores"));
    for (std::size_t i = 0; i < n; ++i) {
        const PairedObject& object = memory.objects[i];
        const PlacedPair& pair = memory.pairs[object.pair];
        std::copy_n(pair.xyxy, 4, &found.xyxy[4 * i]);
        found.scores[i] = object.score;
        found.class_ids[i] = pair.class_id;
        std::copy_n(pair.corner_scores, 2, corner_scores + 2 * i);
    }
}

}  // namespace centerdecode
