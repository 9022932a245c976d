#include "decoder/readers/table_columns.hpp"

#include "decoder/detections.hpp"
#include "decoder/stages/extras.hpp"
#include "peaks/elements.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace centerdecode {
namespace {

ColumnType type_of(ElementType type) noexcept {
    if (type == ElementType::i32) return ColumnType::i32;
    return type == ElementType::u8 ? ColumnType::u8 : ColumnType::f32;
}

template <class T>
void read_row(const TensorView& table, std::int64_t row, T* to) {
    for (std::int64_t y = 0; y < table.height; ++y)
        for (std::int64_t x = 0; x < table.width; ++x)
            *to++ = static_cast<T>(read_number(table, row, y, x));
}

// Moves what is in pixels of the input, as extras of the same frame are moved.
void move(const Placement& placement, ExtraFrame frame, float* numbers) noexcept {
    const Point first{numbers[0], numbers[1]};
    if (frame == ExtraFrame::box) {
        place_box(placement, {first, {numbers[2], numbers[3]}}, numbers);
        return;
    }
    const Point moved = frame == ExtraFrame::cell ? place({placement.transform, nullptr}, first)
                                                  : turn(placement, first);
    numbers[0] = static_cast<float>(moved.x);
    numbers[1] = static_cast<float>(moved.y);
}

// As many rows as there are detections.
void read_column(const Input& input, const ExtraRule& rule, const std::vector<ScoredBox>& rows,
                 std::size_t count, Column& column) {
    const TensorView table = input.heads.find(rule.name);
    const std::size_t width = numbers_of(column.format);
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t row = rows[i].row;
        if (column.format.type == ColumnType::u8) {
            read_row(table, row, reinterpret_cast<std::uint8_t*>(column.bytes.data()) + i * width);
        } else if (column.format.type == ColumnType::i32) {
            read_row(table, row, reinterpret_cast<std::int32_t*>(column.bytes.data()) + i * width);
        } else {
            float* const to = floats_of(column) + i * width;
            read_row(table, row, to);
            if (rule.frame != ExtraFrame::none) move(input.placement, rule.frame, to);
        }
    }
}

}  // namespace

void check_table_rules(const Settings& settings) {
    for (const ExtraRule& rule : settings.extras)
        if (rule.activation != ExtraActivation::none || rule.scale != 1.0 || rule.normalize ||
            rule.replaces_box)
            throw std::invalid_argument(
                "extras of a model that decodes in its own graph must have a frame alone, got \"" +
                rule.name + "\" with more");
}

void check_table_columns(const BatchHeads& heads) {
    const BatchView& boxes = heads.need("boxes").view;
    for (const ExtraRule& rule : heads.settings.extras) {
        const NamedHead* head = heads.find(rule.name);
        if (head == nullptr) continue;
        const TensorView& table = head->view.first;
        const std::string rows =
            std::to_string(boxes.batch) + ", " + std::to_string(boxes.first.channels);
        if (head->view.batch != boxes.batch || table.channels != boxes.first.channels)
            throw std::invalid_argument(std::string(head->name) + " must be of (" + rows +
                                        ") boxes, " + got(*head));
        const std::int64_t wanted = rule.frame == ExtraFrame::box ? 4 : 2;
        if (rule.frame == ExtraFrame::none ||
            (table.height == 1 && table.width == wanted && is_float(table.type)))
            continue;
        throw std::invalid_argument(std::string(head->name) + " must be floats (" + rows + ", " +
                                    std::to_string(wanted) + ") for its frame, " + got(*head));
    }
}

void describe_table_columns(const ImageHeads& heads, Format& format) {
    for (const ExtraRule& rule : heads.settings.extras) {
        if (!heads.has(rule.name)) continue;
        const TensorView table = heads.find(rule.name);
        const ColumnType type = type_of(table.type);
        if (table.height > 1)
            format.add(rule.name.c_str(), type, {table.height, table.width});
        else if (table.width > 1)
            format.add(rule.name.c_str(), type, {table.width});
        else
            format.add(rule.name.c_str(), type, {});
    }
}

void read_table_columns(const Input& input, const Memory& memory, Detections& found) {
    for (const ExtraRule& rule : input.heads.settings.extras)
        if (input.heads.has(rule.name))
            read_column(input, rule, memory.boxes, found.scores.size(),
                        *find_column(found, rule.name));
}

}  // namespace centerdecode
