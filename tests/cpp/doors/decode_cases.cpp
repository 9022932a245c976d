// Decodes heads from files into files, as tests/support/servers/doors.py writes and reads them.
#include <centerdecode/decoder.hpp>

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace centerdecode;

std::vector<double> read_numbers(std::istream& file) {
    std::size_t count = 0;
    file >> count;
    std::vector<double> numbers;
    for (std::string text; numbers.size() < count && file >> text;)
        numbers.push_back(std::strtod(text.c_str(), nullptr));
    return numbers;
}

std::vector<char> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Writer {
    std::string folder;
    std::size_t image;
    std::size_t rows;

    // `shape` is that of one detection.
    void write(const std::string& name, const char* type, const void* data, std::size_t bytes,
               const std::vector<std::int64_t>& shape) const {
        std::ofstream file(folder + "/" + std::to_string(image) + "." + name, std::ios::binary);
        file.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
        std::cout << image << "|" << name << "|" << type << "|[" << rows;
        for (const std::int64_t extent : shape) std::cout << ", " << extent;
        std::cout << "]\n";
    }
};

void write(const Writer& to, const Detections& found, const DetectionFormat& format) {
    const auto floats = [&](const char* name, const std::vector<float>& values,
                            const std::vector<std::int64_t>& shape) {
        to.write(name, "f4", values.data(), values.size() * 4, shape);
    };
    floats("xyxy", found.xyxy, {4});
    floats("scores", found.scores, {});
    to.write("class_ids", "i4", found.class_ids.data(), found.class_ids.size() * 4, {});
    if (format.num_keypoints) {
        floats("keypoints", found.keypoints, {*format.num_keypoints, 2});
        if (format.scores_keypoints)
            floats("keypoint_scores", found.keypoint_scores, {*format.num_keypoints});
    }
    for (const Column& column : found.columns) {
        const auto& own = column.format;
        const char* type = own.type == ColumnType::f32   ? "f4"
                           : own.type == ColumnType::i32 ? "i4"
                                                         : "u1";
        to.write(own.name, type, column.bytes.data(), column.bytes.size(),
                 {own.shape.begin(), own.shape.begin() + static_cast<std::ptrdiff_t>(own.rank)});
    }
}

void decode(const std::string& folder) {
    std::ifstream file(folder + "/case");
    std::string settings;
    for (std::string line; std::getline(file, line) && line != "---";) settings += line + "\n";
    const Decoder decoder(settings);

    std::size_t count = 0;
    file >> count;
    std::vector<std::vector<char>> bytes(count);
    std::vector<BatchView> heads;
    for (std::size_t i = 0; i < count; ++i) {
        int type = 0;
        std::size_t rank = 0;
        file >> type >> rank;
        std::vector<std::int64_t> shape(rank);
        for (std::int64_t& extent : shape) file >> extent;
        bytes[i] = read_file(folder + "/head" + std::to_string(i));
        const auto element = static_cast<ElementType>(type);
        heads.push_back(
            decoder.form(i) == HeadForm::table
                ? view_of_table(bytes[i].data(), element, rank, shape.data())
                : view_of(bytes[i].data(), element, decoder.layout(), rank, shape.data()));
    }

    const auto m = read_numbers(file);
    const auto clip = read_numbers(file);
    const auto size = read_numbers(file);
    Transform transform{};
    for (std::size_t i = 0; i < m.size(); ++i) transform.m[i / 3][i % 3] = m[i];
    const ImageSize clip_size{clip.empty() ? 0 : clip[0], clip.empty() ? 0 : clip[1]};
    const ImageSize input_size{size.empty() ? 0 : size[0], size.empty() ? 0 : size[1]};
    Placements placements;
    if (!m.empty()) placements.transforms = {&transform, 1};
    if (!clip.empty()) placements.clips = {&clip_size, 1};
    if (!size.empty()) placements.input_sizes = {&input_size, 1};

    Scratch scratch;
    std::vector<Detections> found;
    const std::size_t images = decoder.decode(heads, placements, scratch, found);
    std::ofstream(folder + "/images") << images;
    const DetectionFormat format = decoder.format_of(heads);
    for (std::size_t i = 0; i < images; ++i)
        write({folder, i, found[i].scores.size()}, found[i], format);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        for (int i = 1; i < count; ++i) decode(arguments[i]);
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
    return 0;
}
