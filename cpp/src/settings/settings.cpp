// Entries to settings, and what is derived of them.
#include "settings/settings.hpp"

#include "settings/visit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace centerdecode {
namespace {

class Reader {
public:
    explicit Reader(Entries& entries) : entries_(entries) {}

    template <class T, class Parse>
    void entry(const std::string& key, T& field, const Parse& parse) {
        entries_.read(key, field, parse);
    }

    template <class T>
    bool group(const std::string& prefix, std::optional<T>& field) {
        if (entries_.has_any(prefix)) field.emplace();
        return field.has_value();
    }

    // A list of what has keys of its own.
    template <class T>
    void names(const std::string& key, std::vector<T>& list) {
        std::vector<std::string> names;
        entries_.read(key, names, heads_of);
        for (std::string& name : names) list.emplace_back().name = std::move(name);
    }

private:
    Entries& entries_;
};

void require_std_devs(const KeypointSettings& keypoints) {
    const Refinement& choice = keypoints.refinement;
    if (choice.ranking == Ranking::gaussian_weighted && choice.std_devs.empty())
        throw std::invalid_argument(
            "settings must have refinement.std_devs for ranking \"gaussian_weighted\"");
}

// Scores that must be greater than the threshold reach the number above it.
double least_score(const KeypointSettings& keypoints) noexcept {
    if (keypoints.inclusive) return keypoints.candidate_threshold;
    const auto threshold = static_cast<float>(keypoints.candidate_threshold);
    return static_cast<double>(std::nextafter(threshold, std::numeric_limits<float>::infinity()));
}

// The rule of keypoints beside heads that are stored by the rest of the settings.
PoseRule pose_of(const Settings& settings, const KeypointSettings& keypoints) {
    require_std_devs(keypoints);
    PoseRule pose;
    pose.box = settings.box;
    pose.keypoint = keypoints.rule;
    pose.keypoint.axes = keypoints.axes.value_or(settings.box.axes);
    pose.candidates.top_k = keypoints.candidates;
    pose.candidates.window = keypoints.window;
    pose.candidates.score_threshold = least_score(keypoints);
    pose.candidates.activation = keypoints.heatmap_activation.value_or(settings.peaks.activation);
    pose.candidates.plateaus = settings.peaks.plateaus;
    pose.refinement = keypoints.refinement;
    pose.refinement.search_scale =
        keypoints.search_scale.value_or(std::numeric_limits<double>::infinity());
    pose.refinement.score_threshold =
        keypoints.score_threshold.value_or(keypoints.candidate_threshold);
    pose.unmatched_score = keypoints.unmatched_score;
    pose.single = keypoints.single;
    return pose;
}

// Corners are as many as there may be: what must reach the threshold is a pair of them.
PeakOptions peaks_of_corners(const Settings& settings) {
    PeakOptions peaks = settings.peaks;
    peaks.top_k = settings.triplets.top_k;
    peaks.score_threshold = -std::numeric_limits<double>::infinity();
    return peaks;
}

void derive_levels(const Settings& settings, LevelSettings& levels) {
    levels.peaks = settings.peaks;
    levels.peaks.top_k = levels.max_per_level;
    // All levels share a threshold, and to find its raw element takes longer than a small map.
    levels.peaks.activation = Activation::none;
    levels.peaks.score_threshold = static_cast<double>(
        raw_threshold(settings.peaks.score_threshold, settings.peaks.activation));
    const auto& heads = settings.heads;
    const auto place_of = [&](const std::string& head) {
        return static_cast<std::size_t>(std::find(heads.begin(), heads.end(), head) -
                                        heads.begin());
    };
    levels.places.clear();
    for (std::size_t i = 0; i < levels.strides.size(); ++i) {
        const std::string level = "_" + std::to_string(i);
        levels.places.push_back(
            {place_of("heatmap" + level), place_of("wh" + level), place_of("agnostic" + level)});
    }
}

void derive_extreme_points(const Settings& settings, ExtremeSettings& extreme) {
    extreme.peaks = settings.peaks;
    extreme.peaks.top_k = extreme.top_k;
    extreme.peaks.score_threshold =
        static_cast<double>(static_cast<float>(extreme.point_threshold));
    // Aggregated maps hold scores, and points without a class are of any channel.
    extreme.edge_weight = static_cast<float>(extreme.edge_aggregation);
    if (extreme.edge_weight > 0.0F) extreme.peaks.activation = Activation::none;
    if (extreme.class_agnostic) extreme.peaks.classes.reset();
    extreme.rule = {extreme.point_threshold, extreme.center_threshold,
                    settings.peaks.score_threshold, extreme.max_detections};
}

void derive(Settings& settings) {
    settings.pose = pose_of(settings, settings.keypoints);
    derive_levels(settings, settings.levels);
    derive_extreme_points(settings, settings.extreme_points);
    for (KeypointTask& task : settings.tasks) task.pose = pose_of(settings, task.keypoints);
    settings.triplets.peaks = peaks_of_corners(settings);
}

void require_fitting_extras(const Settings& settings) {
    for (const ExtraRule& extra : settings.extras)
        if (extra.replaces_box && extra.frame != ExtraFrame::box)
            throw std::invalid_argument("frame must be \"box\" to replace the box, got '" +
                                        word_of(extra.frame) + "'");
}

// Where the cells of a bird's-eye view lie must be known; and frames of extras are in pixels
// of an image, which there is none of.
void require_bev(const Settings& settings) {
    if (settings.bev.voxel_size.empty() || settings.bev.origin.empty())
        throw std::invalid_argument(
            "settings must have bev.voxel_size and bev.origin, which say where cells lie");
    std::string framed;
    for (const ExtraRule& extra : settings.extras)
        if (extra.frame != ExtraFrame::none)
            framed +=
                (framed.empty() ? "'" : ", '") + extra.name + "': '" + word_of(extra.frame) + "'";
    if (!framed.empty())
        throw std::invalid_argument("extras of a bird's-eye view must have frame \"none\", got {" +
                                    framed + "}");
}

// Options that the decoder has no use for, of a caller who gives all. What they may be is
// checked all the same, and some of them the decoder must not ignore.
void read_rest(Reader& reader, Settings& settings) {
    Settings rest;
    visit_options(rest, Groups{}, reader);
    if (rest.flip) settings.flip = true;
    if (rest.scales) settings.scales = std::move(rest.scales);
    if (!rest.extras.empty()) settings.extras = std::move(rest.extras);
}

void read_heads(Entries& entries, Settings& settings) {
    entries.read("heads", settings.heads, heads_of);
    for (const std::string& head : settings.heads)
        entries.read("names." + head, settings.names.emplace_back(std::vector<std::string>{head}),
                     names_of);
}

}  // namespace

Settings read_settings(Entries& entries) {
    Settings settings;
    settings.peaks.score_threshold = static_cast<double>(0.3F);
    settings.is_text = entries.is_text();
    std::string decoder;
    entries.read("decoder", decoder, [](const std::string& word) { return word; });
    settings.decoder = choice_of<DecoderKind>(decoder);
    read_heads(entries, settings);
    Reader reader(entries);
    visit_options(settings, groups_of(settings.decoder), reader);
    if (entries.is_text())
        entries.require_all_taken(decoder);
    else
        read_rest(reader, settings);
    require_fitting_extras(settings);
    if (settings.decoder == DecoderKind::bev) require_bev(settings);
    derive(settings);
    return settings;
}

Settings parse_settings(std::string_view text) {
    Entries entries(text);
    return read_settings(entries);
}

Settings read_options(Entries& entries) {
    Settings settings;
    Reader reader(entries);
    visit_options(settings, Groups{}, reader);
    entries.require_all_taken("any");
    require_fitting_extras(settings);
    derive(settings);
    return settings;
}

Settings merged_settings(Settings settings) {
    settings.flip = false;
    // Masks are not merged: what they were stored as goes by the heatmap that was.
    if (settings.masks && !settings.masks->activation)
        settings.masks->activation = settings.peaks.activation;
    settings.peaks.activation = Activation::none;
    settings.keypoints.heatmap_activation = Activation::none;
    for (KeypointTask& task : settings.tasks) task.keypoints.heatmap_activation = Activation::none;
    derive(settings);
    return settings;
}

}  // namespace centerdecode
