// The keys of a decoder, listed once. The reader, the writer and the table in the
// documentation go by this list, and so does whoever adds an option to every decoder.
#pragma once

#include "settings/settings.hpp"
#include "settings/values.hpp"

#include <string>

namespace centerdecode {

// Which groups of keys a decoder has a use for.
struct Groups {
    bool grid = true;    // heads on a grid, not rows that a model decoded
    bool extras = true;  // of rows
    bool keypoints = true;
    bool tasks = true;
    bool boxes3d = true;
    bool bev = true;
    bool levels = true;
    bool extreme_points = true;
    bool triplets = true;
    bool input_size = true;
    bool first_class = true;
};

inline Groups groups_of(DecoderKind kind) noexcept {
    const auto is = [kind](DecoderKind other) { return kind == other; };
    const bool rows = is(DecoderKind::detection_output) || is(DecoderKind::zoo);
    return {!rows && !is(DecoderKind::embedded),
            is(DecoderKind::embedded),
            is(DecoderKind::poses) || is(DecoderKind::faces),
            is(DecoderKind::pose_tasks),
            is(DecoderKind::boxes3d),
            is(DecoderKind::bev),
            is(DecoderKind::levels),
            is(DecoderKind::extreme_points),
            is(DecoderKind::triplets),
            rows,
            is(DecoderKind::zoo)};
}

// Calls v.entry(key, field, parse) for every key, in the order of a text, and v.group(prefix,
// optional) where a field is there only if one of its keys is. `own` begins the keys.
template <class K, class Visitor>
void visit_keypoints(const std::string& own, K& keypoints, Visitor& v) {
    auto& rule = keypoints.rule;
    const std::string k = own + "keypoints.";
    v.entry(k + "order", rule.order, choice_of<KeypointOrder>);
    v.entry(k + "axes", keypoints.axes, unless_none(choice_of<Axes>));
    v.entry(k + "frame", rule.frame, choice_of<KeypointFrame>);
    v.entry(k + "activation", rule.activation, choice_of<KeypointActivation>);
    v.entry(k + "heatmap_activation", keypoints.heatmap_activation, choice_of<Activation>);
    v.entry(k + "single", keypoints.single, flag_of);
    v.entry(k + "pairs", keypoints.pairs, unless_none(pairs_of));
    auto& choice = keypoints.refinement;
    const std::string r = own + "refinement.";
    v.entry(r + "candidates", keypoints.candidates, count_of);
    v.entry(r + "candidate_threshold", keypoints.candidate_threshold, score_of_text);
    v.entry(r + "inclusive", keypoints.inclusive, flag_of);
    v.entry(r + "window", keypoints.window, window_of);
    v.entry(r + "ranking", choice.ranking, choice_of<Ranking>);
    v.entry(r + "box_scale", choice.box_scale, number_of);
    v.entry(r + "search_scale", keypoints.search_scale, unless_none(number_of));
    v.entry(r + "distance_offset", choice.distance_offset, number_of);
    v.entry(r + "distance_multiplier", choice.distance_multiplier, number_of);
    v.entry(r + "std_devs", choice.std_devs, real_numbers_of);
    v.entry(r + "score_threshold", keypoints.score_threshold, unless_none(score_of_text));
    v.entry(r + "extent_margin", choice.extent_margin, unless_none(number_of));
    v.entry(r + "unmatched_score", keypoints.unmatched_score, unless_none(number_of));
}

template <class Visitor, class E>
void visit_extra(const std::string& own, E& extra, Visitor& v) {
    v.entry(own + "activation", extra.activation, choice_of<ExtraActivation>);
    v.entry(own + "scale", extra.scale, number_of);
    v.entry(own + "normalize", extra.normalize, flag_of);
    v.entry(own + "frame", extra.frame, choice_of<ExtraFrame>);
    v.entry(own + "axes", extra.axes, unless_none(choice_of<Axes>));
    v.entry(own + "replaces_box", extra.replaces_box, flag_of);
}

template <class S, class Visitor>
void visit_extras(S& s, Visitor& v) {
    v.names("extras", s.extras);
    for (auto& extra : s.extras) visit_extra("extras." + extra.name + ".", extra, v);
}

template <class S, class Visitor>
void visit_nms(S& s, Visitor& v) {
    if (!v.group("nms.", s.nms)) return;
    auto& nms = *s.nms;
    v.entry("nms.kind", nms.kind, choice_of<NmsKind>);
    v.entry("nms.iou_threshold", nms.iou_threshold, fraction_of);
    v.entry("nms.sigma", nms.sigma, positive_of);
    v.entry("nms.score_threshold", nms.score_threshold, number_of);
    v.entry("nms.class_agnostic", nms.class_agnostic, flag_of);
    v.entry("nms.whole_pixels", nms.whole_pixels, flag_of);
    v.entry("nms.inclusive", nms.inclusive, flag_of);
    v.entry("nms.shape", nms.shape, choice_of<NmsShape>);
    v.entry("nms.radius", nms.radius, number_of);
}

// What heads on a grid are read by.
template <class S, class Visitor>
void visit_grid(S& s, Visitor& v) {
    v.entry("layout", s.layout, choice_of<Layout>);
    v.entry("activation", s.peaks.activation, choice_of<Activation>);
    v.entry("window", s.peaks.window, window_of);
    v.entry("plateaus", s.peaks.plateaus, choice_of<Plateaus>);
    v.entry("best_class", s.peaks.best_class, flag_of);
    v.entry("stride", s.box.stride, positive_of);
    v.entry("box_encoding", s.box.encoding, choice_of<BoxEncoding>);
    v.entry("box_units", s.box.units, choice_of<BoxUnits>);
    v.entry("box_activation", s.box.activation, choice_of<BoxActivation>);
    v.entry("axes", s.box.axes, choice_of<Axes>);
    v.entry("center_shift", s.center_shift, unless_none(finite_of));
    v.entry("flip", s.flip, flag_of);
    v.entry("scales", s.scales, unless_none(scales_of));
    visit_extras(s, v);
    if (!v.group("masks.", s.masks)) return;
    v.entry("masks.height", s.masks->height, extent_of_text);
    v.entry("masks.width", s.masks->width, extent_of_text);
    v.entry("masks.score_threshold", s.masks->score_threshold, number_of);
    v.entry("masks.activation", s.masks->activation, choice_of<Activation>);
    v.entry("masks.part_class", s.masks->part_class, unless_none(index_of_text));
}

template <class S, class Visitor>
void visit_space(S& s, const Groups& groups, Visitor& v) {
    if (groups.boxes3d) {
        v.entry("depth_activation", s.depth_activation, choice_of<DepthActivation>);
        v.entry("calibration", s.calibration, unless_none(calibration_of));
    }
    if (!groups.bev) return;
    v.entry("bev.voxel_size", s.bev.voxel_size, voxel_size_of);
    v.entry("bev.origin", s.bev.origin, finite_numbers_of<2>);
    v.entry("bev.center_range", s.bev.center_range, unless_none(finite_numbers_of<6>));
    v.entry("bev.clockwise", s.bev.clockwise, flag_of);
    v.entry("bev.max_candidates", s.bev.max_candidates, count_of);
}

template <class S, class Visitor>
void visit_groups_of_points(S& s, const Groups& groups, Visitor& v) {
    if (groups.extreme_points) {
        auto& points = s.extreme_points;
        v.entry("extreme_points.top_k", points.top_k, count_of);
        v.entry("extreme_points.point_threshold", points.point_threshold, number_of);
        v.entry("extreme_points.center_threshold", points.center_threshold, number_of);
        v.entry("extreme_points.edge_aggregation", points.edge_aggregation, not_negative_of);
        v.entry("extreme_points.class_agnostic", points.class_agnostic, flag_of);
        v.entry("extreme_points.max_detections", points.max_detections, count_of);
    }
    if (!groups.triplets) return;
    v.entry("triplets.top_k", s.triplets.top_k, count_of);
    v.entry("triplets.tag_threshold", s.triplets.tag_threshold, number_of);
    v.entry("triplets.max_pairs", s.triplets.max_pairs, count_of);
    v.entry("triplets.margin", s.triplets.margin, unless_none(number_of));
    v.entry("triplets.area_limit", s.triplets.area_limit, number_of);
}

template <class S, class Visitor>
void visit_tasks(S& s, Visitor& v) {
    v.names("tasks", s.tasks);
    for (auto& task : s.tasks) {
        const std::string own = "tasks." + task.name + ".";
        v.entry(own + "class_id", task.class_id, index_of_text);
        v.entry(own + "indices", task.indices, unless_none(indices_of));
        visit_keypoints(own, task.keypoints, v);
    }
}

// All keys but `decoder` and those of heads.
template <class S, class Visitor>
void visit_options(S& s, const Groups& groups, Visitor& v) {
    v.entry("top_k", s.peaks.top_k, count_of);
    v.entry("score_threshold", s.peaks.score_threshold, score_of_text);
    v.entry("classes", s.peaks.classes, unless_none(classes_of));
    v.entry("max_per_class", s.max_per_class, unless_none(count_of));
    if (groups.input_size) v.entry("input_size", s.input_size, unless_none(size_of_text));
    if (groups.first_class) v.entry("first_class", s.first_class, index_of_text);
    if (groups.grid)
        visit_grid(s, v);
    else if (groups.extras)
        visit_extras(s, v);
    if (groups.keypoints) visit_keypoints("", s.keypoints, v);
    if (groups.tasks) visit_tasks(s, v);
    if (groups.levels) {
        v.entry("levels.strides", s.levels.strides, positives_of);
        v.entry("levels.max_per_level", s.levels.max_per_level, count_of);
    }
    visit_space(s, groups, v);
    visit_groups_of_points(s, groups, v);
    visit_nms(s, v);
}

}  // namespace centerdecode
