#include "handle.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

namespace centerdecode::hosts {
namespace {

using Message = std::array<char, 1024>;

void require(centerdecode_status status, const Message& message) {
    if (status != CENTERDECODE_OK) throw std::runtime_error(message.data());
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

}  // namespace

std::string with_entry(std::string_view settings, std::string_view key, std::string_view value) {
    std::string text;
    while (!settings.empty()) {
        const std::size_t end = std::min(settings.find_first_of(";\n"), settings.size());
        const std::string_view entry = settings.substr(0, end);
        if (trimmed(entry.substr(0, entry.find('='))) != key) text.append(entry).push_back(';');
        settings.remove_prefix(std::min(end + 1, settings.size()));
    }
    return text.append(key).append("=").append(value);
}

centerdecode_tensor dense_tensor(const void* data, std::int32_t element_type,
                                 const std::uint64_t* shape, std::size_t rank) {
    centerdecode_tensor tensor{};
    tensor.struct_size = sizeof(tensor);
    tensor.data = data;
    tensor.element_type = element_type;
    if (rank > std::size(tensor.shape))
        throw std::runtime_error("a head must have at most 8 axes, got " + std::to_string(rank));
    tensor.rank = static_cast<std::int32_t>(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        if (shape[i] > std::numeric_limits<std::int32_t>::max())
            throw std::runtime_error("an axis of a head is too long: " + std::to_string(shape[i]));
        tensor.shape[i] = static_cast<std::int64_t>(shape[i]);
    }
    return tensor;
}

std::size_t byte_size(const centerdecode_tensor& tensor) {
    std::size_t size = tensor.element_type == CENTERDECODE_F32 ? 4 : 2;
    for (std::int32_t i = 0; i < tensor.rank; ++i) {
        const auto extent = static_cast<std::size_t>(tensor.shape[i]);
        if (extent != 0 && size > std::numeric_limits<std::size_t>::max() / extent)
            throw std::runtime_error("a head has more elements than there is memory");
        size *= extent;
    }
    return size;
}

Handle::Handle(const std::string& settings) {
    Message message{};
    centerdecode_decoder* decoder = nullptr;
    require(centerdecode_decoder_create(settings.c_str(), &decoder, message.data(), message.size()),
            message);
    decoder_.reset(decoder);
}

std::vector<std::string> Handle::heads() const {
    std::vector<std::string> names(centerdecode_decoder_head_count(decoder_.get()));
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = centerdecode_decoder_head_name(decoder_.get(), i);
    return names;
}

std::size_t Handle::top_k() const noexcept { return centerdecode_decoder_top_k(decoder_.get()); }

std::vector<std::size_t> Handle::match(const std::vector<std::string>& outputs) const {
    Message message{};
    std::vector<const char*> names;
    names.reserve(outputs.size());
    for (const std::string& output : outputs) names.push_back(output.c_str());
    const std::vector<std::string> wanted = heads();
    std::vector<std::int32_t> index(wanted.size());
    require(centerdecode_match_heads(decoder_.get(), names.data(), names.size(), index.data(),
                                     message.data(), message.size()),
            message);
    std::vector<std::size_t> places;
    places.reserve(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (index[i] < 0)
            throw std::runtime_error("no output is the head " + wanted[i] +
                                     " by the names of the settings, got " + joined(outputs));
        places.push_back(static_cast<std::size_t>(index[i]));
    }
    return places;
}

std::int64_t Handle::num_images(const std::vector<centerdecode_tensor>& heads) const {
    Message message{};
    std::int64_t count = 0;
    require(centerdecode_num_images(decoder_.get(), heads.data(), heads.size(), &count,
                                    message.data(), message.size()),
            message);
    return count;
}

std::int64_t Handle::num_keypoints(const std::vector<centerdecode_tensor>& heads) const {
    Message message{};
    std::int64_t count = 0;
    require(centerdecode_num_keypoints(decoder_.get(), heads.data(), heads.size(), &count,
                                       message.data(), message.size()),
            message);
    return count;
}

void Handle::decode(const std::vector<centerdecode_tensor>& heads, std::int64_t image,
                    const double* transform, centerdecode_detections& found) const {
    Message message{};
    const centerdecode_placement placement{sizeof(placement), transform, nullptr};
    found.struct_size = sizeof(found);
    require(centerdecode_decode(decoder_.get(), heads.data(), heads.size(), image, &placement,
                                &found, message.data(), message.size()),
            message);
}

}  // namespace centerdecode::hosts
