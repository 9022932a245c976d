// Boxes: a peak and the size head at its cell make a box.
#pragma once

#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <cstdint>

namespace centerdecode {

// What the size head holds: extents around the center; distances from it to the
// sides; or the corners x1 y1 x2 y2 as seen from it, which are signed.
enum class BoxEncoding : std::uint8_t { wh, ltrb, corners };
enum class BoxUnits : std::uint8_t { cells, pixels };
enum class BoxActivation : std::uint8_t { none, exp, relu };

// Which axis comes first in the size and offset heads.
enum class Axes : std::uint8_t { xy, yx };

// How a model family stores its boxes, as data.
struct BoxRule {
    double stride = 4.0;
    BoxEncoding encoding = BoxEncoding::wh;
    BoxUnits units = BoxUnits::cells;
    BoxActivation activation = BoxActivation::none;
    Axes axes = Axes::xy;
    bool class_specific = false;  // the size head has a group of channels per class
    double center_shift = 0.0;    // cells, added to every center
};

struct BoxHeads {
    TensorView heatmap;
    TensorView wh;
    TensorView offset;  // data == nullptr: the family has none
};

// A 2x3 affine map of network input pixels to image pixels.
struct Transform {
    double m[2][3];
};

struct ImageSize {
    double height;
    double width;
};

// Where boxes go. nullptr: they stay in input pixels; they may leave the image.
struct Placement {
    const Transform* transform = nullptr;
    const ImageSize* clip = nullptr;
};

struct Point {
    double x;
    double y;
};

struct Box {
    Point first;   // left and top
    Point second;  // right and bottom
};

// What a number of a size head means. A NaN stays one.
double activate(double value, BoxActivation activation) noexcept;

// Channels of a size head that all classes share.
std::int64_t box_channels(BoxEncoding encoding) noexcept;

// The cell and its offset, in input pixels.
Point read_center(const TensorView& offset, const BoxRule& rule, const Cell& cell) noexcept;

// The box at a cell, in input pixels. Sizes are taken as they come.
Box read_box(const BoxHeads& heads, const BoxRule& rule, const Cell& cell) noexcept;

Point place(const Placement& placement, Point point) noexcept;

// Writes the corners x1 y1 x2 y2 of a box, placed, to `xyxy`.
void place_box(const Placement& placement, const Box& box, float* xyxy) noexcept;

// Writes the corners x1 y1 x2 y2 of the box at a cell to `xyxy`. Sizes are taken
// as they come: a negative one gives an inverted box, a NaN gives NaN.
void decode_box(const BoxHeads& heads, const BoxRule& rule, const Placement& placement,
                const Cell& cell, float* xyxy) noexcept;

}  // namespace centerdecode
