#include "decoder/readers/tables.hpp"

#include "decoder/detections.hpp"
#include "peaks/elements.hpp"
#include "settings/values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace centerdecode {
namespace {

// "(2, 100, 4)" of "got float32 (2, 100, 4)".
std::string shape_of(const NamedHead& head) {
    const std::string text = got(head);
    const std::size_t first = text.find('(');
    return first == std::string::npos ? text : text.substr(first);
}

void require_boxes(const NamedHead& boxes, const NamedHead& count) {
    const TensorView& view = boxes.view.first;
    const TensorView& counts = count.view.first;
    const bool are_counts = count.view.batch == boxes.view.batch && counts.channels == 1 &&
                            counts.height == 1 && counts.width == 1;
    if (are_counts && view.height == 1 && view.width == 4) return;
    throw std::invalid_argument("boxes must be (B, N, 4) with B counts, got " + shape_of(boxes) +
                                ", " + shape_of(count));
}

// A table of as many rows as there are boxes, each of height x width numbers.
void require_rows(const BatchHeads& heads, const char* name, std::int64_t height,
                  std::int64_t width, const char* what = "") {
    const NamedHead* head = heads.find(name);
    if (head == nullptr) return;
    const NamedHead& boxes = heads.need("boxes");
    const std::int64_t rows = boxes.view.first.channels;
    const TensorView& view = head->view.first;
    const bool is_of_boxes = head->view.batch == boxes.view.batch && view.channels == rows;
    if (is_of_boxes && view.height == height && view.width == width) return;
    throw std::invalid_argument(std::string(name) + " must be of (" +
                                std::to_string(boxes.view.batch) + ", " + std::to_string(rows) +
                                ") boxes" + what + ", got " + shape_of(*head));
}

// "[2, 100]", or "[2.0, 100.0]" of floats.
std::string list_of(const NamedHead& count) {
    std::string list;
    for (std::int64_t i = 0; i < count.view.batch; ++i) {
        const TensorView item = item_of(count.view, i);
        const double number = read_number(item, 0, 0, 0);
        list += i == 0 ? "" : ", ";
        const std::string text = text_of(number);
        list += is_float(item.type) ? text : text.substr(0, text.find(".0"));
    }
    return "[" + list + "]";
}

void require_counts(const NamedHead& count, std::int64_t rows) {
    for (std::int64_t i = 0; i < count.view.batch; ++i) {
        const double number = read_number(item_of(count.view, i), 0, 0, 0);
        if (number >= 0.0 && number <= static_cast<double>(rows)) continue;
        throw std::invalid_argument(std::string(count.name) + " must be of 0 to " +
                                    std::to_string(rows) + " boxes, got " + list_of(count));
    }
}

std::int32_t class_of(double number) noexcept {
    using Limits = std::numeric_limits<std::int32_t>;
    const bool fits = number >= Limits::min() && number <= Limits::max();
    return fits ? static_cast<std::int32_t>(number) : -1;
}

// Writes pairs of coordinates as pixels of the input.
class PointReader {
public:
    PointReader(const TensorView& table, const TableFormat& format) noexcept
        : table_(table), x_(format.axes == Axes::xy ? 0 : 1), unit_(format.unit) {}

    // The pair that begins at this column.
    void read(std::int64_t row, std::int64_t line, std::int64_t column, float* xy) const noexcept {
        const double x = read_number(table_, row, line, column + x_);
        const double y = read_number(table_, row, line, column + 1 - x_);
        xy[0] = static_cast<float>(x * unit_.width);
        xy[1] = static_cast<float>(y * unit_.height);
    }

private:
    TensorView table_;
    std::int64_t x_;
    ImageSize unit_;
};

// The score and class of every row that counts and reaches the threshold.
void read_rows(const ImageHeads& heads, const TableFormat& format, std::vector<ScoredBox>& rows) {
    const Settings& settings = heads.settings;
    const TensorView scores = heads.find("scores");
    const TensorView classes = heads.find(format.classes);
    const auto count = static_cast<std::int64_t>(read_number(heads.find(format.count), 0, 0, 0));
    const auto first_class = static_cast<double>(settings.first_class);
    rows.clear();
    for (std::int64_t row = 0; row < count; ++row) {
        const auto score = static_cast<float>(read_number(scores, row, 0, 0));
        if (!(static_cast<double>(score) >= settings.peaks.score_threshold)) continue;
        const double number = std::trunc(read_number(classes, row, 0, 0));
        rows.push_back({{}, score, class_of(number - first_class), row});
    }
}

void read_keypoints(const ImageHeads& heads, const TableFormat& format, std::int64_t row,
                    float* points, float* point_scores) {
    const TensorView table = heads.find("keypoints");
    const TensorView scores = heads.find("keypoint_scores");
    const PointReader reader(table, format);
    for (std::int64_t j = 0; j < table.height; ++j) {
        reader.read(row, j, 0, points + 2 * j);
        if (scores.data != nullptr)
            point_scores[j] = static_cast<float>(read_number(scores, row, 0, j));
    }
}

// Moves what is in pixels of the input. Keypoints may leave the image.
void move(const Placement& placement, Detections& found) noexcept {
    for (std::size_t i = 0; i < found.xyxy.size(); i += 4) {
        float* const box = &found.xyxy[i];
        place_box(placement, {{box[0], box[1]}, {box[2], box[3]}}, box);
    }
    for (std::size_t i = 0; i < found.keypoints.size(); i += 2) {
        float* const xy = &found.keypoints[i];
        const Point point = place({placement.transform, nullptr}, {xy[0], xy[1]});
        xy[0] = static_cast<float>(point.x);
        xy[1] = static_cast<float>(point.y);
    }
}

}  // namespace

void check_tables(const BatchHeads& heads, const char* classes, const char* count) {
    const NamedHead& boxes = heads.need("boxes");
    require_boxes(boxes, heads.need(count));
    require_rows(heads, "scores", 1, 1);
    require_rows(heads, classes, 1, 1);
    const NamedHead* keypoints = heads.find("keypoints");
    if (keypoints == nullptr && heads.find("keypoint_scores") != nullptr)
        throw std::invalid_argument("keypoints must be given with keypoint_scores");
    if (keypoints != nullptr) {
        const std::int64_t num_keypoints = keypoints->view.first.height;
        require_rows(heads, "keypoints", num_keypoints, 2, " with x and y of each keypoint");
        require_rows(heads, "keypoint_scores", 1, num_keypoints,
                     " with a number for each keypoint");
    }
    require_counts(heads.need(count), boxes.view.first.channels);
}

void describe_tables(const ImageHeads& heads, Format& format) {
    if (heads.has("keypoints")) format.num_keypoints = heads.find("keypoints").height;
    format.scores_keypoints = heads.has("keypoint_scores");
}

void decode_tables(const Input& input, const TableFormat& tables, Memory& memory,
                   Detections& found) {
    // Scores and classes tell which rows are wanted; what else there is, is read of those alone.
    const PeakOptions& options = input.heads.settings.peaks;
    std::vector<ScoredBox>& rows = memory.boxes;
    read_rows(input.heads, tables, rows);
    keep_classes(options, rows);
    std::sort(rows.begin(), rows.end(), [](const ScoredBox& a, const ScoredBox& b) {
        return a.score > b.score || (a.score == b.score && a.row < b.row);
    });
    const std::size_t n = std::min(rows.size(), options.top_k);
    resize(found, n, input.format);

    const PointReader corners(input.heads.find("boxes"), tables);
    const auto keypoints = static_cast<std::size_t>(input.format.num_keypoints.value_or(0));
    for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t row = rows[i].row;
        corners.read(row, 0, 0, &found.xyxy[4 * i]);
        corners.read(row, 0, 2, &found.xyxy[4 * i + 2]);
        found.scores[i] = rows[i].score;
        found.class_ids[i] = rows[i].class_id;
        if (keypoints > 0)
            read_keypoints(input.heads, tables, row, found.keypoints.data() + 2 * keypoints * i,
                           found.keypoint_scores.data() + keypoints * i);
    }
    // A step of its own: pixels of the input are rounded to float before they are moved.
    move(input.placement, found);
}

void keep_classes(const PeakOptions& options, std::vector<ScoredBox>& boxes) {
    if (!options.classes) return;
    const auto& classes = *options.classes;
    const auto is_left_out = [&](const ScoredBox& box) {
        return !std::binary_search(classes.begin(), classes.end(), box.class_id);
    };
    boxes.erase(std::remove_if(boxes.begin(), boxes.end(), is_left_out), boxes.end());
}

}  // namespace centerdecode
