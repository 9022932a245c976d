// What was found in one image as arrays that NumPy owns.
#pragma once

#include "decoder/kind.hpp"

#include <pybind11/numpy.h>

// xyxy, scores, class_ids, keypoints or None, keypoint_scores or None, and the further
// columns by name or None.
pybind11::tuple rows_of(const centerdecode::Detections& found, const centerdecode::Format& format);
