#include "detections.hpp"

#include "status.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace capi {
namespace {

template <class T>
void copy(const std::vector<T>& from, T* to) {
    if (to != nullptr) std::copy(from.begin(), from.end(), to);
}

}  // namespace

void require_buffers(const centerdecode_detections* to) {
    require(to != nullptr, "found must not be NULL");
    require_size("centerdecode_detections", to->struct_size, sizeof *to);
    const bool are_there = to->xyxy != nullptr && to->scores != nullptr && to->class_ids != nullptr;
    require(are_there || to->capacity == 0,
            "xyxy, scores and class_ids must not be NULL where capacity is not 0");
}

void write(const centerdecode::Detections& found, centerdecode_detections& to) {
    to.count = found.scores.size();
    if (to.count > to.capacity)
        throw Failure(CENTERDECODE_TOO_SMALL, "capacity must be at least " +
                                                  std::to_string(to.count) + ", got " +
                                                  std::to_string(to.capacity));
    copy(found.xyxy, to.xyxy);
    copy(found.scores, to.scores);
    copy(found.class_ids, to.class_ids);
    copy(found.keypoints, to.keypoints);
    copy(found.keypoint_scores, to.keypoint_scores);
}

}  // namespace capi
