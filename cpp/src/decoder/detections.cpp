#include "decoder/detections.hpp"

#include <algorithm>
#include <utility>

namespace centerdecode {

void resize(Detections& found, std::size_t n, std::size_t num_keypoints) {
    found.xyxy.resize(4 * n);
    found.scores.resize(n);
    found.class_ids.resize(n);
    found.keypoints.resize(2 * num_keypoints * n);
    found.keypoint_scores.resize(num_keypoints * n);
}

void thin(const NmsRule& rule, Detections& unsorted, Detections& found) {
    std::swap(unsorted, found);
    const std::size_t n = unsorted.scores.size();
    const auto kept =
        suppress(unsorted.xyxy.data(), unsorted.scores.data(), unsorted.class_ids.data(), n, rule);
    const std::size_t num_keypoints = n == 0 ? 0 : unsorted.keypoint_scores.size() / n;
    resize(found, kept.size(), num_keypoints);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto row = static_cast<std::size_t>(kept[i].row);
        const auto copy = [&](const auto& from, auto& to, std::size_t width) {
            std::copy_n(from.data() + row * width, width, to.data() + i * width);
        };
        copy(unsorted.xyxy, found.xyxy, 4);
        copy(unsorted.class_ids, found.class_ids, 1);
        copy(unsorted.keypoints, found.keypoints, 2 * num_keypoints);
        copy(unsorted.keypoint_scores, found.keypoint_scores, num_keypoints);
        found.scores[i] = kept[i].score;
    }
}

}  // namespace centerdecode
