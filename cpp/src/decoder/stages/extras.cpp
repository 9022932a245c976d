// Extras, in three steps: the numbers of a head at the cells, what they stand for, and where
// that goes in the image.
#include "decoder/stages/extras.hpp"

#include "decoder/detections.hpp"
#include "peaks/elements.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace centerdecode {
namespace {

constexpr const char* visible_box = "visible_box";

const char* column_of(const ExtraRule& rule) noexcept {
    return rule.replaces_box ? visible_box : rule.name.c_str();
}

// How many channels a frame needs; nullopt: any number.
std::optional<std::int64_t> channels_of(ExtraFrame frame) noexcept {
    switch (frame) {
        case ExtraFrame::displacement: return 2;
        case ExtraFrame::box: return 4;
        case ExtraFrame::cell: return 0;
        case ExtraFrame::none: break;
    }
    return std::nullopt;
}

bool is_there(const ExtraRule& rule, const ImageHeads& heads) noexcept {
    return rule.frame == ExtraFrame::cell || heads.has(rule.name);
}

double activate(double value, ExtraActivation activation) noexcept {
    if (activation == ExtraActivation::none) return value;
    if (activation == ExtraActivation::exp) return std::exp(value);
    const double score = 1.0 / (1.0 + std::exp(-value));
    return activation == ExtraActivation::sigmoid ? score : 1.0 / (score + 1e-6) - 1.0;
}

void divide_by_length(std::vector<double>& numbers) noexcept {
    double squares = 0.0;
    for (const double number : numbers) squares += number * number;
    const double length = std::sqrt(squares);
    if (length == 0.0) return;
    for (double& number : numbers) number /= length;
}

void write_point(Point point, float* out) noexcept {
    out[0] = static_cast<float>(point.x);
    out[1] = static_cast<float>(point.y);
}

// What one head says at the cells of an input's detections.
class Reader {
public:
    Reader(const Input& input, const ExtraRule& rule, std::vector<double>& numbers) noexcept
        : input_(input),
          rule_(rule),
          head_(input.heads.find(rule.name)),
          stride_(input.heads.settings.box.stride),
          is_yx_(rule.axes.value_or(input.heads.settings.box.axes) == Axes::yx),
          numbers_(numbers) {}

    // Writes the row of one detection.
    void write(const Cell& cell, float* out) {
        const Point at{static_cast<double>(cell.x), static_cast<double>(cell.y)};
        if (rule_.frame == ExtraFrame::cell) {
            write_point(place({input_.placement.transform, nullptr}, in_pixels(at)), out);
            return;
        }
        read(cell);
        if (rule_.frame == ExtraFrame::none) {
            std::transform(numbers_.begin(), numbers_.end(), out,
                           [](double number) { return static_cast<float>(number); });
        } else if (rule_.frame == ExtraFrame::displacement) {
            write_point(turn(input_.placement, in_pixels(pair(0))), out);
        } else {
            const Point first = pair(0);
            const Point second = pair(1);
            place_box(input_.placement,
                      {in_pixels({at.x + first.x, at.y + first.y}),
                       in_pixels({at.x + second.x, at.y + second.y})},
                      out);
        }
    }

private:
    void read(const Cell& cell) {
        numbers_.clear();
        for (std::int64_t c = 0; c < head_.channels; ++c)
            numbers_.push_back(activate(read_element(head_, c, cell.y, cell.x), rule_.activation) *
                               rule_.scale);
        if (rule_.normalize) divide_by_length(numbers_);
    }

    Point pair(std::size_t i) const noexcept {
        const double a = numbers_[2 * i];
        const double b = numbers_[2 * i + 1];
        return is_yx_ ? Point{b, a} : Point{a, b};
    }

    Point in_pixels(Point cells) const noexcept { return {cells.x * stride_, cells.y * stride_}; }

    const Input& input_;
    const ExtraRule& rule_;
    TensorView head_;
    double stride_;
    bool is_yx_;
    std::vector<double>& numbers_;
};

}  // namespace

Point turn(const Placement& placement, Point difference) noexcept {
    if (placement.transform == nullptr) return difference;
    Transform linear = *placement.transform;
    linear.m[0][2] = 0.0;
    linear.m[1][2] = 0.0;
    return place({&linear, nullptr}, difference);
}

void check_extras(const BatchHeads& heads) {
    for (const ExtraRule& rule : heads.settings.extras) {
        const NamedHead* head = heads.find(rule.name);
        if (head == nullptr || rule.frame == ExtraFrame::cell) continue;
        require_same_grid(heads.need("heatmap"), *head);
        if (const auto channels = channels_of(rule.frame))
            require_channels(*head, *channels, "(for an extra of its frame)");
    }
}

void describe_extras(const ImageHeads& heads, Format& format) {
    for (const ExtraRule& rule : heads.settings.extras) {
        if (!is_there(rule, heads)) continue;
        const char* name = column_of(rule);
        const std::int64_t channels = heads.find(rule.name).channels;
        const bool is_number = rule.frame == ExtraFrame::none && channels == 1;
        if (is_number)
            format.add(name, ColumnType::f32, {});
        else if (rule.frame == ExtraFrame::none || rule.frame == ExtraFrame::box)
            format.add(name, ColumnType::f32, {channels});
        else
            format.add(name, ColumnType::f32, {2});
    }
}

void write_extras(const Input& input, Memory& memory, Detections& found) {
    for (const ExtraRule& rule : input.heads.settings.extras) {
        if (!is_there(rule, input.heads)) continue;
        Column& column = *find_column(found, column_of(rule));
        const std::size_t width =
            column.format.rank == 0 ? 1 : static_cast<std::size_t>(column.format.shape[0]);
        Reader reader(input, rule, memory.doubles);
        for (std::size_t i = 0; i < memory.cells.size(); ++i)
            reader.write(memory.cells[i], floats_of(column) + width * i);
        // The box that is decoded otherwise becomes the column.
        if (rule.replaces_box)
            std::swap_ranges(found.xyxy.begin(), found.xyxy.end(), floats_of(column));
    }
}

}  // namespace centerdecode
