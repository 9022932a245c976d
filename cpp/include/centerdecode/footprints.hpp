// Footprints: what boxes cover that are seen from above and turned any way.
#pragma once

#include <centerdecode/boxes.hpp>

namespace centerdecode {

// A convex quadrilateral; its corners follow each other, in either sense.
struct Footprint {
    Point corners[4];
};

// The area that both cover, as a part of what at least one does. 0 where one has no
// area, or a number is NaN.
double footprint_iou(const Footprint& a, const Footprint& b) noexcept;

}  // namespace centerdecode
