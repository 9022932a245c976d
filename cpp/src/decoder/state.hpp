// What a decoder is made of, and how it decodes heads that are named for messages.
#pragma once

#include "decoder/kind.hpp"
#include "decoder/memory.hpp"
#include "settings/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace centerdecode {

struct DecoderState {
    // Throws std::invalid_argument where the heads are not those of the kind.
    explicit DecoderState(Settings settings);

    Settings settings;
    const Kind* kind;
    std::vector<bool> is_read;  // of the heads; others are of no use to the decoder
    // How heads of images and their mirror images are stored once they are merged.
    std::optional<Settings> merged;
    // Whether an object may be found several times.
    bool joins;
    std::vector<Camera> cameras;
};

// Heads of a call, each scale's behind those of the one before, checked once.
class Batch {
public:
    // Throws std::invalid_argument where heads do not fit. `heads` and `memory` must outlive
    // the batch, of which a thread has one at a time.
    Batch(const DecoderState& state, const std::vector<NamedHead>& heads, Memory& memory);

    std::int64_t num_images() const noexcept { return num_images_; }
    const Format& format() const noexcept { return memory_.format; }

    // Throws std::domain_error where a placement is not finite, std::invalid_argument where
    // there are neither one nor as many as images. There must be one for each scale.
    void place(const Placements* placements, std::size_t count);

    // Throws std::out_of_range where there is no such image.
    void require_image(std::int64_t image) const;

    // Replaces `found` by what is found in one image.
    void decode(std::int64_t image, Detections& found);

private:
    std::size_t scales() const noexcept;
    BatchHeads heads_at(std::size_t scale) const;
    void check(std::size_t scale);
    [[noreturn]] void refuse_scales() const;
    void place_each();
    void describe();
    void add_inputs(std::int64_t image);
    void decode_input(const Input& input, Detections& found);
    void join_inputs(Detections& found);

    const DecoderState& state_;
    Memory& memory_;
    std::vector<std::vector<NamedHead>>& scales_;
    std::int64_t num_images_ = 0;
};

// What is found by heads that have so many channels each, of which nothing is checked.
DetectionFormat format_of(const DecoderState& state, const std::vector<std::int64_t>& channels);

// Decodes a whole batch; returns how many images it has. There is a placement for each scale.
std::size_t decode_batch(const DecoderState& state, const std::vector<NamedHead>& heads,
                         const Placements* placements, std::size_t num_placements, Memory& memory,
                         std::vector<Detections>& found);

}  // namespace centerdecode
