// What was found in one frame, said in GStreamer's analytics metadata.
#pragma once

#include "gst.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace centerdecode::dlstreamer {

// Strongest first, in pixels of the network input: count boxes x1 y1 x2 y2, scores and
// class ids, and of poses count * joints points x y, and scores.
struct Found {
    std::size_t count = 0;
    std::size_t joints = 0;
    std::vector<float> xyxy;
    std::vector<float> scores;
    std::vector<std::int32_t> class_ids;
    std::vector<float> keypoints;
    std::vector<float> keypoint_scores;
};

struct Naming {
    std::vector<std::string> labels;  // of the classes; none: a class is its number
    std::string keypoints_tag;        // semantic tag of their groups; may be empty
};

// Adds one object a detection, and a group of keypoints that is part of it. Metadata holds
// whole pixels: corners are rounded, an object is a pixel wide and high at least, and one
// whose corners are not finite is left out, for no whole number says where it is.
// Throws std::runtime_error: a class without a label, or metadata that GStreamer refuses
// or does not have.
void attach(const Gst& gst, const Found& found, const Naming& naming,
            GstAnalyticsRelationMeta* meta);

}  // namespace centerdecode::dlstreamer
