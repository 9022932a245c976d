#include <centerdecode/boxes3d.hpp>

#include "peaks/elements.hpp"

#include <cmath>
#include <limits>

namespace centerdecode {
namespace {

constexpr double pi = 3.14159265358979323846;

// Not a number where there is no camera to tell.
struct Pose {
    double location[3];
    double rotation_y;
};

double depth_of(double value, DepthActivation activation) noexcept {
    if (activation == DepthActivation::none) return value;
    return 1.0 / (1.0 / (1.0 + std::exp(-value)) + 1e-6) - 1.0;
}

// The bin whose second logit is greater decides. The first logits of both, which
// say that the angle is not in the bin, are not read: upstream does not, either.
double read_alpha(const TensorView& rotation, const Cell& cell) noexcept {
    const auto number = [&](std::int64_t channel) -> double {
        return read_element(rotation, channel, cell.y, cell.x);
    };
    if (number(1) > number(5)) return std::atan2(number(2), number(3)) - pi / 2.0;
    return std::atan2(number(6), number(7)) + pi / 2.0;
}

// Where the middle of the object is seen, in input pixels.
Point read_middle(const Box3dHeads& heads, const BoxRule& rule, Point center,
                  const Cell& cell) noexcept {
    const TensorView& shift = heads.amodal_offset;
    if (shift.data == nullptr) return center;
    return {center.x + rule.stride * read_element(shift, 0, cell.y, cell.x),
            center.y + rule.stride * read_element(shift, 1, cell.y, cell.x)};
}

double wrapped_once(double angle) noexcept {
    if (angle > pi) return angle - 2.0 * pi;
    if (angle < -pi) return angle + 2.0 * pi;
    return angle;
}

// What camera coordinates project to `pixel` at `depth`. The network gives the
// middle of an object; its location is the middle of its bottom, half a height lower.
Pose unproject(const Camera& camera, Point pixel, double depth, double height,
               double alpha) noexcept {
    const auto& m = camera.m;
    const double z = depth - m[2][3];
    const double x = (pixel.x * depth - m[0][3] - m[0][2] * z) / m[0][0];
    const double y = (pixel.y * depth - m[1][3] - m[1][2] * z) / m[1][1];
    const double rotation_y = alpha + std::atan2(pixel.x - m[0][2], m[0][0]);
    return {{x, y + height / 2.0, z}, wrapped_once(rotation_y)};
}

}  // namespace

Box3d decode_box3d(const Box3dHeads& heads, const Box3dRule& rule, const Placement& placement,
                   const Camera* camera, const Peak& peak, float* xyxy) noexcept {
    const Cell cell = cell_of(heads.box.heatmap, peak);
    const Point center = read_center(heads.box.offset, rule.box, cell);
    const bool has_extents = heads.box.wh.data != nullptr;
    place_box(placement, has_extents ? read_box(heads.box, rule.box, cell) : Box{center, center},
              xyxy);

    const auto size = [&](std::int64_t channel) {
        return read_element(heads.dimensions, channel, cell.y, cell.x);
    };
    const double depth = depth_of(read_element(heads.depth, 0, cell.y, cell.x), rule.depth);
    const double alpha = read_alpha(heads.rotation, cell);
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    Pose pose{{unknown, unknown, unknown}, unknown};
    // Where the object is does not depend on where its box is cut.
    const Point pixel =
        place({placement.transform, nullptr}, read_middle(heads, rule.box, center, cell));
    if (camera != nullptr) pose = unproject(*camera, pixel, depth, size(0), alpha);
    const auto& at = pose.location;
    return {static_cast<float>(depth),
            {size(0), size(1), size(2)},
            static_cast<float>(alpha),
            {static_cast<float>(at[0]), static_cast<float>(at[1]), static_cast<float>(at[2])},
            static_cast<float>(pose.rotation_y)};
}

}  // namespace centerdecode
