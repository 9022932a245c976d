// Options that are words: the one place that knows which there are.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/boxes3d.hpp>
#include <centerdecode/keypoints.hpp>
#include <centerdecode/nms.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <string>

// Each throws ValueError, with the words that are known.
centerdecode::Layout layout_named(const std::string& word);
centerdecode::Activation activation_named(const std::string& word);
centerdecode::Plateaus plateaus_named(const std::string& word);
centerdecode::BoxEncoding box_encoding_named(const std::string& word);
centerdecode::BoxUnits box_units_named(const std::string& word);
centerdecode::BoxActivation box_activation_named(const std::string& word);
centerdecode::Axes axes_named(const std::string& word);
centerdecode::DepthActivation depth_activation_named(const std::string& word);
centerdecode::KeypointOrder keypoint_order_named(const std::string& word);
centerdecode::KeypointFrame keypoint_frame_named(const std::string& word);
centerdecode::KeypointActivation keypoint_activation_named(const std::string& word);
centerdecode::Ranking ranking_named(const std::string& word);
centerdecode::NmsKind nms_kind_named(const std::string& word);
centerdecode::NmsShape nms_shape_named(const std::string& word);
