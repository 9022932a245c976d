// Poses: boxes with keypoints, which are regressed from the cell of a peak and moved to the
// peaks of their own heatmaps. Faces are the same, and boxes where there are no landmarks.
#include "decoder/readers/cells.hpp"

namespace centerdecode {
namespace {

// A model may have what belongs to a keypoint heatmap, and no such heatmap: its keypoints
// stay as they are regressed then.
NamedPoseHeads refined_heads(const BatchHeads& heads) {
    NamedPoseHeads own = pose_heads(heads, "");
    if (own.keypoint_heatmap) return own;
    own.keypoint_offset.reset();
    own.keypoint_depth.reset();
    return own;
}

PoseHeads refined_heads(const ImageHeads& heads) noexcept {
    PoseHeads own = pose_heads(heads, "");
    if (own.keypoint_heatmap.data != nullptr) return own;
    own.keypoint_offset = {};
    own.keypoint_depth = {};
    return own;
}

void check(const BatchHeads& heads) {
    const PoseRule& rule = heads.settings.pose;
    require_boxes(heads);
    require_pose_heads(refined_heads(heads), rule);
    if (!rule.single) require_classes(heads.need("heatmap"), heads.settings.peaks);
}

void describe(const ImageHeads& heads, Format& format) {
    const PoseHeads own = refined_heads(heads);
    const std::int64_t count = own.keypoints.channels / 2;
    format.num_keypoints = count;
    if (own.keypoint_depth.data != nullptr) format.add("keypoint_depths", ColumnType::f32, {count});
}

void decode(const Input& input, Memory& memory, Detections& found) {
    const Settings& settings = input.heads.settings;
    const PoseHeads heads = refined_heads(input.heads);
    PoseRule& rule = memory.pose_rule;
    rule = settings.pose;
    rule.box = box_rule(input.heads);

    const TensorView& heatmap = heads.boxes.heatmap;
    if (rule.single)
        find_single_center(heatmap, settings.peaks, rule.refinement.distance_offset, memory.peaks);
    else
        find_peaks(heatmap, settings.peaks, memory.peaks);
    write_peaks(input, settings.peaks.activation, memory, found);

    if (memory.peaks.empty()) return;
    find_candidates(heads, rule, memory.pose);
    const auto count = static_cast<std::size_t>(heads.keypoints.channels / 2);
    Column* depths = find_own_column(found, input.format, "keypoint_depths");
    for (std::size_t i = 0; i < memory.peaks.size(); ++i)
        decode_pose(
            heads, rule, input.placement, memory.peaks[i], found.scores[i], memory.pose,
            {&found.xyxy[4 * i], &found.keypoints[2 * count * i], &found.keypoint_scores[count * i],
             depths == nullptr ? nullptr : floats_of(*depths) + count * i});
}

void check_faces(const BatchHeads& heads) {
    if (heads.find("keypoints") == nullptr) return boxes_kind().check(heads);
    check(heads);
}

void describe_faces(const ImageHeads& heads, Format& format) {
    if (heads.has("keypoints")) describe(heads, format);
}

void decode_faces(const Input& input, Memory& memory, Detections& found) {
    if (!input.heads.has("keypoints")) return boxes_kind().decode(input, memory, found);
    decode(input, memory, found);
}

}  // namespace

const Kind& poses_kind() {
    static const Kind kind = [] {
        Kind poses = boxes_kind();
        poses.kind = DecoderKind::poses;
        poses.known = {"heatmap",         "wh",
                       "offset",          "corners",
                       "keypoints",       "keypoint_heatmap",
                       "keypoint_offset", "keypoint_depth"};
        poses.needed = {{"heatmap"}, {"keypoints"}};
        poses.check = check;
        poses.describe = describe;
        poses.decode = decode;
        return poses;
    }();
    return kind;
}

const Kind& faces_kind() {
    static const Kind kind = [] {
        Kind faces = poses_kind();
        faces.kind = DecoderKind::faces;
        faces.needed = {{"heatmap"}, {"wh", "corners"}};
        faces.check = check_faces;
        faces.describe = describe_faces;
        faces.decode = decode_faces;
        return faces;
    }();
    return kind;
}

}  // namespace centerdecode
