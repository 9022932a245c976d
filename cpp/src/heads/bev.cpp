#include <centerdecode/bev.hpp>

#include "peaks/elements.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>

namespace centerdecode {
namespace {

struct Place {
    double x;
    double y;
    double z;
};

Place read_location(const BevHeads& heads, const BevRule& rule, const Cell& cell) noexcept {
    const Point voxel = read_center(heads.box.offset, rule.box, cell);
    return {voxel.x * rule.voxel[0] + rule.origin[0], voxel.y * rule.voxel[1] + rule.origin[1],
            read_element(heads.height, 0, cell.y, cell.x)};
}

bool is_between(double low, double number, double high) noexcept {
    return low <= number && number <= high;
}

bool is_in_range(const BevRule& rule, const Place& at) noexcept {
    return is_between(rule.lowest[0], at.x, rule.highest[0]) &&
           is_between(rule.lowest[1], at.y, rule.highest[1]) &&
           is_between(rule.lowest[2], at.z, rule.highest[2]);
}

void write_corners(const Place& at, const double (&dimensions)[3], double turn,
                   float (&corners)[4][2]) noexcept {
    const double cosine = std::cos(turn);
    const double sine = std::sin(turn);
    constexpr double signs[4][2] = {{1, 1}, {-1, 1}, {-1, -1}, {1, -1}};
    for (std::size_t i = 0; i < 4; ++i) {
        const double along = signs[i][0] * dimensions[0] / 2.0;
        const double across = signs[i][1] * dimensions[1] / 2.0;
        corners[i][0] = static_cast<float>(at.x + along * cosine - across * sine);
        corners[i][1] = static_cast<float>(at.y + along * sine + across * cosine);
    }
}

BevBox read_box_at(const BevHeads& heads, const BevRule& rule, const Cell& cell, const Place& at,
                   float score) noexcept {
    const auto number = [&](const TensorView& head, std::int64_t channel) {
        return read_element(head, channel, cell.y, cell.x);
    };
    const auto dimension = [&](std::int64_t channel) {
        return activate(number(heads.dimensions, channel), rule.box.activation);
    };
    const double dimensions[3] = {dimension(0), dimension(1), dimension(2)};
    const double yaw =
        std::atan2(static_cast<double>(number(heads.heading, 0)), number(heads.heading, 1));
    BevBox box{};
    box.score = score;
    box.cell = cell;
    std::transform(std::begin(dimensions), std::end(dimensions), std::begin(box.dimensions),
                   [](double meters) { return static_cast<float>(meters); });
    box.location[0] = static_cast<float>(at.x);
    box.location[1] = static_cast<float>(at.y);
    box.location[2] = static_cast<float>(at.z);
    box.yaw = static_cast<float>(yaw);
    for (std::int64_t i = 0; i < 2; ++i)
        box.velocity[i] = heads.velocity.data == nullptr ? std::numeric_limits<float>::quiet_NaN()
                                                         : number(heads.velocity, i);
    write_corners(at, dimensions, rule.clockwise ? -yaw : yaw, box.corners);
    return box;
}

}  // namespace

void find_bev_boxes(const BevHeads& heads, const BevRule& rule, const PeakOptions& options,
                    std::vector<Peak>& peaks, std::vector<BevBox>& boxes) {
    // Peaks out of range may leave fewer than top_k although weaker ones are there.
    PeakOptions wider = options;
    for (bool more = true; more; wider.top_k *= 4) {
        find_peaks(heads.box.heatmap, wider, peaks);
        boxes.clear();
        for (const Peak& peak : peaks) {
            if (boxes.size() == options.top_k) break;
            const Cell cell = cell_of(heads.box.heatmap, peak);
            const Place at = read_location(heads, rule, cell);
            if (is_in_range(rule, at))
                boxes.push_back(
                    read_box_at(heads, rule, cell, at, score_of(peak.value, options.activation)));
        }
        more = boxes.size() < options.top_k && peaks.size() == wider.top_k;
    }
}

void place_footprint(const Placement& placement, const BevBox& box, float* xyxy) noexcept {
    Box extent{};
    for (std::size_t i = 0; i < 4; ++i) {
        const Point corner = place(placement, {box.corners[i][0], box.corners[i][1]});
        if (i == 0) extent = {corner, corner};
        extent.first = {std::min(corner.x, extent.first.x), std::min(corner.y, extent.first.y)};
        extent.second = {std::max(corner.x, extent.second.x), std::max(corner.y, extent.second.y)};
    }
    place_box({}, extent, xyxy);
}

}  // namespace centerdecode
