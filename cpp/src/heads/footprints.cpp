#include <centerdecode/footprints.hpp>

#include <array>
#include <cmath>
#include <cstddef>

namespace centerdecode {
namespace {

// A cut gives at most half as many corners more, also where a polygon is not convex:
// 4, 6, 9, 13, 19.
constexpr std::size_t most_corners = 20;

struct Polygon {
    std::array<Point, most_corners> corners{};
    std::size_t size = 0;

    void add(Point corner) noexcept { corners[size++] = corner; }
};

// Twice the area of the triangle, negative where its corners go round clockwise.
double cross(Point a, Point b, Point c) noexcept {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

// Counted from a corner and not from the origin, which may be far away.
double signed_area(const Point* corners, std::size_t size) noexcept {
    double twice = 0.0;
    for (std::size_t i = 2; i < size; ++i) twice += cross(corners[0], corners[i - 1], corners[i]);
    return twice / 2.0;
}

// What of a polygon lies to the left of the line from a to b, or on it.
Polygon left_part(const Polygon& whole, Point a, Point b) noexcept {
    Polygon part;
    for (std::size_t i = 0; i < whole.size; ++i) {
        const Point p = whole.corners[i];
        const Point q = whole.corners[(i + 1) % whole.size];
        const double p_side = cross(a, b, p);
        const double q_side = cross(a, b, q);
        if (p_side >= 0.0) part.add(p);
        if ((p_side > 0.0 && q_side < 0.0) || (p_side < 0.0 && q_side > 0.0)) {
            const double way = p_side / (p_side - q_side);
            part.add({p.x + way * (q.x - p.x), p.y + way * (q.y - p.y)});
        }
    }
    return part;
}

}  // namespace

double footprint_iou(const Footprint& a, const Footprint& b) noexcept {
    const double a_area = std::fabs(signed_area(&a.corners[0], 4));
    const double b_area = std::fabs(signed_area(&b.corners[0], 4));
    const bool clockwise = signed_area(&b.corners[0], 4) < 0.0;
    // The sides of a point would cut nothing off.
    const bool solid = a_area > 0.0 && b_area > 0.0;
    if (!solid) return 0.0;
    Polygon both;
    for (const Point corner : a.corners) both.add(corner);
    for (std::size_t i = 0; i < 4; ++i) {
        const Point from = b.corners[i];
        const Point to = b.corners[(i + 1) % 4];
        both = clockwise ? left_part(both, to, from) : left_part(both, from, to);
    }
    const double shared = std::fabs(signed_area(both.corners.data(), both.size));
    const double iou = shared / (a_area + b_area - shared);
    return iou > 0.0 ? iou : 0.0;
}

}  // namespace centerdecode
