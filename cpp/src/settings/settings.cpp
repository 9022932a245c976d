#include <centerdecode/choices.hpp>
#include <centerdecode/settings.hpp>

#include "settings/settings_keypoints.hpp"
#include "settings/settings_text.hpp"

#include <algorithm>
#include <stdexcept>

namespace centerdecode {
namespace {

using Words = std::vector<std::string>;

ImageSize size_of_text(const std::string& value) {
    const Words extents = words_of(value);
    if (extents.size() == 2) return {positive_of(extents[0]), positive_of(extents[1])};
    throw std::invalid_argument("must be a height and a width, got \"" + value + "\"");
}

Words heads_of(const std::string& value) {
    Words heads = words_of(value);
    for (auto head = heads.begin(); head != heads.end(); ++head)
        if (std::count(heads.begin(), heads.end(), *head) > 1)
            throw std::invalid_argument("must have each head once, got another " + *head);
    return heads;
}

Words names_of(const std::string& value) {
    Words names = words_of(value);
    if (names.empty()) throw std::invalid_argument("must be a name or several, got none");
    return names;
}

// The heads that a decoder reads, and of those that it cannot do without one of each list.
struct Wanted {
    Words known;
    std::vector<Words> needed;
};

Wanted wanted_by(DecoderKind decoder) {
    switch (decoder) {
        case DecoderKind::poses:
            return {{"heatmap", "wh", "offset", "corners", "keypoints", "keypoint_heatmap",
                     "keypoint_offset"},
                    {{"heatmap"}, {"keypoints"}}};
        case DecoderKind::detection_output: return {{"rows"}, {{"rows"}}};
        case DecoderKind::boxes: break;
    }
    return {{"heatmap", "wh", "offset", "corners"}, {{"heatmap"}, {"wh", "corners"}}};
}

void require_heads(const Words& heads, const Wanted& wanted) {
    const auto is_in = [](const Words& words) {
        return [&](const std::string& word) {
            return std::find(words.begin(), words.end(), word) != words.end();
        };
    };
    const auto unknown = std::find_if_not(heads.begin(), heads.end(), is_in(wanted.known));
    if (unknown != heads.end())
        throw std::invalid_argument("settings must have heads that the decoder knows, got \"" +
                                    *unknown + "\"");
    for (const Words& any : wanted.needed)
        if (std::none_of(any.begin(), any.end(), is_in(heads)))
            throw std::invalid_argument("settings must have heads with \"" + any.front() +
                                        "\", which the decoder needs");
}

void read_heads(Entries& entries, Settings& settings) {
    entries.read("heads", settings.heads, heads_of);
    require_heads(settings.heads, wanted_by(settings.decoder));
    for (const std::string& head : settings.heads)
        entries.read("names." + head, settings.names.emplace_back(Words{head}), names_of);
}

void read_nms(Entries& entries, std::optional<NmsRule>& nms) {
    if (!entries.has_any("nms.")) return;
    NmsRule& rule = nms.emplace();
    entries.read("nms.kind", rule.kind, nms_kind_named);
    entries.read("nms.iou_threshold", rule.iou_threshold, fraction_of);
    entries.read("nms.sigma", rule.sigma, positive_of);
    entries.read("nms.score_threshold", rule.score_threshold, number_of);
    entries.read("nms.class_agnostic", rule.class_agnostic, flag_of);
    entries.read("nms.whole_pixels", rule.whole_pixels, flag_of);
    entries.read("nms.inclusive", rule.inclusive, flag_of);
}

void read_cells(Entries& entries, Settings& settings) {
    BoxRule& box = settings.pose.box;
    PeakOptions& peaks = settings.peaks;
    entries.read("layout", settings.layout, layout_named);
    entries.read("activation", peaks.activation, activation_named);
    entries.read("window", peaks.window, window_of);
    entries.read("plateaus", peaks.plateaus, plateaus_named);
    entries.read("best_class", peaks.best_class, flag_of);
    std::optional<std::size_t> most;
    entries.read("max_per_class", most, unless_none(count_of));
    if (most) peaks.most_per_class = *most;
    entries.read("stride", box.stride, positive_of);
    entries.read("box_encoding", box.encoding, box_encoding_named);
    entries.read("box_units", box.units, box_units_named);
    entries.read("box_activation", box.activation, box_activation_named);
    entries.read("axes", box.axes, axes_named);
    entries.read("center_shift", settings.center_shift, unless_none(finite_of));
}

}  // namespace

Settings parse_settings(std::string_view text) {
    Entries entries(text);
    Settings settings;
    settings.peaks.score_threshold = static_cast<double>(0.3F);
    std::string decoder;
    entries.read("decoder", decoder, [](const std::string& word) { return word; });
    settings.decoder = decoder_named(decoder);
    read_heads(entries, settings);
    entries.read("top_k", settings.peaks.top_k, count_of);
    entries.read("score_threshold", settings.peaks.score_threshold, score_of_text);
    entries.read("classes", settings.peaks.classes, unless_none(classes_of));
    read_nms(entries, settings.nms);
    if (settings.decoder == DecoderKind::detection_output)
        entries.read("input_size", settings.input_size, size_of_text);
    else
        read_cells(entries, settings);
    if (settings.decoder == DecoderKind::poses)
        read_keypoints(entries, settings.peaks, settings.pose);
    entries.require_all_taken(decoder);
    return settings;
}

}  // namespace centerdecode
