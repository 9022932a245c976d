#include "node.hpp"

#include "outputs.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace centerdecode::ovms {
namespace {

constexpr std::size_t matrix_size = 6;

bool has_keypoints(const std::vector<std::string>& heads) {
    return std::find(heads.begin(), heads.end(), "keypoints") != heads.end();
}

std::string shape_text(const Tensor& tensor) {
    std::string text = "(";
    for (std::uint64_t i = 0; i < tensor.num_dims; ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(tensor.dims[i]);
    return text + ")";
}

const Tensor& input_of(const Tensor* inputs, int num_inputs, const std::string& name,
                       Precision precision) {
    const Tensor* end = inputs + num_inputs;
    const Tensor* found =
        std::find_if(inputs, end, [&](const Tensor& tensor) { return tensor.name == name; });
    if (found == end) throw std::runtime_error("there must be an input " + name);
    if (found->precision != precision)
        reject("input " + name, "of the precision that the node has for it",
               "precision " + std::to_string(found->precision));
    return *found;
}

}  // namespace

Node::Node(const Options& options)
    : options_(options), decoder_(options.settings), heads_(decoder_.heads()) {}

std::vector<Port> Node::inputs() const {
    std::vector<Port> ports;
    ports.reserve(heads_.size() + 1);
    for (const std::string& head : heads_)
        ports.push_back({head.c_str(), {0, 0, 0, 0}, options_.precision});
    if (options_.has_transform) ports.push_back({transform_name, {0, 2, 3}, fp64});
    return ports;
}

std::vector<Port> Node::outputs() const {
    const std::uint64_t rows = decoder_.top_k();
    std::vector<Port> ports = {{"boxes", {0, rows, 4}, fp32},
                               {"scores", {0, rows}, fp32},
                               {"class_ids", {0, rows}, i32},
                               {"counts", {0}, i32}};
    if (has_keypoints(heads_)) {
        ports.push_back({"keypoints", {0, rows, 0, 2}, fp32});
        ports.push_back({"keypoint_scores", {0, rows, 0}, fp32});
    }
    return ports;
}

std::vector<centerdecode_tensor> Node::heads_of(const Tensor* inputs, int num_inputs) const {
    const std::int32_t type = options_.precision == fp16 ? CENTERDECODE_F16 : CENTERDECODE_F32;
    std::vector<centerdecode_tensor> heads;
    for (const std::string& name : heads_) {
        const Tensor& head = input_of(inputs, num_inputs, name, options_.precision);
        heads.push_back(hosts::dense_tensor(head.data, type, head.dims, head.num_dims));
        if (const std::size_t size = hosts::byte_size(heads.back()); size != head.data_bytes)
            reject("input " + name, "of " + std::to_string(size) + " bytes",
                   std::to_string(head.data_bytes));
    }
    return heads;
}

std::vector<double> Node::transforms_of(const Tensor* inputs, int num_inputs,
                                        std::int64_t num_images) const {
    if (!options_.has_transform) return {};
    const Tensor& given = input_of(inputs, num_inputs, transform_name, fp64);
    const auto images = static_cast<std::uint64_t>(num_images);
    const bool fits = given.num_dims == 3 && (given.dims[0] == 1 || given.dims[0] == images) &&
                      given.dims[1] == 2 && given.dims[2] == 3;
    if (!fits || given.data_bytes != given.dims[0] * matrix_size * sizeof(double))
        reject("input transform", "of shape (1, 2, 3), or one matrix for each image",
               shape_text(given));
    std::vector<double> matrices(images * matrix_size);
    for (std::uint64_t i = 0; i < images; ++i) {
        const std::uint64_t place = given.dims[0] == 1 ? 0 : i;
        std::memcpy(&matrices[i * matrix_size], given.data + place * matrix_size * sizeof(double),
                    matrix_size * sizeof(double));  // which may lie anywhere
    }
    return matrices;
}

void Node::execute(const Tensor* inputs, int num_inputs, Tensor** outputs, int* num_outputs) const {
    const std::vector<centerdecode_tensor> heads = heads_of(inputs, num_inputs);
    const std::int64_t num_images = decoder_.num_images(heads);
    const auto images = static_cast<std::size_t>(num_images);
    const auto joints = static_cast<std::size_t>(decoder_.num_keypoints(heads));
    const std::vector<double> transforms = transforms_of(inputs, num_inputs, num_images);
    const std::size_t rows = decoder_.top_k();

    Outputs made;
    auto* boxes = made.add<float>("boxes", fp32, {images, rows, 4});
    auto* scores = made.add<float>("scores", fp32, {images, rows});
    auto* class_ids = made.add<std::int32_t>("class_ids", i32, {images, rows});
    auto* counts = made.add<std::int32_t>("counts", i32, {images});
    float* keypoints = nullptr;
    float* keypoint_scores = nullptr;
    if (has_keypoints(heads_)) {
        keypoints = made.add<float>("keypoints", fp32, {images, rows, joints, 2});
        keypoint_scores = made.add<float>("keypoint_scores", fp32, {images, rows, joints});
    }

    std::fill_n(class_ids, images * rows, -1);
    for (std::size_t i = 0; i < images; ++i) {
        const std::size_t row = i * rows;
        centerdecode_detections found{};
        found.capacity = rows;
        found.xyxy = boxes + row * 4;
        found.scores = scores + row;
        found.class_ids = class_ids + row;
        if (keypoints != nullptr) {
            found.keypoints = keypoints + row * joints * 2;
            found.keypoint_scores = keypoint_scores + row * joints;
        }
        decoder_.decode(heads, static_cast<std::int64_t>(i),
                        transforms.empty() ? nullptr : &transforms[i * matrix_size], found);
        counts[i] = static_cast<std::int32_t>(found.count);
    }
    *num_outputs = static_cast<int>(made.size());
    *outputs = made.hand_over().release();
}

}  // namespace centerdecode::ovms
