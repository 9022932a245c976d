// Options that are words: the one place that knows which there are.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/boxes3d.hpp>
#include <centerdecode/keypoints.hpp>
#include <centerdecode/nms.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/settings.hpp>
#include <centerdecode/tensor_view.hpp>

#include <string>

namespace centerdecode {

// Each throws std::invalid_argument, with the words that are known.
Layout layout_named(const std::string& word);
Activation activation_named(const std::string& word);
Plateaus plateaus_named(const std::string& word);
BoxEncoding box_encoding_named(const std::string& word);
BoxUnits box_units_named(const std::string& word);
BoxActivation box_activation_named(const std::string& word);
Axes axes_named(const std::string& word);
DepthActivation depth_activation_named(const std::string& word);
KeypointOrder keypoint_order_named(const std::string& word);
KeypointFrame keypoint_frame_named(const std::string& word);
KeypointActivation keypoint_activation_named(const std::string& word);
Ranking ranking_named(const std::string& word);
NmsKind nms_kind_named(const std::string& word);
NmsShape nms_shape_named(const std::string& word);
DecoderKind decoder_named(const std::string& word);

}  // namespace centerdecode
