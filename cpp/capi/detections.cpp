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

void require_room(const centerdecode::Column& column, const centerdecode_column& to) {
    if (to.data == nullptr || to.size >= column.bytes.size()) return;
    throw Failure(CENTERDECODE_TOO_SMALL, "column " + column.format.name + " must have room for " +
                                              std::to_string(column.bytes.size()) + " bytes, got " +
                                              std::to_string(to.size));
}

}  // namespace

void require_buffers(const centerdecode_detections* to) {
    require(to != nullptr, "found must not be NULL");
    require_size("centerdecode_detections", to->struct_size, sizeof *to);
    const bool are_there = to->xyxy != nullptr && to->scores != nullptr && to->class_ids != nullptr;
    require(are_there || to->capacity == 0,
            "xyxy, scores and class_ids must not be NULL where capacity is not 0");
}

void require_buffers(const Columns& to) {
    require(to.first != nullptr || to.count == 0, "columns must not be NULL");
    for (std::size_t i = 0; i < to.count; ++i)
        require_size("centerdecode_column", to.first[i].struct_size, sizeof *to.first);
}

void write(const centerdecode::Detections& found, centerdecode_detections& to,
           const Columns& columns) {
    to.count = found.scores.size();
    if (to.count > to.capacity)
        throw Failure(CENTERDECODE_TOO_SMALL, "capacity must be at least " +
                                                  std::to_string(to.count) + ", got " +
                                                  std::to_string(to.capacity));
    for (std::size_t i = 0; i < columns.count; ++i)
        require_room(found.columns[i], columns.first[i]);
    copy(found.xyxy, to.xyxy);
    copy(found.scores, to.scores);
    copy(found.class_ids, to.class_ids);
    copy(found.keypoints, to.keypoints);
    copy(found.keypoint_scores, to.keypoint_scores);
    for (std::size_t i = 0; i < columns.count; ++i)
        copy(found.columns[i].bytes, static_cast<std::byte*>(columns.first[i].data));
}

std::size_t row_size(const centerdecode::ColumnFormat& format) noexcept {
    std::size_t size = format.type == centerdecode::ColumnType::u8 ? 1 : 4;
    for (std::size_t axis = 0; axis < format.rank; ++axis)
        size *= static_cast<std::size_t>(format.shape[axis]);
    return size;
}

}  // namespace capi
