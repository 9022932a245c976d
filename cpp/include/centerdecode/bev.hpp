// Boxes seen from above, in a bird's-eye view (BEV) of a point cloud (Yin et al.,
// "Center-based 3D Object Detection and Tracking", 2021).
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/footprints.hpp>
#include <centerdecode/peaks.hpp>

#include <vector>

namespace centerdecode {

struct BevHeads {
    BoxHeads box;           // no wh
    TensorView height;      // 1: z of the center
    TensorView dimensions;  // 3: along x and y where yaw is 0, and along z
    TensorView heading;     // 2: sine and cosine of yaw
    TensorView velocity;    // 2; data == nullptr: the family has none
};

struct BevRule {
    BoxRule box;            // stride: voxels per cell; activation: of dimensions
    double voxel[2] = {};   // meters, x and y
    double origin[2] = {};  // x and y of the first voxel's corner
    double lowest[3] = {};  // centers x y z must lie between these, both included
    double highest[3] = {};
    bool clockwise = true;  // yaw turns x towards -y
};

// Meters and radians, in the frame of the point cloud.
struct BevBox {
    float score;
    Cell cell;
    float location[3];
    float dimensions[3];
    float yaw;
    float velocity[2];    // NaN where there is no such head
    float corners[4][2];  // around the footprint, first (+, +), then (-, +)
};

// Replaces the content of `boxes`: the options.top_k best of those in the range, in the
// order of their peaks. `peaks` is memory to work in.
void find_bev_boxes(const BevHeads& heads, const BevRule& rule, const PeakOptions& options,
                    std::vector<Peak>& peaks, std::vector<BevBox>& boxes);

// Writes the extent x1 y1 x2 y2 of the footprint, placed, to `xyxy`.
void place_footprint(const Placement& placement, const BevBox& box, float* xyxy) noexcept;

}  // namespace centerdecode
