// 3D boxes from one camera: a peak, its depth, its extents and its two-bin rotation
// (Mousavian et al., "3D Bounding Box Estimation Using Deep Learning and Geometry",
// 2017; Zhou et al., "Objects as Points", 2019).
#pragma once

#include <centerdecode/boxes.hpp>

#include <cstdint>

namespace centerdecode {

// What the depth head holds: meters, or z of meters = 1 / (sigmoid(z) + 1e-6) - 1.
enum class DepthActivation : std::uint8_t { none, inverse_sigmoid };

struct Box3dHeads {
    BoxHeads box;           // wh.data == nullptr: the family has no 2D extents
    TensorView rotation;    // 8: two bins of two logits, a sine and a cosine
    TensorView depth;       // 1
    TensorView dimensions;  // 3: height, width, length, in meters
    // 2: from the center of the 2D box to the object's own, in cells, which differ
    // where the box is cut; data == nullptr: they are the same.
    TensorView amodal_offset;
};

struct Box3dRule {
    BoxRule box;
    DepthActivation depth = DepthActivation::inverse_sigmoid;
};

// Projects camera coordinates (x right, y down, z ahead, in meters) to pixels of
// the image. m[0][0] and m[1][1] are not zero.
struct Camera {
    double m[3][4];
};

struct Box3d {
    float depth;          // meters
    float dimensions[3];  // height, width, length, in meters
    float alpha;          // the angle that the camera sees, in radians, not wrapped
    float location[3];    // X Y Z of the middle of the bottom, in camera coordinates
    float rotation_y;     // around the vertical axis, in radians, wrapped once
};

// Writes the 2D corners x1 y1 x2 y2 to `xyxy`: without a size head twice the
// center. nullptr as camera: location and rotation_y are NaN.
//
// The camera is that of the pixels that `placement.transform` leads to.
Box3d decode_box3d(const Box3dHeads& heads, const Box3dRule& rule, const Placement& placement,
                   const Camera* camera, const Peak& peak, float* xyxy) noexcept;

}  // namespace centerdecode
