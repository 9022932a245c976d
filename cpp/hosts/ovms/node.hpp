// A node of a Model Server pipeline that decodes: heads in, detections out.
#pragma once

#include "../handle.hpp"
#include "custom_node.hpp"
#include "options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace centerdecode::ovms {

// A tensor or what there is to say of one: a shape, where 0 stands for any extent.
struct Port {
    const char* name;
    std::vector<std::uint64_t> dims;
    Precision precision;
};

// Immutable; any number of threads may use one.
class Node {
public:
    // Throws std::runtime_error: the settings are none.
    explicit Node(const Options& options);

    // The heads; and where the options say so `transform`, [B or 1, 2, 3] FP64.
    std::vector<Port> inputs() const;

    // boxes [B, K, 4], scores [B, K], class_ids [B, K], counts [B]; of poses keypoints
    // [B, K, J, 2] and keypoint_scores [B, K, J], too. K is top_k.
    std::vector<Port> outputs() const;

    // Allocates *outputs, and all in it, by malloc. Rows behind those that were found hold
    // zeros, and the class -1. Throws std::exception, and then there is nothing to free.
    void execute(const Tensor* inputs, int num_inputs, Tensor** outputs, int* num_outputs) const;

private:
    std::vector<centerdecode_tensor> heads_of(const Tensor* inputs, int num_inputs) const;
    std::vector<double> transforms_of(const Tensor* inputs, int num_inputs,
                                      std::int64_t num_images) const;

    Options options_;
    hosts::Handle decoder_;
    std::vector<std::string> heads_;
};

}  // namespace centerdecode::ovms
