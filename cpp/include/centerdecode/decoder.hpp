// A whole decoder: made from settings, heads in, detections out.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/heads.hpp>
#include <centerdecode/keypoints.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/settings.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace centerdecode {

// What was found in one image, strongest first: n boxes x1 y1 x2 y2, n scores and
// class ids, and where the decoder has keypoints n * J points x y and n * J scores,
// else none. The vectors keep their capacity, so one that is handed in again costs
// no allocation.
struct Detections {
    std::vector<float> xyxy;
    std::vector<float> scores;
    std::vector<std::int32_t> class_ids;
    std::vector<float> keypoints;
    std::vector<float> keypoint_scores;
};

// What is found on the way, kept so that a second image costs no allocation. Of one
// thread.
struct Scratch {
    std::vector<Peak> peaks;
    PoseScratch pose;
    Detections unsorted;
};

// Gives the detections of Python's Decoder, bit for bit. Immutable: any number of
// threads may use one, each with its own Scratch. Copies share what they stand for.
class Decoder {
public:
    // Throws std::invalid_argument, as parse_settings.
    explicit Decoder(std::string_view settings);

    const Settings& settings() const noexcept;

    // In the order in which they are handed over.
    const std::vector<std::string>& heads() const noexcept;

    // No image has more detections.
    std::size_t top_k() const noexcept;

    // Which output is which head, by the names of each output: the one that has the
    // head's first name that any output has, whole or as the last parts of a path
    // ("tower/hm:0" is "hm", too). nullopt: none, or several have it.
    std::vector<std::optional<std::size_t>> match_heads(
        const std::vector<std::vector<std::string>>& outputs) const;

    // The functions below take a view for each of heads(), in that order, and throw
    // std::invalid_argument where grids, channels or batches do not fit: it names the
    // head and what came. Rows (1, 1, N, 7) are a head of one channel, N high, 7 wide.

    // Images in the batch; of rows those that they know of, one at least.
    std::int64_t num_images(const std::vector<BatchView>& heads) const;

    // J; 0: the decoder has no keypoints.
    std::int64_t num_keypoints(const std::vector<BatchView>& heads) const;

    // Replaces `found` by what is found in one image. Boxes and keypoints are in
    // pixels of the network input, or where `placement` says. Throws std::out_of_range,
    // too, where there is no such image (rows: a negative one), and std::domain_error
    // where the placement is not finite.
    void decode(const std::vector<BatchView>& heads, std::int64_t image, const Placement& placement,
                Scratch& scratch, Detections& found) const;

private:
    std::shared_ptr<const Settings> settings_;
};

}  // namespace centerdecode
