// Finds objects in an image: detect MODEL.xml SETTINGS.txt IMAGE.ppm
//
// The image is a binary PPM (P6) of the size that the model wants, in the order of
// colors that it wants, and the settings are what Decoder.settings() gave in Python.
#include <centerdecode/decoder.hpp>
#include <centerdecode/heads.hpp>

#include <openvino/openvino.hpp>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::string read_text(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(std::string("cannot read ") + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// (1, height, width, 3)
ov::Tensor read_image(const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    std::size_t width = 0;
    std::size_t height = 0;
    int most = 0;
    file >> magic >> width >> height >> most;
    file.get();  // one blank, then pixels
    if (!file || magic != "P6" || most != 255)
        throw std::runtime_error(std::string("no binary PPM: ") + path);
    ov::Tensor pixels(ov::element::u8, {1, height, width, 3});
    file.read(static_cast<char*>(pixels.data()), static_cast<std::streamsize>(pixels.get_size()));
    if (!file) throw std::runtime_error(std::string("too short: ") + path);
    return pixels;
}

// Pixels go in as they are; the graph makes of them what the network wants.
ov::CompiledModel compile(ov::Core& core, const char* path) {
    const std::shared_ptr<ov::Model> model = core.read_model(path);
    const bool colors_first = model->input().get_partial_shape()[1].compatible(3);
    ov::preprocess::PrePostProcessor steps(model);
    steps.input().tensor().set_element_type(ov::element::u8).set_layout("NHWC");
    steps.input().model().set_layout(colors_first ? "NCHW" : "NHWC");
    return core.compile_model(steps.build(), "CPU",
                              ov::hint::inference_precision(ov::element::f32));
}

centerdecode::ElementType element_type_of(const ov::Tensor& tensor) {
    if (tensor.get_element_type() == ov::element::f32) return centerdecode::ElementType::f32;
    if (tensor.get_element_type() == ov::element::f16) return centerdecode::ElementType::f16;
    if (tensor.get_element_type() == ov::element::bf16) return centerdecode::ElementType::bf16;
    throw std::runtime_error("a head must be f32, f16 or bf16, got " +
                             tensor.get_element_type().get_type_name());
}

// The tensor itself, in place.
centerdecode::BatchView view_of(const ov::Tensor& tensor, centerdecode::Layout layout) {
    const ov::Shape shape = tensor.get_shape();
    const ov::Strides strides = tensor.get_strides();
    if (shape.size() != 3 && shape.size() != 4)
        throw std::runtime_error(std::string("a head must be ") + centerdecode::shapes_of(layout));
    const std::vector<std::int64_t> extents(shape.begin(), shape.end());
    const std::vector<std::ptrdiff_t> steps(strides.begin(), strides.end());
    return centerdecode::view_of(tensor.data(), element_type_of(tensor), layout, extents.size(),
                                 extents.data(), steps.data());
}

// The model's outputs in the order of the decoder's heads.
std::vector<std::size_t> outputs_of(const centerdecode::Decoder& decoder,
                                    const ov::CompiledModel& model) {
    std::vector<std::vector<std::string>> names;
    for (const auto& output : model.outputs())
        names.emplace_back(output.get_names().begin(), output.get_names().end());
    std::vector<std::size_t> found;
    for (const auto& index : decoder.match_heads(names)) {
        if (!index) throw std::runtime_error("no output is " + decoder.heads()[found.size()]);
        found.push_back(*index);
    }
    return found;
}

void detect(const char* model_path, const char* settings_path, const char* image_path) {
    const centerdecode::Decoder decoder(read_text(settings_path));
    ov::Core core;
    ov::CompiledModel model = compile(core, model_path);
    const std::vector<std::size_t> outputs = outputs_of(decoder, model);
    ov::InferRequest request = model.create_infer_request();
    request.set_input_tensor(read_image(image_path));
    request.infer();

    std::vector<centerdecode::BatchView> heads;
    for (const std::size_t i : outputs)
        heads.push_back(view_of(request.get_output_tensor(i), decoder.settings().layout));
    centerdecode::Scratch scratch;
    centerdecode::Detections found;
    decoder.decode(heads, 0, {}, scratch, found);
    for (std::size_t i = 0; i < found.scores.size(); ++i) {
        const float* box = &found.xyxy[4 * i];
        std::printf("%d %.9g %.9g %.9g %.9g %.9g\n", found.class_ids[i], found.scores[i], box[0],
                    box[1], box[2], box[3]);
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 4) throw std::runtime_error("detect MODEL.xml SETTINGS.txt IMAGE.ppm");
        detect(argv[1], argv[2], argv[3]);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
