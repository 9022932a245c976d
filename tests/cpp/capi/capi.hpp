// What a program in C has, in memory that ends where it must: a sanitizer sees a byte
// more that is read or written.
#pragma once

#include "support/reference.hpp"

#include <centerdecode.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace capi_test {

using centerdecode::ElementType;

// Numbers on the heap, and none behind them.
template <class T>
struct Exact {
    std::size_t size;
    std::unique_ptr<T[]> data;

    Exact(std::size_t n, T value) : size(n), data(new T[n]) {
        std::fill(data.get(), data.get() + n, value);
    }
    T* get() const { return data.get(); }
    bool is_all(T value) const {
        return std::all_of(data.get(), data.get() + size, [&](T own) { return own == value; });
    }
};

inline Exact<char> text_of(const std::string& text) {
    Exact<char> exact(text.size() + 1, '\0');
    std::copy(text.begin(), text.end(), exact.get());
    return exact;
}

// What a call said of itself.
struct Answer {
    centerdecode_status status;
    std::string message;
};

// `call(message, size)`, into a buffer that was full of something else.
template <class Call>
Answer ask(const Call& call, std::size_t size = 400) {
    const Exact<char> message(size, '#');
    const centerdecode_status status = call(size == 0 ? nullptr : message.get(), size);
    if (size == 0) return {status, ""};
    const void* end = std::memchr(message.get(), '\0', size);
    return {status, end == nullptr ? "no zero" : message.get()};
}

// A decoder, or what was said instead.
class Decoder {
public:
    explicit Decoder(const std::string& settings, std::size_t message_size = 400) {
        const Exact<char> text = text_of(settings);
        answer_ = ask(
            [&](char* message, std::size_t size) {
                return centerdecode_decoder_create(text.get(), &handle_, message, size);
            },
            message_size);
    }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    ~Decoder() { centerdecode_decoder_destroy(handle_); }

    const Answer& answer() const { return answer_; }
    const centerdecode_decoder* get() const { return handle_; }

private:
    centerdecode_decoder* handle_ = nullptr;
    Answer answer_;
};

inline std::int32_t number_of(ElementType type) {
    switch (type) {
        case ElementType::f16: return CENTERDECODE_F16;
        case ElementType::bf16: return CENTERDECODE_BF16;
        case ElementType::f32: break;
    }
    return CENTERDECODE_F32;
}

// Where the elements lie: one after the other; or backwards along every axis, with an odd
// number of bytes between them, behind an odd one.
enum class Place { dense, said, backwards };

// Values of any rank, in order of the shape.
class Tensor {
public:
    Tensor(const std::vector<std::int64_t>& shape, const std::vector<float>& values,
           ElementType type = ElementType::f32, Place place = Place::dense)
        : bytes_(0, std::byte{}) {
        const auto size = static_cast<std::int64_t>(reference::bytes_of(type));
        const std::int64_t step = place == Place::backwards ? size + 3 : size;
        const auto count = static_cast<std::int64_t>(values.size());
        const std::int64_t shift = place == Place::backwards ? 1 : 0;
        const std::int64_t total = count == 0 ? 0 : shift + (count - 1) * step + size;
        bytes_ = Exact<std::byte>(static_cast<std::size_t>(total), std::byte{0x7F});
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int64_t at = place == Place::backwards ? count - 1 - i : i;
            const std::uint32_t bits = reference::narrow(values[static_cast<std::size_t>(i)], type);
            std::memcpy(bytes_.get() + shift + at * step, &bits, static_cast<std::size_t>(size));
        }
        tensor_.struct_size = sizeof tensor_;
        tensor_.element_type = number_of(type);
        tensor_.rank = static_cast<std::int32_t>(shape.size());
        std::int64_t stride = place == Place::backwards ? -step : step;
        for (std::size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) {
            tensor_.shape[axis] = shape[axis];
            tensor_.byte_strides[axis] = place == Place::dense ? 0 : stride;
        }
        tensor_.data = bytes_.get();
        if (place == Place::backwards) tensor_.data = bytes_.get() + shift + (count - 1) * step;
    }

    const centerdecode_tensor& get() const { return tensor_; }

private:
    Exact<std::byte> bytes_;
    centerdecode_tensor tensor_{};
};

// The structs of heads, with none behind them.
inline Exact<centerdecode_tensor> tensors_of(const std::vector<Tensor>& tensors) {
    Exact<centerdecode_tensor> exact(tensors.size(), centerdecode_tensor{});
    for (std::size_t i = 0; i < tensors.size(); ++i) exact.get()[i] = tensors[i].get();
    return exact;
}

// Room for detections with this many keypoints each, full of 7.
struct Room {
    Exact<float> xyxy, scores;
    Exact<std::int32_t> class_ids;
    Exact<float> keypoints, keypoint_scores;
    centerdecode_detections found{};

    explicit Room(std::size_t capacity, std::size_t num_keypoints = 0)
        : xyxy(4 * capacity, 7),
          scores(capacity, 7),
          class_ids(capacity, 7),
          keypoints(2 * capacity * num_keypoints, 7),
          keypoint_scores(capacity * num_keypoints, 7) {
        found = {sizeof found, capacity,        7,       xyxy.get(),
                 scores.get(), class_ids.get(), nullptr, nullptr};
        if (num_keypoints == 0) return;
        found.keypoints = keypoints.get();
        found.keypoint_scores = keypoint_scores.get();
    }
    bool is_untouched() const {
        return xyxy.is_all(7) && scores.is_all(7) && class_ids.is_all(7) && keypoints.is_all(7) &&
               keypoint_scores.is_all(7);
    }
};

inline Answer decode(const Decoder& decoder, const std::vector<Tensor>& heads, Room& room,
                     std::int64_t image = 0, const centerdecode_placement* placement = nullptr) {
    const Exact<centerdecode_tensor> tensors = tensors_of(heads);
    return ask([&](char* message, std::size_t size) {
        return centerdecode_decode(decoder.get(), tensors.get(), tensors.size, image, placement,
                                   &room.found, message, size);
    });
}

}  // namespace capi_test
