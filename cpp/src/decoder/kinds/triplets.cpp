// Boxes between two corners that belong together, and where there are centers those that
// have one inside.
#include "decoder/kinds/kinds.hpp"
#include "decoder/readers/joined_pairs.hpp"
#include "settings/values.hpp"

#include <algorithm>
#include <stdexcept>

namespace centerdecode {
namespace {

bool is_scale_of_centers(const Input& input) noexcept { return input.zoom == 1.0; }

void check_settings(const Settings& settings) {
    if (!settings.scales) return;
    const auto& scales = *settings.scales;
    if (std::find(scales.begin(), scales.end(), 1.0) != scales.end()) return;
    std::string got;
    for (const double scale : scales) got += (got.empty() ? "" : ", ") + text_of(scale);
    throw std::invalid_argument("scales must be positive, 1 among them, got [" + got + "]");
}

// `like`: the heatmap whose grid and classes they have; nullptr: the others have theirs.
void check_corner(const BatchHeads& heads, const CornerNames& names, const NamedHead* like) {
    const NamedHead& heatmap = heads.need(names.heatmap);
    if (like != nullptr) {
        require_same_grid(*like, heatmap);
        require_channels(heatmap, like->view.first.channels, "(the classes of top_left)");
    }
    if (const NamedHead* tag = heads.find(names.tag)) {
        require_same_grid(heatmap, *tag);
        require_channels(*tag, 1, "(all classes share it)");
    }
    if (const NamedHead* offset = heads.find(names.offset)) {
        require_same_grid(heatmap, *offset);
        require_channels(*offset, 2, "(one for each axis)");
    }
}

void check(const BatchHeads& heads) {
    const auto has = [&](const char* name) { return heads.find(name) != nullptr; };
    if (has(top_left_names.offset) != has(bottom_right_names.offset))
        throw std::invalid_argument(
            "top_left_offset and bottom_right_offset must be given both or neither");
    heads.need(top_left_names.tag);
    heads.need(bottom_right_names.tag);
    check_corner(heads, top_left_names, nullptr);
    const NamedHead& top_left = heads.need(top_left_names.heatmap);
    check_corner(heads, bottom_right_names, &top_left);
    if (has(center_names.heatmap)) check_corner(heads, center_names, &top_left);
    require_classes(top_left, heads.settings.peaks);
}

std::int64_t num_images(const BatchHeads& heads) {
    return heads.need(top_left_names.heatmap).view.batch;
}

void describe(const ImageHeads& /*heads*/, Format& format) {
    format.add("corner_scores", ColumnType::f32, {2});
}

// Pairs count from every input, centers from the image and its mirror image at the first
// scale that is 1.
void decode_all(const std::vector<Input>& inputs, Memory& memory, Detections& found) {
    TripletMemory& own = memory.triplets;
    own.pairs.clear();
    own.centers.clear();
    for (const Input& input : inputs) add_pairs(input, own);

    const Settings& settings = inputs.front().heads.settings;
    const auto first = std::find_if(inputs.begin(), inputs.end(), is_scale_of_centers);
    const bool by_centers = first->heads.has(center_names.heatmap);
    const auto end = first + (settings.flip ? 2 : 1);
    if (by_centers) std::for_each(first, end, [&](const Input& one) { add_centers(one, own); });

    join_pairs(settings, inputs.front().format, by_centers, own, found);
}

}  // namespace

const Kind& triplets_kind() {
    static const Kind kind = [] {
        Kind triplets;
        triplets.kind = DecoderKind::triplets;
        triplets.known = {"top_left",     "top_left_tag",     "top_left_offset",
                          "bottom_right", "bottom_right_tag", "bottom_right_offset",
                          "center",       "center_offset"};
        triplets.needed = {{"top_left"}, {"bottom_right"}, {"top_left_tag"}, {"bottom_right_tag"}};
        triplets.check_settings = check_settings;
        triplets.check = check;
        triplets.num_images = num_images;
        triplets.describe = describe;
        triplets.decode_all = decode_all;
        triplets.flip = Flip::joins;
        return triplets;
    }();
    return kind;
}

}  // namespace centerdecode
