// The operation that decodes the heads of a model inside its graph.
#pragma once

#include <centerdecode/decoder.hpp>

#include <openvino/op/op.hpp>

#include <memory>
#include <string>

namespace centerdecode {

// Inputs: the heads that the settings name, in their order, of rank 4 and their
// layout; f32, f16 or bf16. Outputs, for each of B images K = top_k rows, strongest
// first, and behind the last of them rows of zeros and class -1:
//
//     boxes           (B, K, 4) f32, x1 y1 x2 y2 in pixels of the network input
//     scores          (B, K) f32
//     class_ids       (B, K) i32
//     counts          (B) i32, how many rows there are
//     keypoints       (B, K, J, 2) f32, x y; these two of poses alone
//     keypoint_scores (B, K, J) f32
//
// It may be evaluated by several threads at once.
class DecodeOp : public ov::op::Op {
public:
    OPENVINO_OP("Decode", "centerdecode");

    DecodeOp() = default;

    void validate_and_infer_types() override;
    bool visit_attributes(ov::AttributeVisitor& visitor) override;
    std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& heads) const override;
    bool has_evaluate() const override { return true; }
    bool evaluate(ov::TensorVector& outputs, const ov::TensorVector& heads) const override;

private:
    bool has_keypoints() const;

    std::string settings_;
    std::shared_ptr<const Decoder> decoder_;  // made of settings_
};

}  // namespace centerdecode
