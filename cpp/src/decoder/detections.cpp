#include "decoder/detections.hpp"

#include "decoder/memory.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace centerdecode {
namespace {

std::size_t width_of(const ColumnFormat& format) noexcept {
    return (format.type == ColumnType::u8 ? 1 : 4) * numbers_of(format);
}

// Elements of a row.
std::size_t width_of(const Detections& found, const std::vector<float>& column) noexcept {
    return found.scores.empty() ? 0 : column.size() / found.scores.size();
}

// Calls visit(list of `a`, list of `b`, elements in a row of `a`) for every column of both.
template <class A, class B, class Visit>
void visit_columns(A& a, B& b, const Visit& visit) {
    const std::size_t keypoints = width_of(a, a.keypoints);
    const std::size_t keypoint_scores = width_of(a, a.keypoint_scores);
    visit(a.xyxy, b.xyxy, std::size_t{4});
    visit(a.scores, b.scores, std::size_t{1});
    visit(a.class_ids, b.class_ids, std::size_t{1});
    visit(a.keypoints, b.keypoints, keypoints);
    visit(a.keypoint_scores, b.keypoint_scores, keypoint_scores);
    for (std::size_t i = 0; i < a.columns.size(); ++i)
        visit(a.columns[i].bytes, b.columns[i].bytes, width_of(a.columns[i].format));
}

}  // namespace

void resize(Detections& found, std::size_t n, const Format& format) {
    const auto keypoints = static_cast<std::size_t>(format.num_keypoints.value_or(0));
    found.xyxy.resize(4 * n);
    found.scores.resize(n);
    found.class_ids.resize(n);
    found.keypoints.resize(2 * keypoints * n);
    found.keypoint_scores.resize(format.scores_keypoints ? keypoints * n : 0);
    found.columns.resize(format.count);
    const std::size_t late = format.count - format.late;
    for (std::size_t i = 0; i < format.count; ++i) {
        found.columns[i].format = format.columns[i];
        found.columns[i].bytes.resize(i < late ? width_of(format.columns[i]) * n : 0);
    }
}

void resize_late(Detections& found, const Format& format) {
    for (std::size_t i = format.count - format.late; i < format.count; ++i)
        found.columns[i].bytes.resize(width_of(format.columns[i]) * found.scores.size());
}

float* floats_of(Column& column) noexcept { return reinterpret_cast<float*>(column.bytes.data()); }

const float* floats_of(const Column& column) noexcept {
    return reinterpret_cast<const float*>(column.bytes.data());
}

Column* find_column(Detections& found, std::string_view name) noexcept {
    const auto is_called = [&](const Column& column) { return column.format.name == name; };
    const auto at = std::find_if(found.columns.begin(), found.columns.end(), is_called);
    return at == found.columns.end() ? nullptr : &*at;
}

Column* find_own_column(Detections& found, const Format& format, std::string_view name) noexcept {
    Column* const column = find_column(found, name);
    return column != nullptr && column < found.columns.data() + format.own ? column : nullptr;
}

void append(Detections& found, const Detections& more) {
    const auto add = [](auto& to, const auto& from, std::size_t /*width*/) {
        to.insert(to.end(), from.begin(), from.end());
    };
    visit_columns(found, more, add);
}

void keep_rows(const std::vector<std::size_t>& order, Detections& from, Detections& found) {
    std::swap(from, found);
    found.columns.resize(from.columns.size());
    for (std::size_t i = 0; i < from.columns.size(); ++i)
        found.columns[i].format = from.columns[i].format;
    const auto gather = [&](auto& rows, auto& to, std::size_t width) {
        // A column that is filled last has no rows yet, and keeps its memory for them.
        if (rows.empty()) return std::swap(rows, to);
        to.resize(width * order.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            std::copy_n(rows.data() + order[i] * width, width, to.data() + i * width);
    };
    visit_columns(from, found, gather);
}

void sort_by_score(Memory& memory, Detections& found) {
    memory.order.resize(found.scores.size());
    std::iota(memory.order.begin(), memory.order.end(), std::size_t{0});
    std::sort(memory.order.begin(), memory.order.end(), [&](std::size_t a, std::size_t b) {
        const float first = found.scores[a];
        const float second = found.scores[b];
        if (std::isnan(first) || std::isnan(second))
            return std::isnan(first) == std::isnan(second) ? a < b : std::isnan(second);
        return first > second || (first == second && a < b);
    });
    keep_rows(memory.order, memory.unsorted, found);
}

void limit_per_class(std::size_t most, Memory& memory, Detections& found) {
    // Rows are told apart by class, in their order; then each knows how many came before it.
    const std::size_t n = found.class_ids.size();
    std::vector<std::size_t>& order = memory.order;
    order.resize(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto key = [&](std::size_t row) { return std::pair(found.class_ids[row], row); };
        return key(a) < key(b);
    });
    memory.counts.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        const bool same = i > 0 && found.class_ids[order[i]] == found.class_ids[order[i - 1]];
        memory.counts[order[i]] = same ? memory.counts[order[i - 1]] + 1 : 0;
    }
    order.clear();
    for (std::size_t row = 0; row < n; ++row)
        if (memory.counts[row] < most) order.push_back(row);
    if (order.size() < n) keep_rows(order, memory.unsorted, found);
}

void limit(std::size_t most, const Format& format, Detections& found) {
    if (found.scores.size() > most) resize(found, most, format);
}

void thin(const NmsRule& rule, Memory& memory, Detections& found) {
    const float* shapes = found.xyxy.data();
    if (rule.shape == NmsShape::footprint) shapes = floats_of(*find_column(found, "corners"));
    if (rule.shape == NmsShape::circle) {
        // The center of a circle is the first two numbers of a location.
        const Column& location = *find_column(found, "location");
        const std::size_t numbers = numbers_of(location.format);
        const float* at = floats_of(location);
        memory.circles.clear();
        for (std::size_t i = 0; i < found.scores.size(); ++i, at += numbers)
            memory.circles.insert(memory.circles.end(), at, at + 2);
        shapes = memory.circles.data();
    }
    suppress(shapes, found.scores.data(), found.class_ids.data(), found.scores.size(), rule,
             memory.nms, memory.kept);
    memory.order.clear();
    for (const KeptBox& box : memory.kept)
        memory.order.push_back(static_cast<std::size_t>(box.row));
    keep_rows(memory.order, memory.unsorted, found);
    for (std::size_t i = 0; i < memory.kept.size(); ++i) found.scores[i] = memory.kept[i].score;
}

}  // namespace centerdecode
