#include <centerdecode/boxes.hpp>

#include "peaks/elements.hpp"

#include <algorithm>
#include <cmath>

namespace centerdecode {
namespace {

// What all channels of a head hold at one cell.
class Column {
public:
    Column(const TensorView& head, const Cell& cell) noexcept
        : first_(address_of(head, 0, cell.y, cell.x)),
          stride_(head.channel_stride),
          type_(head.type) {}

    double operator[](std::int64_t channel) const noexcept {
        return read_element(first_ + channel * stride_, type_);
    }

private:
    const std::byte* first_;
    std::ptrdiff_t stride_;
    ElementType type_;
};

// The order of the numbers once read: width and height, or left, top, right, bottom.
struct Extents {
    double left;
    double top;
    double right;
    double bottom;
};

// Distances from the center to the four sides, in input pixels.
Extents read_extents(const TensorView& wh, const BoxRule& rule, const Cell& cell) noexcept {
    const std::int64_t first =
        rule.class_specific ? cell.class_id * box_channels(rule.encoding) : 0;
    const double unit = rule.units == BoxUnits::cells ? rule.stride : 1.0;
    // Channels come in pairs, one number for each axis.
    const std::int64_t swap = rule.axes == Axes::yx ? 1 : 0;
    const Column numbers(wh, cell);
    const auto number = [&](std::int64_t pair, std::int64_t axis) {
        return unit * activate(numbers[first + 2 * pair + (axis ^ swap)], rule.activation);
    };
    if (rule.encoding == BoxEncoding::ltrb)
        return {number(0, 0), number(0, 1), number(1, 0), number(1, 1)};
    if (rule.encoding == BoxEncoding::corners)
        return {-number(0, 0), -number(0, 1), number(1, 0), number(1, 1)};
    const double half_width = number(0, 0) / 2.0;
    const double half_height = number(0, 1) / 2.0;
    return {half_width, half_height, half_width, half_height};
}

// A coefficient of zero leaves a coordinate out even where that is infinite.
double dot(const double (&row)[3], Point p) noexcept {
    const auto product = [](double a, double b) { return a == 0.0 ? 0.0 : a * b; };
    return product(row[0], p.x) + product(row[1], p.y) + row[2];
}

}  // namespace

double activate(double value, BoxActivation activation) noexcept {
    switch (activation) {
        case BoxActivation::exp: return std::exp(value);
        case BoxActivation::relu: return value < 0.0 ? 0.0 : value;
        case BoxActivation::none: break;
    }
    return value;
}

std::int64_t box_channels(BoxEncoding encoding) noexcept {
    return encoding == BoxEncoding::wh ? 2 : 4;
}

Point read_center(const TensorView& offset, const BoxRule& rule, const Cell& cell) noexcept {
    double dx = 0.0;
    double dy = 0.0;
    if (offset.data != nullptr) {
        const Column shift(offset, cell);
        const std::int64_t x_channel = rule.axes == Axes::yx ? 1 : 0;
        dx = shift[x_channel];
        dy = shift[1 - x_channel];
    }
    return {(cell.x + dx + rule.center_shift) * rule.stride,
            (cell.y + dy + rule.center_shift) * rule.stride};
}

Box read_box(const BoxHeads& heads, const BoxRule& rule, const Cell& cell) noexcept {
    const Point center = read_center(heads.offset, rule, cell);
    const Extents extents = read_extents(heads.wh, rule, cell);
    return {{center.x - extents.left, center.y - extents.top},
            {center.x + extents.right, center.y + extents.bottom}};
}

Point place(const Placement& placement, Point p) noexcept {
    if (placement.transform != nullptr) {
        const auto& m = placement.transform->m;
        p = {dot(m[0], p), dot(m[1], p)};
    }
    if (placement.clip != nullptr) {
        p.x = std::clamp(p.x, 0.0, placement.clip->width);  // a NaN stays
        p.y = std::clamp(p.y, 0.0, placement.clip->height);
    }
    return p;
}

void place_box(const Placement& placement, const Box& box, float* xyxy) noexcept {
    const Point first = place(placement, box.first);
    const Point second = place(placement, box.second);
    xyxy[0] = static_cast<float>(first.x);
    xyxy[1] = static_cast<float>(first.y);
    xyxy[2] = static_cast<float>(second.x);
    xyxy[3] = static_cast<float>(second.y);
}

void decode_box(const BoxHeads& heads, const BoxRule& rule, const Placement& placement,
                const Cell& cell, float* xyxy) noexcept {
    place_box(placement, read_box(heads, rule, cell), xyxy);
}

}  // namespace centerdecode
