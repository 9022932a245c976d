// The C interface as an object of this room: what fails throws, with the library's words.
#pragma once

#include <centerdecode.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace centerdecode::hosts {

// The settings with one entry replaced, or added: what a host says of an option wins.
std::string with_entry(std::string_view settings, std::string_view key, std::string_view value);

// A dense tensor that is read in place. Throws std::runtime_error where its rank is
// more than 8 or an extent is no number of elements.
centerdecode_tensor dense_tensor(const void* data, std::int32_t element_type,
                                 const std::uint64_t* shape, std::size_t rank);

// Bytes of all elements of a dense tensor.
std::size_t byte_size(const centerdecode_tensor& tensor);

// A decoder; immutable, and for any number of threads.
class Handle {
public:
    // Throws std::runtime_error, as do the functions below: the message is the library's.
    explicit Handle(const std::string& settings);

    std::vector<std::string> heads() const;
    std::size_t top_k() const noexcept;

    // Which of the outputs is which head. Throws where one is missing.
    std::vector<std::size_t> match(const std::vector<std::string>& outputs) const;

    // A tensor for each head, in the order of heads().
    std::int64_t num_images(const std::vector<centerdecode_tensor>& heads) const;
    std::int64_t num_keypoints(const std::vector<centerdecode_tensor>& heads) const;

    // transform: 2 x 3, input pixels to image pixels; nullptr: none.
    void decode(const std::vector<centerdecode_tensor>& heads, std::int64_t image,
                const double* transform, centerdecode_detections& found) const;

private:
    struct Destroy {
        void operator()(centerdecode_decoder* decoder) const noexcept {
            centerdecode_decoder_destroy(decoder);
        }
    };
    std::unique_ptr<centerdecode_decoder, Destroy> decoder_;
};

}  // namespace centerdecode::hosts
