// Overlaps worked out by hand, and what NMS makes of them.
#include "support/check.hpp"

#include <centerdecode/footprints.hpp>
#include <centerdecode/nms.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace {

using centerdecode::Footprint;
using centerdecode::NmsRule;
using centerdecode::NmsShape;
using centerdecode::Point;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Footprint rectangle(double x1, double y1, double x2, double y2) {
    return {{{x1, y1}, {x2, y1}, {x2, y2}, {x1, y2}}};
}

// A square of diagonal 2 * reach on its corner.
Footprint diamond(double x, double y, double reach) {
    return {{{x + reach, y}, {x, y + reach}, {x - reach, y}, {x, y - reach}}};
}

Footprint backwards(Footprint footprint) {
    std::reverse(footprint.corners, footprint.corners + 4);
    return footprint;
}

Footprint moved(Footprint footprint, double x, double y) {
    for (Point& corner : footprint.corners) corner = {corner.x + x, corner.y + y};
    return footprint;
}

// In any order, either sense, and wherever.
void check_iou(const char* what, const Footprint& a, const Footprint& b, double expected) {
    for (const Footprint& first : {a, backwards(a)})
        for (const Footprint& second : {b, backwards(b)})
            for (const double far : {0.0, 1000.0}) {
                const Footprint there = moved(first, far, -far);
                const Footprint other = moved(second, far, -far);
                const double one = centerdecode::footprint_iou(there, other);
                const double two = centerdecode::footprint_iou(other, there);
                CHECK(std::fabs(one - expected) < 1e-12, what, far, one, expected);
                CHECK(std::fabs(two - expected) < 1e-12, what, far, two, expected);
            }
}

void check_overlaps() {
    const Footprint square = rectangle(-1, -1, 1, 1);
    check_iou("the same", square, square, 1.0);
    check_iou("a half", square, rectangle(0, -1, 2, 1), 1.0 / 3.0);
    check_iou("a corner", square, rectangle(0, 0, 2, 2), 1.0 / 7.0);
    check_iou("inside", square, rectangle(-0.5, -0.5, 0.5, 0.5), 0.25);
    check_iou("a cross", rectangle(-4, -1, 4, 1), rectangle(-1, -4, 1, 4), 4.0 / 28.0);
    check_iou("touching", square, rectangle(1, -1, 3, 1), 0.0);
    check_iou("apart", square, rectangle(5, 5, 6, 6), 0.0);
    check_iou("a diamond inside", square, diamond(0, 0, 1), 0.5);
    // A diamond of reach 1.5 loses four corners of height 0.5: 4.5 - 4 * 0.25 is shared.
    check_iou("an octagon", square, diamond(0, 0, 1.5), 3.5 / 5.0);
    check_iou("a corner of a diamond", square, diamond(2, 0, 1.5), 0.25 / 8.25);
    check_iou("diamonds side by side", diamond(0, 0, 2), diamond(2, 2, 2), 0.0);
}

void check_what_covers_nothing() {
    const Footprint square = rectangle(-1, -1, 1, 1);
    const Footprint line = rectangle(-1, 0, 1, 0);
    const Footprint point = rectangle(0, 0, 0, 0);
    check_iou("a line", square, line, 0.0);
    check_iou("a point", square, point, 0.0);
    CHECK(centerdecode::footprint_iou(line, line) == 0.0);
    CHECK(centerdecode::footprint_iou(point, point) == 0.0);
    for (const double odd : {nan, inf, -inf}) {
        Footprint broken = square;
        broken.corners[2].x = odd;
        CHECK(centerdecode::footprint_iou(square, broken) == 0.0, odd);
        CHECK(centerdecode::footprint_iou(broken, square) == 0.0, odd);
    }
}

// Not convex, crossing itself: there is no right answer, but there is an answer.
void check_bow_ties() {
    const Footprint tie{{{0, 0}, {4, 4}, {4, 0}, {0, 4}}};
    const Footprint dart{{{0, 0}, {4, 2}, {0, 4}, {1, 2}}};
    for (const Footprint& a : {tie, dart, rectangle(1, 1, 3, 3)})
        for (const Footprint& b : {tie, dart, diamond(2, 2, 2)})
            CHECK(std::isfinite(centerdecode::footprint_iou(a, b)));
}

std::vector<std::int64_t> kept(const std::vector<float>& shapes, const NmsRule& rule) {
    const std::size_t n = shapes.size() / centerdecode::numbers_of(rule.shape);
    std::vector<float> scores;
    for (std::size_t i = 0; i < n; ++i) scores.push_back(1.0F - static_cast<float>(i) / 10.0F);
    const std::vector<std::int32_t> class_ids(n, 0);
    std::vector<std::int64_t> rows;
    for (const auto& box :
         centerdecode::suppress(shapes.data(), scores.data(), class_ids.data(), n, rule))
        rows.push_back(box.row);
    return rows;
}

void check_nms() {
    using Rows = std::vector<std::int64_t>;
    NmsRule rule;
    rule.shape = NmsShape::footprint;
    rule.iou_threshold = 0.3;
    const std::vector<float> footprints = {
        -1, -1, 1, -1, 1,    1,    -1,   1,      // a square
        0,  -1, 2, -1, 2,    1,    0,    1,      // its half, IoU 1/3
        0,  0,  2, 0,  2,    2,    0,    2,      // its quarter, IoU 1/7
        5,  0,  0, 5,  -0.5, 4.5F, 4.5F, -0.5F,  // within its frame's reach, but beside
    };
    CHECK((kept(footprints, rule) == Rows{0, 2, 3}));
    rule.iou_threshold = 0.1;
    CHECK((kept(footprints, rule) == Rows{0, 3}));
    rule.iou_threshold = 0.34;
    CHECK((kept(footprints, rule) == Rows{0, 1, 2, 3}));
    rule = {};
    rule.shape = NmsShape::circle;
    rule.radius = 5.0;
    const float far = static_cast<float>(inf);
    CHECK((kept({0, 0, 3, 4, 3, 4.25F, far, 0, far, 0}, rule) == Rows{0, 2, 3, 4}));
    rule.radius = 0.0;
    CHECK((kept({0, 0, 0, 0, 1, 0}, rule) == Rows{0, 2}));
}

}  // namespace

int main() {
    check_overlaps();
    check_what_covers_nothing();
    check_bow_ties();
    check_nms();
    return check::result();
}
