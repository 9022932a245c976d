// The function that DL Streamer's gvadetect calls for each frame of a model whose
// custom-postproc-lib is this library. It opens and closes the library around the call, so
// nothing is kept here between calls. An error is an exception, which the element reports.
#include "../handle.hpp"
#include "detections.hpp"
#include "gst.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using centerdecode::dlstreamer::Found;
using centerdecode::dlstreamer::Gst;
using centerdecode::dlstreamer::Naming;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error("centerdecode: " + what);
}

// The memory of a tensor, readable while this lives.
class Mapped {
public:
    Mapped(const Gst& gst, GstBuffer* buffer) : gst_(gst), buffer_(buffer) {
        if (gst_.buffer_map(buffer_, &info_, centerdecode::dlstreamer::map_read) == 0)
            fail("the memory of a tensor cannot be read");
    }
    ~Mapped() { gst_.buffer_unmap(buffer_, &info_); }
    Mapped(const Mapped&) = delete;
    Mapped(Mapped&&) = delete;
    Mapped& operator=(const Mapped&) = delete;
    Mapped& operator=(Mapped&&) = delete;

    const void* data() const noexcept { return info_.data; }
    std::size_t size() const noexcept { return info_.size; }

private:
    const Gst& gst_;
    GstBuffer* buffer_;
    GstMapInfo info_{};
};

std::int32_t element_type_of(const GstTensor& tensor, const std::string& name) {
    switch (tensor.data_type) {
        case centerdecode::dlstreamer::float32: return CENTERDECODE_F32;
        case centerdecode::dlstreamer::float16: return CENTERDECODE_F16;
        case centerdecode::dlstreamer::bfloat16: return CENTERDECODE_BF16;
        default:
            fail(name + " must be float32, float16 or bfloat16, got type " +
                 std::to_string(tensor.data_type) + " of GstTensorDataType");
    }
}

// Of a model-proc file the entry `settings`; of a model that describes itself the type,
// which is all that reaches this place as it was written, and comes as `converter`.
std::string text_of(const Gst& gst, const GstStructure* network) {
    if (const char* text = gst.structure_get_string(network, "settings")) return text;
    const char* type = gst.structure_get_string(network, "converter");
    if (type != nullptr && std::string_view(type).find('=') != std::string_view::npos) return type;
    fail(
        "there must be settings, the text that Decoder.settings() gives: \"settings\" in "
        "output_postproc of the model-proc file, or model_type in the model's model_info");
}

// The element's threshold, which always has one, and not that of the settings.
std::string settings_of(const Gst& gst, const GstStructure* network, const GstStructure* params) {
    std::string text = text_of(gst, network);
    double threshold = 0;
    if (gst.structure_get_double(params, "confidence_threshold", &threshold) == 0) return text;
    std::array<char, 32> number{};
    const char* end = std::to_chars(number.begin(), number.end(), threshold).ptr;
    return centerdecode::hosts::with_entry(
        text, "score_threshold", {number.data(), static_cast<std::size_t>(end - number.data())});
}

Naming naming_of(const Gst& gst, const GstStructure* network) {
    Naming naming;
    if (const char* tag = gst.structure_get_string(network, "keypoints_tag"))
        naming.keypoints_tag = tag;
    if (gst.structure_has_field_typed(network, "labels", gst.value_array_get_type()) == 0)
        return naming;
    const GValue* labels = gst.structure_get_value(network, "labels");
    for (unsigned i = 0; i < gst.value_array_get_size(labels); ++i)
        naming.labels.emplace_back(gst.value_get_string(gst.value_array_get_value(labels, i)));
    return naming;
}

Found decode(const centerdecode::hosts::Handle& decoder,
             const std::vector<centerdecode_tensor>& heads) {
    const std::size_t rows = decoder.top_k();
    Found found;
    found.joints = static_cast<std::size_t>(decoder.num_keypoints(heads));
    found.xyxy.resize(rows * 4);
    found.scores.resize(rows);
    found.class_ids.resize(rows);
    found.keypoints.resize(rows * found.joints * 2);
    found.keypoint_scores.resize(rows * found.joints);
    centerdecode_detections buffers{};
    buffers.capacity = rows;
    buffers.xyxy = found.xyxy.data();
    buffers.scores = found.scores.data();
    buffers.class_ids = found.class_ids.data();
    if (found.joints != 0) {
        buffers.keypoints = found.keypoints.data();
        buffers.keypoint_scores = found.keypoint_scores.data();
    }
    decoder.decode(heads, 0, nullptr, buffers);
    found.count = buffers.count;
    return found;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void Convert(GstTensorMeta* outputs,
                                                               const GstStructure* network,
                                                               const GstStructure* params,
                                                               GstAnalyticsRelationMeta* meta) {
    const Gst gst;
    const centerdecode::hosts::Handle decoder(settings_of(gst, network, params));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < outputs->num_tensors; ++i) {
        const char* name = gst.quark_to_string(outputs->tensors[i]->id);
        names.emplace_back(name == nullptr ? "" : name);
    }
    std::vector<std::unique_ptr<Mapped>> mapped;
    std::vector<centerdecode_tensor> heads;
    for (const std::size_t i : decoder.match(names)) {
        const GstTensor& tensor = *outputs->tensors[i];
        if (tensor.dims_order != centerdecode::dlstreamer::row_major)
            fail(names[i] + " must be in row-major order");
        mapped.push_back(std::make_unique<Mapped>(gst, tensor.data));
        const std::vector<std::uint64_t> shape(&tensor.dims[0], &tensor.dims[0] + tensor.num_dims);
        heads.push_back(centerdecode::hosts::dense_tensor(
            mapped.back()->data(), element_type_of(tensor, names[i]), shape.data(), shape.size()));
        if (const auto size = centerdecode::hosts::byte_size(heads.back());
            size != mapped.back()->size())
            fail(names[i] + " must hold " + std::to_string(size) + " bytes, got " +
                 std::to_string(mapped.back()->size()));
    }
    centerdecode::dlstreamer::attach(gst, decode(decoder, heads), naming_of(gst, network), meta);
}
