// The heads that make poses, checked against each other.
#pragma once

#include "box_inputs.hpp"

#include <centerdecode/keypoints.hpp>

#include <optional>

// As they came; all but heatmap and keypoints may be None.
struct PoseArguments {
    pybind11::handle heatmap;
    pybind11::handle wh;
    pybind11::handle offset;
    pybind11::handle keypoints;
    pybind11::handle keypoint_heatmap;
    pybind11::handle keypoint_offset;
    pybind11::handle keypoint_depth;
};

struct PoseInputs {
    BoxInputs boxes;
    Head keypoints;
    std::optional<Head> keypoint_heatmap;
    std::optional<Head> keypoint_offset;
    std::optional<Head> keypoint_depth;
    centerdecode::PoseRule rule;

    centerdecode::PoseHeads item(pybind11::ssize_t i) const noexcept;
};

PoseInputs view_pose_heads(const PoseArguments& arguments, const HeadFormat& format,
                           const BoxFormat& box, const centerdecode::PoseRule& rule);
