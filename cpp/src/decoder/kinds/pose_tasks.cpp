// Boxes, and keypoints of their own for several classes:
//
//     find the boxes of all classes
//     for each task, for each box of its class:
//         decode the keypoints of the task at the peak of the box
//         write them to the columns of the task
//
// Columns that belong to no task of a detection's class are zero.
#include "decoder/readers/cells.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace centerdecode {
namespace {

// More columns than a detection can have.
constexpr std::int64_t most_columns = std::numeric_limits<std::int32_t>::max();

std::int64_t column_of(const KeypointTask& task, std::int64_t keypoint) noexcept {
    return task.indices ? (*task.indices)[static_cast<std::size_t>(keypoint)] : keypoint;
}

// "(0, 2)", as Python writes a tuple.
std::string text_of(const std::vector<std::int64_t>& numbers) {
    std::string text;
    for (const std::int64_t number : numbers)
        text += (text.empty() ? "" : ", ") + std::to_string(number);
    return "(" + text + (numbers.size() == 1 ? ",)" : ")");
}

void require_columns(const KeypointTask& task, std::int64_t keypoints) {
    if (!task.indices) return;
    const std::vector<std::int64_t>& indices = *task.indices;
    if (static_cast<std::int64_t>(indices.size()) != keypoints)
        throw std::invalid_argument("indices must be one for each keypoint, got " +
                                    text_of(indices) + " for " + std::to_string(keypoints));
    const std::int64_t greatest = *std::max_element(indices.begin(), indices.end());
    if (greatest >= most_columns)
        throw std::invalid_argument("indices must be below " + std::to_string(most_columns) +
                                    ", got " + std::to_string(greatest));
}

void check(const BatchHeads& heads) {
    check_boxes(heads);
    if (heads.settings.tasks.empty())
        throw std::invalid_argument("tasks must be one at least, got none");
    for (const KeypointTask& task : heads.settings.tasks) {
        const NamedPoseHeads own = pose_heads(heads, task.name);
        require_pose_heads(own, task.pose);
        require_columns(task, own.keypoints.view.first.channels / 2);
    }
}

void describe(const ImageHeads& heads, Format& format) {
    std::int64_t columns = 0;
    bool has_depths = false;
    for (const KeypointTask& task : heads.settings.tasks) {
        const PoseHeads own = pose_heads(heads, task.name);
        for (std::int64_t j = 0; j < own.keypoints.channels / 2; ++j)
            columns = std::max(columns, 1 + column_of(task, j));
        has_depths = has_depths || own.keypoint_depth.data != nullptr;
    }
    format.num_keypoints = columns;
    if (has_depths) format.add("keypoint_depths", ColumnType::f32, {columns});
}

// Where the keypoints of detections go, all columns of each.
struct Columns {
    std::size_t count;
    float* keypoints;
    float* scores;
    float* depths;  // nullptr: there are none
};

// Writes the keypoints of one task to the rows of its class.
void write_task(const Input& input, const KeypointTask& task, Memory& memory, Detections& found,
                const Columns& columns) {
    const auto& classes = found.class_ids;
    if (std::find(classes.begin(), classes.end(), task.class_id) == classes.end()) return;
    const PoseHeads heads = pose_heads(input.heads, task.name);
    PoseRule& rule = memory.pose_rule;
    rule = task.pose;
    rule.box = box_rule(input.heads);
    find_candidates(heads, rule, memory.pose);

    const std::int64_t joints = heads.keypoints.channels / 2;
    const auto count = static_cast<std::size_t>(joints);
    memory.floats.assign(4 * count, 0.0F);
    float* const keypoints = memory.floats.data();
    float* const scores = keypoints + 2 * count;
    float* const depths = scores + count;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        if (classes[i] != task.class_id) continue;
        decode_pose(heads, rule, input.placement, memory.peaks[i], found.scores[i], memory.pose,
                    {&found.xyxy[4 * i], keypoints, scores,
                     heads.keypoint_depth.data == nullptr ? nullptr : depths});
        for (std::int64_t j = 0; j < joints; ++j) {
            const std::size_t at = i * columns.count + static_cast<std::size_t>(column_of(task, j));
            std::copy_n(keypoints + 2 * j, 2, columns.keypoints + 2 * at);
            columns.scores[at] = scores[j];
            if (heads.keypoint_depth.data != nullptr) columns.depths[at] = depths[j];
        }
    }
}

void decode(const Input& input, Memory& memory, Detections& found) {
    boxes_kind().decode(input, memory, found);
    std::fill(found.keypoints.begin(), found.keypoints.end(), 0.0F);
    std::fill(found.keypoint_scores.begin(), found.keypoint_scores.end(), 0.0F);
    Column* depths = find_own_column(found, input.format, "keypoint_depths");
    if (depths != nullptr) std::fill(depths->bytes.begin(), depths->bytes.end(), std::byte{0});
    const Columns columns{static_cast<std::size_t>(*input.format.num_keypoints),
                          found.keypoints.data(), found.keypoint_scores.data(),
                          depths == nullptr ? nullptr : floats_of(*depths)};
    for (const KeypointTask& task : input.heads.settings.tasks)
        write_task(input, task, memory, found, columns);
}

}  // namespace

const Kind& pose_tasks_kind() {
    static const Kind kind = [] {
        Kind tasks = boxes_kind();
        tasks.kind = DecoderKind::pose_tasks;
        for (const char* head :
             {"*/keypoints", "*/keypoint_heatmap", "*/keypoint_offset", "*/keypoint_depth"})
            tasks.known.emplace_back(head);
        tasks.check = check;
        tasks.describe = describe;
        tasks.decode = decode;
        return tasks;
    }();
    return kind;
}

}  // namespace centerdecode
