// Pairs of corners from all inputs of an image, put together.
#pragma once

#include "decoder/kind.hpp"
#include "groups/triplets.hpp"

#include <cstddef>
#include <vector>

namespace centerdecode {

struct TripletMemory {
    // Of an input.
    std::vector<Peak> peaks;
    std::vector<Corner> top_left;
    std::vector<Corner> bottom_right;
    std::vector<Peak> matches;  // which of those belong together

    // Of all inputs, one behind the other.
    std::vector<PlacedPair> pairs;
    std::vector<PlacedCenter> centers;
    std::vector<PairedObject> objects;
};

// The heads of one kind of corner, or of centers, which have no tag.
struct CornerNames {
    const char* heatmap;
    const char* tag;
    const char* offset;
};

inline constexpr CornerNames top_left_names{"top_left", "top_left_tag", "top_left_offset"};
inline constexpr CornerNames bottom_right_names{"bottom_right", "bottom_right_tag",
                                                "bottom_right_offset"};
inline constexpr CornerNames center_names{"center", "", "center_offset"};

// Adds the pairs, or the centers, of one input.
void add_pairs(const Input& input, TripletMemory& memory);
void add_centers(const Input& input, TripletMemory& memory);

// Replaces `found` by the objects among all pairs. Where `by_centers`, they need a center.
void join_pairs(const Settings& settings, const Format& format, bool by_centers,
                TripletMemory& memory, Detections& found);

}  // namespace centerdecode
