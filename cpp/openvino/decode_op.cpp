#include "decode_op.hpp"

#include "tensors.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace centerdecode {
namespace {

// What decides the shapes of outputs; of extents that are known, or of dimensions that may
// not be.
template <class Extent>
struct Rows {
    Extent batch;
    Extent top_k;
};

// One for each output, in their order.
template <class Shape, class Extent>
std::vector<Shape> shapes_of(const Rows<Extent>& rows, const DetectionFormat& format) {
    const auto& [batch, top_k] = rows;
    std::vector<Shape> shapes{Shape{batch, top_k, 4}, Shape{batch, top_k}, Shape{batch, top_k},
                              Shape{batch}};
    if (format.num_keypoints) {
        const Extent keypoints(static_cast<std::size_t>(*format.num_keypoints));
        shapes.push_back(Shape{batch, top_k, keypoints, 2});
        shapes.push_back(Shape{batch, top_k, keypoints});
    }
    for (const ColumnFormat& column : format.columns) {
        Shape shape{batch, top_k};
        for (std::size_t axis = 0; axis < column.rank; ++axis)
            shape.push_back(Extent(static_cast<std::size_t>(column.shape[axis])));
        shapes.push_back(shape);
    }
    return shapes;
}

ov::element::Type type_of(ColumnType type) {
    switch (type) {
        case ColumnType::i32: return ov::element::i32;
        case ColumnType::u8: return ov::element::u8;
        case ColumnType::f32: break;
    }
    return ov::element::f32;
}

// Writes the rows of one image, and `filler` behind them.
template <class T>
void write_rows(ov::Tensor& output, std::size_t image, const std::vector<T>& rows, T filler) {
    const std::size_t room = output.get_byte_size() / sizeof(T) / output.get_shape()[0];
    T* const first = static_cast<T*>(output.data()) + image * room;
    std::fill(std::copy(rows.begin(), rows.end(), first), first + room, filler);
}

void write(ov::TensorVector& outputs, std::size_t image, const Detections& found) {
    write_rows(outputs[0], image, found.xyxy, 0.0F);
    write_rows(outputs[1], image, found.scores, 0.0F);
    write_rows(outputs[2], image, found.class_ids, -1);
    outputs[3].data<std::int32_t>()[image] = static_cast<std::int32_t>(found.scores.size());
    const std::size_t first_column = outputs.size() - found.columns.size();
    if (first_column > 4) {
        write_rows(outputs[4], image, found.keypoints, 0.0F);
        write_rows(outputs[5], image, found.keypoint_scores, 0.0F);
    }
    for (std::size_t i = 0; i < found.columns.size(); ++i)
        write_rows(outputs[first_column + i], image, found.columns[i].bytes, std::byte{});
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

void DecodeOp::require_decoder() const {
    NODE_VALIDATION_CHECK(this, decoder_ != nullptr, "settings must not be empty");
    const bool is_decoded = decoder_->form(0) == HeadForm::table ||
                            std::string_view(decoder_->kind()) == "detection_output";
    NODE_VALIDATION_CHECK(this, !is_decoded, "settings must not say ", decoder_->kind(),
                          ": such rows are decoded already");
    NODE_VALIDATION_CHECK(this, !decoder_->has_scales(),
                          "settings must have no scales: a graph has the heads of one input");
    NODE_VALIDATION_CHECK(this, get_input_size() == decoder_->heads().size(), "takes ",
                          decoder_->heads().size(), " heads, got ", get_input_size());
}

// Images, where they are known, and with them all heads where those are; else the channels.
void DecodeOp::validate_and_infer_types() {
    require_decoder();
    const bool is_nchw = decoder_->layout() == Layout::nchw;
    ov::Dimension batch;
    std::vector<std::int64_t> channels(get_input_size(), 0);
    std::vector<ov::Shape> known;
    for (std::size_t i = 0; i < get_input_size(); ++i) {
        const std::string& head = decoder_->heads()[i];
        const ov::element::Type& type = get_input_element_type(i);
        const ov::PartialShape& shape = get_input_partial_shape(i);
        NODE_VALIDATION_CHECK(this, type.is_dynamic() || is_read(type), head,
                              " must be f32, f16 or bf16, got ", type);
        NODE_VALIDATION_CHECK(this, shape.rank().compatible(4), head, " must be of rank 4, got ",
                              shape);
        if (shape.rank().is_dynamic()) continue;
        NODE_VALIDATION_CHECK(this, ov::Dimension::merge(batch, batch, shape[0]), head,
                              " must be of as many images as the heads before it, got ", shape);
        const ov::Dimension& own = shape[is_nchw ? 1 : 3];
        if (own.is_static()) channels[i] = own.get_length();
        if (shape.is_static()) known.push_back(shape.to_shape());
    }
    if (known.size() == get_input_size()) {  // says what does not fit
        const auto heads = shapes_only(known, decoder_->layout());
        return set_outputs(decoder_->num_images(heads), decoder_->format_of(heads));
    }
    if (decoder_->has_flip())
        batch = batch.is_static() ? batch.get_length() / 2 : ov::Dimension::dynamic();
    set_outputs(batch, decoder_->format_of(channels));
}

void DecodeOp::set_outputs(const ov::Dimension& images, const DetectionFormat& format) {
    const auto top_k = static_cast<std::int64_t>(decoder_->top_k());
    auto shapes = shapes_of<ov::PartialShape>(Rows<ov::Dimension>{images, top_k}, format);
    const std::size_t first_column = shapes.size() - format.columns.size();
    set_output_size(shapes.size());
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        ov::PartialShape& shape = shapes[i];
        // An extent of 0 is not known yet; in a column it may be that of a single number,
        // which has no axis.
        const auto unknown = std::find(shape.begin() + std::min<std::ptrdiff_t>(2, shape.size()),
                                       shape.end(), ov::Dimension(0));
        if (unknown != shape.end() && i < first_column) *unknown = ov::Dimension::dynamic();
        if (unknown != shape.end() && i >= first_column) shape = ov::PartialShape::dynamic();
        ov::element::Type type = i == 2 || i == 3 ? ov::element::i32 : ov::element::f32;
        if (i >= first_column) type = type_of(format.columns[i - first_column].type);
        set_output_type(i, type, shape);
    }
}

bool DecodeOp::evaluate(ov::TensorVector& outputs, const ov::TensorVector& heads) const {
    thread_local Scratch scratch;
    thread_local std::vector<Detections> found;
    const auto views = views_of(heads, decoder_->layout());
    const std::size_t images = decoder_->decode(views, Placements{}, scratch, found);
    const auto shapes = shapes_of<ov::Shape>(Rows<std::size_t>{images, decoder_->top_k()},
                                             decoder_->format_of(views));
    for (std::size_t i = 0; i < shapes.size(); ++i) outputs[i].set_shape(shapes[i]);
    for (std::size_t i = 0; i < images; ++i) write(outputs, i, found[i]);
    return true;
}

}  // namespace centerdecode
