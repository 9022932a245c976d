// The only door between Python's arrays and the core, and the only place where
// memory is checked: type, rank, layout, grid. Nothing is ever converted,
// because that would silently copy a whole tensor.
#pragma once

#include "extents.hpp"

#include <centerdecode/heads.hpp>
#include <centerdecode/tensor_view.hpp>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <optional>
#include <string>

// One tensor as it came: where it is, and what to say of it in a message.
struct Array {
    std::string name;
    pybind11::object owner;  // keeps the memory alive
    const std::byte* data;
    centerdecode::ElementType type;
    Extents extents;
    std::string dtype;  // empty: that of `owner`, a NumPy array

    std::string got() const;  // "got float32 (1, 80, 128, 128)"
};

// A head of one image (rank 3) or of a batch of them (rank 4).
struct Head {
    Array array;
    bool batched;
    pybind11::ssize_t batch;
    centerdecode::TensorView first;

    centerdecode::TensorView item(pybind11::ssize_t i) const noexcept;
};

// Stands for the images alone of a head that holds each image and behind it its
// mirror image. It is read wherever a head is.
struct Unmirrored {
    pybind11::object head;
};

// Reads an ov.Tensor, a NumPy array, or anything with DLPack or the buffer
// protocol. `element_type` says what a 16-bit array holds; empty: what it says
// of itself, which NumPy's float16 cannot (OpenVINO's bf16 looks like it too).
Array view_array(pybind11::handle object, const char* name, const std::string& element_type);

Head view_head(pybind11::handle object, const char* name, centerdecode::Layout layout,
               const std::string& element_type);

// The same for the core's checks. It points into `head`.
centerdecode::NamedHead named(const Head& head) noexcept;
std::optional<centerdecode::NamedHead> named(const std::optional<Head>& head) noexcept;

// Each image is followed by its mirror image.
void require_mirrored_pairs(const Head& head);
void require_same_grid(const Head& heatmap, const Head& head);
void require_channels(const Head& head, std::int64_t channels, const std::string& why);
