#include "detections.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace centerdecode::dlstreamer {
namespace {

void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(std::string("centerdecode: ") + what);
}

// Within what differs by an int. NaN, of a keypoint that was not found, becomes 0.
int pixel(float value) noexcept {
    constexpr double most = 1 << 29;
    return std::isnan(value) ? 0
                             : static_cast<int>(std::clamp(std::round(double{value}), -most, most));
}

std::string label_of(const Naming& naming, std::int32_t class_id) {
    if (naming.labels.empty()) return std::to_string(class_id);
    const auto place = static_cast<std::size_t>(class_id);
    if (class_id < 0 || place >= naming.labels.size())
        throw std::runtime_error("centerdecode: class " + std::to_string(class_id) +
                                 " has no label, there are " +
                                 std::to_string(naming.labels.size()));
    return naming.labels[place];
}

void attach_keypoints(const Gst& gst, const Found& found, std::size_t i, const std::string& tag,
                      const GstAnalyticsMtd& object, GstAnalyticsRelationMeta* meta) {
    std::vector<int> positions;
    for (std::size_t j = i * found.joints * 2; j < (i + 1) * found.joints * 2; ++j)
        positions.push_back(pixel(found.keypoints[j]));
    GstAnalyticsMtd group{};
    require(gst.add_keypoints_group(meta, tag.c_str(), two_dimensional, positions.size(),
                                    positions.data(), found.joints,
                                    &found.keypoint_scores[i * found.joints], nullptr, 0, nullptr,
                                    &group) != 0,
            "GStreamer refused a group of keypoints");
    require(gst.set_relation(meta, contain, object.id, group.id) != 0 &&
                gst.set_relation(meta, is_part_of, group.id, object.id) != 0,
            "GStreamer refused to relate keypoints to their object");
}

}  // namespace

void attach(const Gst& gst, const Found& found, const Naming& naming,
            GstAnalyticsRelationMeta* meta) {
    require(found.joints == 0 || gst.add_keypoints_group != nullptr,
            "this GStreamer has no metadata of keypoints; 1.30 is the first that has, or take the "
            "settings of boxes, decoder=boxes");
    for (std::size_t i = 0; i < found.count; ++i) {
        const float* box = &found.xyxy[i * 4];
        if (!std::all_of(box, box + 4, [](float edge) { return std::isfinite(edge); })) continue;
        const int x = pixel(box[0]);
        const int y = pixel(box[1]);
        const std::string label = label_of(naming, found.class_ids[i]);
        GstAnalyticsMtd object{};
        require(gst.add_od_mtd(meta, gst.quark_from_string(label.c_str()), x, y,
                               std::max(pixel(box[2]) - x, 1), std::max(pixel(box[3]) - y, 1),
                               found.scores[i], &object) != 0,
                "GStreamer refused an object");
        if (found.joints != 0) attach_keypoints(gst, found, i, naming.keypoints_tag, object, meta);
    }
}

}  // namespace centerdecode::dlstreamer
