#include "settings/settings_keypoints.hpp"

#include <centerdecode/choices.hpp>

#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace centerdecode {
namespace {

void read_refinement(Entries& entries, PoseRule& pose) {
    Refinement& rule = pose.refinement;
    auto threshold = static_cast<double>(0.1F);
    bool inclusive = false;
    entries.read("refinement.candidates", pose.candidates.top_k, count_of);
    entries.read("refinement.candidate_threshold", threshold, score_of_text);
    entries.read("refinement.inclusive", inclusive, flag_of);
    entries.read("refinement.window", pose.candidates.window, window_of);
    entries.read("refinement.ranking", rule.ranking, ranking_named);
    entries.read("refinement.box_scale", rule.box_scale, number_of);
    std::optional<double> search_scale = rule.search_scale;
    entries.read("refinement.search_scale", search_scale, unless_none(number_of));
    rule.search_scale = search_scale.value_or(std::numeric_limits<double>::infinity());
    entries.read("refinement.distance_offset", rule.distance_offset, number_of);
    entries.read("refinement.distance_multiplier", rule.distance_multiplier, number_of);
    entries.read("refinement.std_devs", rule.std_devs, real_numbers_of);
    if (rule.ranking == Ranking::gaussian_weighted && rule.std_devs.empty())
        throw std::invalid_argument(
            "settings must have refinement.std_devs for ranking \"gaussian_weighted\"");
    std::optional<double> score_threshold;
    entries.read("refinement.score_threshold", score_threshold, unless_none(score_of_text));
    rule.score_threshold = score_threshold.value_or(threshold);
    entries.read("refinement.extent_margin", rule.extent_margin, unless_none(number_of));
    entries.read("refinement.unmatched_score", pose.unmatched_score, unless_none(number_of));
    const auto above =
        std::nextafter(static_cast<float>(threshold), std::numeric_limits<float>::infinity());
    pose.candidates.score_threshold = inclusive ? threshold : static_cast<double>(above);
}

}  // namespace

void read_keypoints(Entries& entries, const PeakOptions& peaks, PoseRule& pose) {
    KeypointRule& rule = pose.keypoint;
    rule.axes = pose.box.axes;
    pose.candidates.activation = peaks.activation;
    pose.candidates.plateaus = peaks.plateaus;
    entries.read("keypoints.order", rule.order, keypoint_order_named);
    entries.read("keypoints.axes", rule.axes, axes_named);
    entries.read("keypoints.frame", rule.frame, keypoint_frame_named);
    entries.read("keypoints.activation", rule.activation, keypoint_activation_named);
    entries.read("keypoints.heatmap_activation", pose.candidates.activation, activation_named);
    entries.read("keypoints.single", pose.single, flag_of);
    read_refinement(entries, pose);
}

}  // namespace centerdecode
