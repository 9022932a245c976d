// The rows of detections.
#pragma once

#include <centerdecode/decoder.hpp>
#include <centerdecode/nms.hpp>

#include <cstddef>

namespace centerdecode {

// Makes room for n detections of J keypoints.
void resize(Detections& found, std::size_t n, std::size_t num_keypoints);

// Leaves what NMS keeps, with its new scores, strongest first. Both are written.
void thin(const NmsRule& rule, Detections& unsorted, Detections& found);

}  // namespace centerdecode
