// OpenVINO's tensors as the views that a decoder reads.
#pragma once

#include <centerdecode/heads.hpp>

#include <openvino/core/shape.hpp>
#include <openvino/core/type/element_type.hpp>
#include <openvino/runtime/tensor.hpp>

#include <vector>

namespace centerdecode {

bool is_read(const ov::element::Type& type);

// Heads of rank 4, in place.
std::vector<BatchView> views_of(const ov::TensorVector& heads, Layout layout);

// The same of heads that are not there yet, for what their shapes tell.
std::vector<BatchView> shapes_only(const std::vector<ov::Shape>& heads, Layout layout);

}  // namespace centerdecode
