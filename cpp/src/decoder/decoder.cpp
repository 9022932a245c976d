#include <centerdecode/decoder.hpp>
#include <centerdecode/detection_output.hpp>

#include "decoder/decoder_heads.hpp"
#include "decoder/detections.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace centerdecode {
namespace {

void require_placement(const Placement& placement) {
    const auto is_finite = [](double number) { return std::isfinite(number); };
    if (placement.transform != nullptr) {
        const auto& m = placement.transform->m;
        if (!std::all_of(&m[0][0], &m[0][0] + 6, is_finite))
            throw std::domain_error("transform must be finite");
    }
    if (placement.clip != nullptr) {
        const ImageSize& clip = *placement.clip;
        const bool is_size = clip.height >= 0.0 && clip.width >= 0.0;
        if (!is_size)
            throw std::domain_error("clip must not be negative, got " +
                                    std::to_string(clip.height) + ", " +
                                    std::to_string(clip.width));
    }
}

void decode_boxes(const Settings& settings, const BoxHeads& heads, const BoxRule& rule,
                  const Placement& placement, Scratch& scratch, Detections& found) {
    find_peaks(heads.heatmap, settings.peaks, scratch.peaks);
    resize(found, scratch.peaks.size(), 0);
    for (std::size_t i = 0; i < scratch.peaks.size(); ++i) {
        const Peak& peak = scratch.peaks[i];
        const Cell cell = cell_of(heads.heatmap, peak);
        decode_box(heads, rule, placement, cell, &found.xyxy[4 * i]);
        found.scores[i] = score_of(peak.value, settings.peaks.activation);
        found.class_ids[i] = cell.class_id;
    }
}

void decode_poses(const Settings& settings, const PoseHeads& heads, const PoseRule& rule,
                  const Placement& placement, Scratch& scratch, Detections& found) {
    std::vector<Peak>& peaks = scratch.peaks;
    const TensorView& heatmap = heads.boxes.heatmap;
    if (rule.single)
        find_single_center(heatmap, settings.peaks, rule.refinement.distance_offset, peaks);
    else
        find_peaks(heatmap, settings.peaks, peaks);
    const auto count = static_cast<std::size_t>(heads.keypoints.channels / 2);
    resize(found, peaks.size(), count);
    if (!peaks.empty()) find_candidates(heads, rule, scratch.pose);
    for (std::size_t i = 0; i < peaks.size(); ++i) {
        found.scores[i] = score_of(peaks[i].value, settings.peaks.activation);
        found.class_ids[i] = cell_of(heatmap, peaks[i]).class_id;
        decode_pose(heads, rule, placement, peaks[i], found.scores[i], scratch.pose,
                    {&found.xyxy[4 * i], &found.keypoints[2 * count * i],
                     &found.keypoint_scores[count * i], nullptr});
    }
}

void decode_rows(const Settings& settings, const DetectionRows& rows, std::int64_t image,
                 const Placement& placement, Detections& found) {
    if (!settings.input_size)
        throw std::invalid_argument("settings must have input_size: the boxes are fractions of it");
    std::vector<ScoredBox> boxes =
        decode_detection_rows(rows, image, *settings.input_size, settings.peaks.score_threshold);
    if (const auto& classes = settings.peaks.classes) {
        const auto is_left_out = [&](const ScoredBox& box) {
            return !std::binary_search(classes->begin(), classes->end(), box.class_id);
        };
        boxes.erase(std::remove_if(boxes.begin(), boxes.end(), is_left_out), boxes.end());
    }
    const std::size_t n = std::min(boxes.size(), settings.peaks.top_k);
    resize(found, n, 0);
    for (std::size_t i = 0; i < n; ++i) {
        const auto& [xyxy, score, class_id] = boxes[i];
        place_box(placement, {{xyxy[0], xyxy[1]}, {xyxy[2], xyxy[3]}}, &found.xyxy[4 * i]);
        found.scores[i] = score;
        found.class_ids[i] = class_id;
    }
}

}  // namespace

Decoder::Decoder(std::string_view settings)
    : settings_(std::make_shared<const Settings>(parse_settings(settings))) {}

const Settings& Decoder::settings() const noexcept { return *settings_; }

const std::vector<std::string>& Decoder::heads() const noexcept { return settings_->heads; }

std::size_t Decoder::top_k() const noexcept { return settings_->peaks.top_k; }

std::int64_t Decoder::num_images(const std::vector<BatchView>& heads) const {
    return DecoderHeads(*settings_, heads).num_images();
}

std::int64_t Decoder::num_keypoints(const std::vector<BatchView>& heads) const {
    return DecoderHeads(*settings_, heads).num_keypoints();
}

void Decoder::decode(const std::vector<BatchView>& heads, std::int64_t image,
                     const Placement& placement, Scratch& scratch, Detections& found) const {
    const DecoderHeads named(*settings_, heads);
    named.require_image(image);
    require_placement(placement);
    switch (settings_->decoder) {
        case DecoderKind::boxes:
            decode_boxes(*settings_, named.item(image).boxes, named.rule().box, placement, scratch,
                         found);
            break;
        case DecoderKind::poses:
            decode_poses(*settings_, named.item(image), named.rule(), placement, scratch, found);
            break;
        case DecoderKind::detection_output:
            decode_rows(*settings_, named.rows(), image, placement, found);
            break;
    }
    if (settings_->nms) thin(*settings_->nms, scratch.unsorted, found);
}

}  // namespace centerdecode
