// The only door between Python's arrays and the core, and the only place where
// memory is checked: type, rank, layout, grid. Nothing is ever converted,
// because that would silently copy a whole tensor.
#pragma once

#include "arrays/extents.hpp"

#include "heads/named_heads.hpp"

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

// A head of one image (rank 3) or of a batch of them (rank 4); or a table.
struct Head {
    Array array;
    bool batched;
    pybind11::ssize_t batch;
    centerdecode::TensorView first;

    centerdecode::TensorView item(pybind11::ssize_t i) const noexcept;
};

// Reads an ov.Tensor, a NumPy array, or anything with DLPack or the buffer
// protocol. `element_type` says what a 16-bit array holds; empty: what it says
// of itself, which NumPy's float16 cannot (OpenVINO's bf16 looks like it too).
Array view_array(pybind11::handle object, const char* name, const std::string& element_type);

// Throws TypeError where a NumPy array has a mask.
void require_no_mask(pybind11::handle array, const std::string& name);

// `shapes`: those that it may have, for a message; nullptr: those of the layout.
Head view_head(pybind11::handle object, const char* name, centerdecode::Layout layout,
               const std::string& element_type, const char* shapes = nullptr);

// A small output of a model that decodes in its own graph: float32 or whole numbers, in anything
// that NumPy makes an array of. Half-width ones are refused: NumPy would take OpenVINO's bf16 for
// float16.
Head view_table(pybind11::handle object, const char* name);

// The same for the core's checks. It points into `head`.
centerdecode::NamedHead named(const Head& head) noexcept;
std::optional<centerdecode::NamedHead> named(const std::optional<Head>& head) noexcept;

void require_same_grid(const Head& heatmap, const Head& head);
void require_channels(const Head& head, std::int64_t channels, const std::string& why);
