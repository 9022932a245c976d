// A call of a decoder: tensors of Python viewed and checked, then decoded without the GIL.
#pragma once

#include "arrays/arrays.hpp"
#include "calls/thread_scratch.hpp"

#include "decoder/state.hpp"

#include <pybind11/numpy.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using Doubles = pybind11::array_t<double, pybind11::array::c_style>;

struct BoundDecoder {
    std::shared_ptr<const centerdecode::DecoderState> state;
    std::vector<std::string> names;  // what messages call the heads
    std::string element_type;        // empty: what the arrays say of themselves
};

class DecodeCall {
public:
    // heads: in the order of the decoder's; None, and those that are left out at the end, are
    // not there. Throws TypeError or ValueError where they do not fit.
    DecodeCall(const BoundDecoder& decoder, const pybind11::sequence& heads);

    // (1 or B, 2, 3), (1 or B, 2), (1 or B, 2) and (1 or B, 3, 4).
    void place(const std::optional<Doubles>& transforms, const std::optional<Doubles>& clips,
               const std::optional<Doubles>& input_sizes, const std::optional<Doubles>& cameras);

    // The same where there are several scales: a transform, or none, for each.
    void place_scales(const std::vector<std::optional<Doubles>>& transforms,
                      const std::optional<Doubles>& clips);

    // What is found in each image; there are count() of them.
    const std::vector<centerdecode::Detections>& run();

    std::size_t count() const noexcept { return static_cast<std::size_t>(batch_->num_images()); }
    bool is_batched() const noexcept { return is_batched_; }
    const centerdecode::Format& format() const noexcept { return batch_->format(); }

private:
    ThreadScratch scratch_;
    std::vector<Head> heads_;
    std::vector<centerdecode::NamedHead> named_;
    std::optional<centerdecode::Batch> batch_;
    bool is_batched_ = false;
    bool needs_input_size_ = false;
    bool is_long_ = false;  // others can wait for the GIL no longer
};
