// The heads that a decoder is handed, told apart and checked.
#pragma once

#include <centerdecode/decoder.hpp>
#include <centerdecode/detection_output.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace centerdecode {

class DecoderHeads {
public:
    // Throws std::invalid_argument where they do not fit. Points into `settings`.
    DecoderHeads(const Settings& settings, const std::vector<BatchView>& heads);

    std::int64_t num_images() const noexcept;
    std::int64_t num_keypoints() const noexcept;

    // Throws std::out_of_range where there is no such image.
    void require_image(std::int64_t image) const;

    // The rule of the settings with what only heads can tell.
    const PoseRule& rule() const noexcept { return rule_; }

    // Of one image; where there are no keypoints the member `boxes` alone.
    PoseHeads item(std::int64_t image) const noexcept;

    DetectionRows rows() const noexcept;

private:
    void check_cells(const Settings& settings, const std::vector<BatchView>& heads);

    bool has_cells_;
    NamedPoseHeads heads_;  // the heatmap stands for rows where there are no cells
    PoseRule rule_;
};

}  // namespace centerdecode
