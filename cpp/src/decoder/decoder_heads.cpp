#include "decoder/decoder_heads.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace centerdecode {
namespace {

using Heads = std::vector<BatchView>;

std::optional<NamedHead> find(const Settings& settings, const Heads& heads, const char* name) {
    const auto& names = settings.heads;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return NamedHead{heads[static_cast<std::size_t>(found - names.begin())], name};
}

void require_rows(const NamedHead& rows) {
    const TensorView& view = rows.view.first;
    if (rows.view.batch == 1 && view.channels == 1 && view.width == 7) return;
    throw std::invalid_argument("rows must be of shape (1, 1, N, 7), " + describe(rows.view));
}

// One without which there are no such settings.
NamedHead needed(const Settings& settings, const Heads& heads, const char* name) {
    const std::optional<NamedHead> head = find(settings, heads, name);
    if (!head) throw std::invalid_argument(std::string("heads must have ") + name);
    return *head;
}

TensorView item_of_any(const std::optional<NamedHead>& head, std::int64_t image) noexcept {
    return head ? item_of(head->view, image) : TensorView{};
}

}  // namespace

DecoderHeads::DecoderHeads(const Settings& settings, const Heads& heads)
    : has_cells_(settings.decoder != DecoderKind::detection_output) {
    require_heads(settings.heads, heads.size());
    heads_.boxes.heatmap = needed(settings, heads, has_cells_ ? "heatmap" : "rows");
    if (has_cells_)
        check_cells(settings, heads);
    else
        require_rows(heads_.boxes.heatmap);
}

void DecoderHeads::check_cells(const Settings& settings, const Heads& heads) {
    const auto any = [&](const char* name) { return find(settings, heads, name); };
    rule_ = settings.pose;
    std::optional<double> center_shift = settings.center_shift;
    heads_.boxes.wh = any("corners");
    if (heads_.boxes.wh) {
        // Corners count from the integer cell, whatever else the model says of boxes.
        rule_.box.encoding = BoxEncoding::corners;
        rule_.box.units = BoxUnits::cells;
        rule_.box.activation = BoxActivation::none;
        center_shift = 0.0;
    } else {
        heads_.boxes.wh = any("wh");
        heads_.boxes.offset = any("offset");
    }
    rule_.box = check_box_heads(heads_.boxes, rule_.box, center_shift);
    if (!rule_.single) require_classes(heads_.boxes.heatmap, settings.peaks);
    if (settings.decoder != DecoderKind::poses) return;
    heads_.keypoints = needed(settings, heads, "keypoints");
    heads_.keypoint_heatmap = any("keypoint_heatmap");
    if (heads_.keypoint_heatmap) heads_.keypoint_offset = any("keypoint_offset");
    require_pose_heads(heads_, rule_);
}

std::int64_t DecoderHeads::num_images() const noexcept {
    return has_cells_ ? heads_.boxes.heatmap.view.batch
                      : std::max<std::int64_t>(1, count_images(rows()));
}

std::int64_t DecoderHeads::num_keypoints() const noexcept {
    return heads_.keypoints.view.first.channels / 2;
}

void DecoderHeads::require_image(std::int64_t image) const {
    const std::int64_t batch = heads_.boxes.heatmap.view.batch;
    if (image >= 0 && (!has_cells_ || image < batch)) return;
    throw std::out_of_range("image must be from 0 up" +
                            (has_cells_ ? " and below " + std::to_string(batch) : std::string()) +
                            ", got " + std::to_string(image));
}

PoseHeads DecoderHeads::item(std::int64_t image) const noexcept {
    const BoxHeads boxes{item_of(heads_.boxes.heatmap.view, image),
                         item_of_any(heads_.boxes.wh, image),
                         item_of_any(heads_.boxes.offset, image)};
    return {boxes,
            item_of(heads_.keypoints.view, image),
            item_of_any(heads_.keypoint_heatmap, image),
            item_of_any(heads_.keypoint_offset, image),
            {}};
}

DetectionRows DecoderHeads::rows() const noexcept {
    const TensorView& view = heads_.boxes.heatmap.view.first;
    return {view.data, view.type, view.height, view.row_stride, view.column_stride};
}

}  // namespace centerdecode
