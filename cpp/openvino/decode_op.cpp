#include "decode_op.hpp"

#include "tensors.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace centerdecode {
namespace {

// In the order of the outputs; of extents that are known, or of dimensions that may not be.
template <class Shape, class Extent>
std::vector<Shape> shapes_of(Extent batch, Extent top_k, Extent keypoints, bool has_keypoints) {
    std::vector<Shape> shapes{Shape{batch, top_k, 4}, Shape{batch, top_k}, Shape{batch, top_k},
                              Shape{batch}};
    if (has_keypoints) {
        shapes.push_back(Shape{batch, top_k, keypoints, 2});
        shapes.push_back(Shape{batch, top_k, keypoints});
    }
    return shapes;
}

// Writes the rows of one image, and `filler` behind them.
template <class T>
void write_rows(ov::Tensor& output, std::size_t image, const std::vector<T>& rows, T filler) {
    const std::size_t room = output.get_size() / output.get_shape()[0];
    T* const first = output.data<T>() + image * room;
    std::fill(std::copy(rows.begin(), rows.end(), first), first + room, filler);
}

void write(ov::TensorVector& outputs, std::size_t image, const Detections& found) {
    write_rows(outputs[0], image, found.xyxy, 0.0F);
    write_rows(outputs[1], image, found.scores, 0.0F);
    write_rows(outputs[2], image, found.class_ids, -1);
    outputs[3].data<std::int32_t>()[image] = static_cast<std::int32_t>(found.scores.size());
    if (outputs.size() == 4) return;
    write_rows(outputs[4], image, found.keypoints, 0.0F);
    write_rows(outputs[5], image, found.keypoint_scores, 0.0F);
}

}  // namespace

bool DecodeOp::visit_attributes(ov::AttributeVisitor& visitor) {
    const std::string before = settings_;
    visitor.on_attribute("settings", settings_);
    if (settings_ != before) decoder_ = std::make_shared<const Decoder>(settings_);
    return true;
}

std::shared_ptr<ov::Node> DecodeOp::clone_with_new_inputs(const ov::OutputVector& heads) const {
    auto clone = std::make_shared<DecodeOp>();
    clone->settings_ = settings_;
    clone->decoder_ = decoder_;
    clone->set_arguments(heads);
    clone->constructor_validate_and_infer_types();
    return clone;
}

bool DecodeOp::has_keypoints() const { return decoder_->settings().decoder == DecoderKind::poses; }

void DecodeOp::validate_and_infer_types() {
    NODE_VALIDATION_CHECK(this, decoder_ != nullptr, "settings must not be empty");
    const Settings& settings = decoder_->settings();
    NODE_VALIDATION_CHECK(this, settings.decoder != DecoderKind::detection_output,
                          "settings must not say detection_output: such rows are decoded already");
    NODE_VALIDATION_CHECK(this, get_input_size() == settings.heads.size(), "takes ",
                          settings.heads.size(), " heads, got ", get_input_size());
    ov::Dimension batch;
    ov::Dimension keypoints;
    std::vector<ov::Shape> known;
    for (std::size_t i = 0; i < get_input_size(); ++i) {
        const std::string& head = settings.heads[i];
        const ov::element::Type& type = get_input_element_type(i);
        const ov::PartialShape& shape = get_input_partial_shape(i);
        NODE_VALIDATION_CHECK(this, type.is_dynamic() || is_read(type), head,
                              " must be f32, f16 or bf16, got ", type);
        NODE_VALIDATION_CHECK(this, shape.rank().compatible(4), head, " must be of rank 4, got ",
                              shape);
        if (shape.rank().is_dynamic()) continue;
        NODE_VALIDATION_CHECK(this, ov::Dimension::merge(batch, batch, shape[0]), head,
                              " must be of as many images as the heads before it, got ", shape);
        if (head == "keypoints") keypoints = shape[settings.layout == Layout::nchw ? 1 : 3] / 2;
        if (shape.is_static()) known.push_back(shape.to_shape());
    }
    if (known.size() == get_input_size())  // says what does not fit
        decoder_->num_keypoints(shapes_only(known, settings.layout));
    const ov::Dimension rows(static_cast<std::int64_t>(decoder_->top_k()));
    const auto shapes = shapes_of<ov::PartialShape>(batch, rows, keypoints, has_keypoints());
    set_output_size(shapes.size());
    for (std::size_t i = 0; i < shapes.size(); ++i)
        set_output_type(i, i == 2 || i == 3 ? ov::element::i32 : ov::element::f32, shapes[i]);
}

bool DecodeOp::evaluate(ov::TensorVector& outputs, const ov::TensorVector& heads) const {
    thread_local Scratch scratch;
    thread_local Detections found;
    const auto views = views_of(heads, decoder_->settings().layout);
    const auto images = static_cast<std::size_t>(views.front().batch);
    const auto keypoints = static_cast<std::size_t>(decoder_->num_keypoints(views));
    const auto shapes = shapes_of<ov::Shape>(images, decoder_->top_k(), keypoints, has_keypoints());
    for (std::size_t i = 0; i < shapes.size(); ++i) outputs[i].set_shape(shapes[i]);
    for (std::size_t i = 0; i < images; ++i) {
        decoder_->decode(views, static_cast<std::int64_t>(i), {}, scratch, found);
        write(outputs, i, found);
    }
    return true;
}

}  // namespace centerdecode
