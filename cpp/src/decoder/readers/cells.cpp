#include "decoder/readers/cells.hpp"

#include <algorithm>
#include <string>

namespace centerdecode {

// Corners count from the integer cell, in cells, whatever else the model says of boxes.
BoxRule rule_of_corners(BoxRule rule) noexcept {
    rule.encoding = BoxEncoding::corners;
    rule.units = BoxUnits::cells;
    rule.activation = BoxActivation::none;
    return rule;
}

namespace {

// No name is put together, so that none is allocated.
bool is_called(std::string_view head, std::string_view task, std::string_view kind) noexcept {
    if (task.empty()) return head == kind;
    return head.size() == task.size() + 1 + kind.size() && head.substr(0, task.size()) == task &&
           head[task.size()] == '/' && head.substr(task.size() + 1) == kind;
}

// The place of a head among those of the settings; their number: there is none.
std::size_t place_of(const Settings& settings, std::string_view task,
                     std::string_view kind) noexcept {
    const auto& heads = settings.heads;
    const auto is_wanted = [&](const std::string& head) { return is_called(head, task, kind); };
    return static_cast<std::size_t>(std::find_if(heads.begin(), heads.end(), is_wanted) -
                                    heads.begin());
}

}  // namespace

NamedBoxHeads box_heads(const BatchHeads& heads) {
    const NamedHead& heatmap = heads.need("heatmap");
    if (heads.find("corners") != nullptr) return {heatmap, heads.optional("corners"), std::nullopt};
    return {heatmap, heads.optional("wh"), heads.optional("offset")};
}

BoxHeads box_heads(const ImageHeads& heads) noexcept {
    const TensorView corners = heads.find("corners");
    if (corners.data != nullptr) return {heads.find("heatmap"), corners, {}};
    return {heads.find("heatmap"), heads.find("wh"), heads.find("offset")};
}

NamedPoseHeads pose_heads(const BatchHeads& heads, std::string_view task) {
    const auto find = [&](std::string_view kind) -> std::optional<NamedHead> {
        const std::size_t i = place_of(heads.settings, task, kind);
        if (i == heads.given.size() || heads.given[i].view.first.data == nullptr)
            return std::nullopt;
        return heads.given[i];
    };
    const auto keypoints = find("keypoints");
    if (!keypoints)
        throw MissingHead(task.empty() ? "keypoints" : std::string(task) + "/keypoints");
    return {box_heads(heads), *keypoints, find("keypoint_heatmap"), find("keypoint_offset"),
            find("keypoint_depth")};
}

PoseHeads pose_heads(const ImageHeads& heads, std::string_view task) noexcept {
    const auto find = [&](std::string_view kind) {
        const std::size_t i = place_of(heads.settings, task, kind);
        return i == heads.given.size() ? TensorView{} : heads.given[i];
    };
    return {box_heads(heads), find("keypoints"), find("keypoint_heatmap"), find("keypoint_offset"),
            find("keypoint_depth")};
}

BoxRule box_rule(const ImageHeads& heads) noexcept {
    const BoxHeads box = box_heads(heads);
    if (!heads.has("corners")) return box_rule(heads.settings, box);
    BoxRule rule = rule_of_corners(heads.settings.box);
    rule.class_specific = box.wh.channels != box_channels(rule.encoding);
    rule.center_shift = 0.0;
    return rule;
}

BoxRule box_rule(const Settings& settings, const BoxHeads& heads) noexcept {
    BoxRule rule = settings.box;
    rule.class_specific =
        heads.wh.data != nullptr && heads.wh.channels != box_channels(rule.encoding);
    rule.center_shift = settings.center_shift.value_or(heads.offset.data != nullptr ? 0.0 : 0.5);
    return rule;
}

void require_boxes(const BatchHeads& heads) {
    const bool has_corners = heads.find("corners") != nullptr;
    const BoxRule& own = heads.settings.box;
    check_box_heads(box_heads(heads), has_corners ? rule_of_corners(own) : own, 0.0);
}

void check_boxes(const BatchHeads& heads) {
    require_boxes(heads);
    require_classes(heads.need("heatmap"), heads.settings.peaks);
}

void require_head(const BatchHeads& heads, const char* name, std::int64_t channels,
                  const char* why) {
    const NamedHead& head = heads.need(name);
    require_same_grid(heads.need("heatmap"), head);
    require_channels(head, channels, why);
}

void require_fit_if_any(const BatchHeads& heads, const char* name, std::int64_t channels,
                        const char* why) {
    if (heads.find(name) != nullptr) require_head(heads, name, channels, why);
}

void find_rows(const Input& input, const PeakOptions& options, Memory& memory, Detections& found) {
    find_peaks(input.heads.find("heatmap"), options, memory.peaks);
    write_peaks(input, options.activation, memory, found);
}

void write_peaks(const Input& input, Activation activation, Memory& memory, Detections& found) {
    const TensorView heatmap = input.heads.find("heatmap");
    const std::size_t n = memory.peaks.size();
    resize(found, n, input.format);
    memory.cells.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        memory.cells[i] = cell_of(heatmap, memory.peaks[i]);
        found.scores[i] = score_of(memory.peaks[i].value, activation);
        found.class_ids[i] = memory.cells[i].class_id;
    }
}

}  // namespace centerdecode
