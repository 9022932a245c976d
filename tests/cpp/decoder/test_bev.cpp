// Boxes from above, worked out by hand: one row of cells of 2 m by 4 m from (-2, 10) on.
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/bev.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

using centerdecode::Activation;
using centerdecode::BevBox;
using centerdecode::BevRule;
using centerdecode::ElementType;
using centerdecode::Layout;

// One column of numbers for each cell; the cells of a channel follow each other.
heads::Head head_of(const std::vector<float>& numbers, std::int64_t channels) {
    const auto width = static_cast<std::int64_t>(numbers.size()) / channels;
    heads::Head head(ElementType::f32, Layout::nchw, {channels, 1, width},
                     {{{{'c'}, {'y'}, {'x'}}}});
    head.fill([&](std::int64_t c, std::int64_t, std::int64_t x) {
        return reference::narrow(numbers[static_cast<std::size_t>(c * width + x)],
                                 ElementType::f32);
    });
    return head;
}

BevRule rule_of() {
    BevRule rule{{}, {0.5, 1.0}, {-2.0, 10.0}, {-99, -99, -1}, {99, 99, 1}, true};
    rule.box.stride = 4.0;
    return rule;
}

std::vector<BevBox> find(const BevRule& rule, std::size_t top_k, bool velocity = true) {
    const heads::Head heatmap = head_of({0.5F, 0.9F, 0.25F, 0.5F, 0.75F, 0.125F, 0.25F, 0.0F}, 2);
    const heads::Head offset = head_of({0.5F, 0, 0, 1, 0.25F, 0, 0, -1}, 2);
    const heads::Head height = head_of({1, 1.5F, 0, -1}, 1);
    const heads::Head dimensions = head_of({4, 1, 2, 2, 2, 1, 2, 6, 3, 1, 2, 5}, 3);
    const heads::Head heading = head_of({1, 0, 0, 0, 0, 1, 1, -1}, 2);
    const heads::Head motion = head_of({8, 0, 0, 7, 9, 0, 0, 6}, 2);
    centerdecode::BevHeads parts{
        {heatmap.view(), {}, offset.view()}, height.view(), dimensions.view(), heading.view(), {}};
    if (velocity) parts.velocity = motion.view();
    centerdecode::PeakOptions options;
    options.top_k = top_k;
    options.score_threshold = 0.2;
    options.activation = Activation::none;
    options.window = 1;
    options.best_class = true;
    std::vector<centerdecode::Peak> peaks;
    std::vector<BevBox> boxes(1);  // to be replaced
    centerdecode::find_bev_boxes(parts, rule, options, peaks, boxes);
    return boxes;
}

bool is_near(float found, double expected) { return std::fabs(found - expected) < 1e-6; }

void check_boxes() {
    const std::vector<BevBox> boxes = find(rule_of(), 9);
    CHECK(boxes.size() == 3, boxes.size());  // cell 1 is too high
    CHECK(boxes[0].score == 0.75F && boxes[0].cell.class_id == 1);
    CHECK(boxes[1].score == 0.5F && boxes[1].cell.class_id == 0);
    CHECK(boxes[2].score == 0.25F && boxes[2].cell.class_id == 0);
    const BevBox& box = boxes[0];
    CHECK(box.location[0] == -1 && box.location[1] == 11 && box.location[2] == 1);
    CHECK(box.dimensions[0] == 4 && box.dimensions[1] == 2 && box.dimensions[2] == 3);
    CHECK(is_near(box.yaw, 1.5707963267948966));
    CHECK(box.velocity[0] == 8 && box.velocity[1] == 9);
    CHECK(is_near(boxes[1].yaw, 3.141592653589793));
    CHECK(boxes[1].location[0] == 6 && boxes[1].location[1] == 6);
    CHECK(std::isnan(find(rule_of(), 1, false)[0].velocity[1]));
}

// A quarter turn takes (2, 1) to (1, -2), or to (-1, 2).
void check_corners() {
    for (const bool clockwise : {true, false}) {
        BevRule rule = rule_of();
        rule.clockwise = clockwise;
        const BevBox box = find(rule, 1)[0];
        const double sign = clockwise ? 1.0 : -1.0;
        const double steps[4][2] = {{1, -2}, {1, 2}, {-1, 2}, {-1, -2}};
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(is_near(box.corners[i][0], -1 + sign * steps[i][0]) &&
                      is_near(box.corners[i][1], 11 + sign * steps[i][1]),
                  clockwise, i, box.corners[i][0], box.corners[i][1]);
        float xyxy[4];
        centerdecode::place_footprint({}, box, xyxy);
        CHECK(is_near(xyxy[0], -2) && is_near(xyxy[1], 9) && is_near(xyxy[2], 0) &&
              is_near(xyxy[3], 13));
        const centerdecode::Transform flip{{{10, 0, 0}, {0, -10, 200}}};
        const centerdecode::ImageSize size{100, 50};
        centerdecode::place_footprint({&flip, &size}, box, xyxy);
        CHECK(xyxy[0] == 0 && is_near(xyxy[1] / 10, 7) && xyxy[2] >= 0 && xyxy[3] == 100);
    }
}

void check_range() {
    for (std::size_t k = 0; k < 5; ++k)
        CHECK(find(rule_of(), k).size() == std::min<std::size_t>(k, 3), k);
    BevRule rule = rule_of();
    rule.lowest[0] = -1;  // the border counts
    rule.highest[1] = 11;
    CHECK(find(rule, 9).size() == 3);
    rule.lowest[0] = std::nextafter(-1.0, 0.0);
    CHECK(find(rule, 9).size() == 2);
    rule.highest[1] = 10;
    rule.highest[0] = 5;
    CHECK(find(rule, 1).size() == 1 && find(rule, 1)[0].score == 0.25F);
    rule.box.activation = centerdecode::BoxActivation::exp;
    CHECK(is_near(find(rule, 1)[0].dimensions[1], std::exp(2.0)));
}

}  // namespace

int main() {
    check_boxes();
    check_corners();
    check_range();
    return check::result();
}
