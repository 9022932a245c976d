// Boxes worked out by hand. The peak is class 2 at y = 1, x = 3 of a 4x5 grid.
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/boxes.hpp>

#include <array>
#include <cmath>
#include <vector>

namespace {

using centerdecode::BoxActivation;
using centerdecode::BoxEncoding;
using centerdecode::BoxRule;
using centerdecode::BoxUnits;
using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::Placement;

using Box = std::array<float, 4>;

// A head that holds `numbers` at y = 1, x = 3 and NaN, which would spread, elsewhere.
heads::Head head_of(const std::vector<float>& numbers, Layout layout = Layout::nchw,
                    ElementType type = ElementType::f32) {
    const heads::Storage storage = layout == Layout::nchw ? heads::Storage{{{{'c'}, {'y'}, {'x'}}}}
                                                          : heads::Storage{{{{'y'}, {'x'}, {'c'}}}};
    heads::Head head(type, layout, {static_cast<std::int64_t>(numbers.size()), 4, 5}, storage);
    head.fill([&](std::int64_t c, std::int64_t y, std::int64_t x) {
        const bool here = y == 1 && x == 3;
        return reference::narrow(here ? numbers[static_cast<std::size_t>(c)] : heads::nan, type);
    });
    return head;
}

struct Numbers {
    std::vector<float> wh;
    std::vector<float> offset;  // empty: the family has none
};

Box decode(const Numbers& numbers, const BoxRule& rule, const Placement& placement = {},
           Layout layout = Layout::nchw, ElementType type = ElementType::f32) {
    const heads::Head heatmap = head_of({0, 0, 1}, layout, type);
    const heads::Head wh = head_of(numbers.wh, layout, type);
    const heads::Head offset = head_of(numbers.offset, layout, type);
    centerdecode::BoxHeads parts{heatmap.view(), wh.view(), offset.view()};
    if (numbers.offset.empty()) parts.offset.data = nullptr;
    const std::int64_t index = layout == Layout::nchw ? (2 * 4 + 1) * 5 + 3 : (1 * 5 + 3) * 3 + 2;
    Box box;
    const centerdecode::Cell cell = centerdecode::cell_of(parts.heatmap, {1.0F, index});
    centerdecode::decode_box(parts, rule, placement, cell, box.data());
    return box;
}

// NaN equals NaN here.
void check_box(const char* what, const Box& found, const Box& expected) {
    for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i] == expected[i] || (std::isnan(found[i]) && std::isnan(expected[i])), what, i,
              found[i], expected[i]);
}

// At stride 4 this center is (13, 6).
const std::vector<float> offset = {0.25F, 0.5F};

void check_encodings() {
    BoxRule ltrb;
    ltrb.encoding = BoxEncoding::ltrb;
    BoxRule pixels;
    pixels.units = BoxUnits::pixels;
    check_box("wh", decode({{6, 2}, offset}, {}), {1, 2, 25, 10});
    check_box("ltrb", decode({{1, 0.5F, 2, 1}, offset}, ltrb), {9, 4, 21, 10});
    check_box("pixels", decode({{6, 2}, offset}, pixels), {10, 5, 16, 7});
    BoxRule corners;
    corners.encoding = BoxEncoding::corners;
    check_box("corners", decode({{-1, 0.5F, 2, 1}, offset}, corners), {9, 8, 21, 10});
    ltrb.units = BoxUnits::pixels;
    check_box("ltrb, pixels", decode({{1, 0.5F, 2, 1}, offset}, ltrb), {12, 5.5F, 15, 7});
}

void check_axes() {
    BoxRule yx;
    yx.axes = centerdecode::Axes::yx;
    check_box("yx", decode({{2, 6}, {0.5F, 0.25F}}, yx), {1, 2, 25, 10});
    yx.encoding = BoxEncoding::ltrb;
    check_box("tlbr", decode({{0.5F, 1, 1, 2}, {0.5F, 0.25F}}, yx), {9, 4, 21, 10});
}

void check_activations() {
    BoxRule exp;
    exp.activation = BoxActivation::exp;
    BoxRule relu;
    relu.activation = BoxActivation::relu;
    check_box("exp", decode({{0, -heads::inf}, offset}, exp), {11, 6, 15, 6});
    check_box("relu", decode({{-6, 2}, offset}, relu), {13, 2, 13, 10});
    check_box("relu of NaN", decode({{heads::nan, 2}, offset}, relu),
              {heads::nan, 2, heads::nan, 10});
    check_box("negative", decode({{-6, 2}, offset}, {}), {25, 2, 1, 10});
}

void check_centers() {
    BoxRule shifted;
    shifted.center_shift = 0.5;
    check_box("no offset", decode({{6, 2}, {}}, {}), {0, 0, 24, 8});
    check_box("shifted", decode({{6, 2}, {}}, shifted), {2, 2, 26, 10});
    check_box("shifted and offset", decode({{6, 2}, offset}, shifted), {3, 4, 27, 12});
    BoxRule stride;
    stride.stride = 0.5;
    check_box("stride", decode({{6, 2}, offset}, stride), {0.125F, 0.25F, 3.125F, 1.25F});
}

void check_class_specific() {
    BoxRule rule;
    rule.class_specific = true;
    const float n = heads::nan;
    check_box("wh of class 2", decode({{n, n, n, n, 6, 2}, offset}, rule), {1, 2, 25, 10});
    rule.encoding = BoxEncoding::ltrb;
    check_box("ltrb of class 2", decode({{n, n, n, n, n, n, n, n, 1, 0.5F, 2, 1}, offset}, rule),
              {9, 4, 21, 10});
    CHECK(centerdecode::box_channels(BoxEncoding::wh) == 2);
    CHECK(centerdecode::box_channels(BoxEncoding::ltrb) == 4);
}

void check_placements() {
    const centerdecode::ImageSize size{20, 40};  // height, width
    const centerdecode::Transform zoom{{{2, 0, 1}, {0, 3, -7}}};
    const centerdecode::Transform exchange{{{0, 1, 0}, {1, 0, 0}}};
    const Placement placed{&zoom, nullptr};
    const Placement clipped{&zoom, &size};
    const Numbers numbers{{6, 2}, offset};
    check_box("placed", decode(numbers, {}, placed), {3, -1, 51, 23});
    check_box("clipped", decode(numbers, {}, clipped), {3, 0, 40, 20});
    check_box("only clipped", decode({{6, 8}, offset}, {}, {nullptr, &size}), {1, 0, 25, 20});
    check_box("axes exchanged", decode(numbers, {}, {&exchange, nullptr}), {2, 1, 10, 25});
    check_box("NaN", decode({{heads::nan, 2}, offset}, {}, clipped),
              {heads::nan, 0, heads::nan, 20});
    // What is infinite along x must not make y NaN.
    check_box("infinite", decode({{heads::inf, 2}, offset}, {}, placed),
              {-heads::inf, -1, heads::inf, 23});
    check_box("infinite, clipped", decode({{heads::inf, 2}, offset}, {}, clipped), {0, 0, 40, 20});
}

}  // namespace

int main() {
    check_encodings();
    check_axes();
    check_activations();
    check_centers();
    check_class_specific();
    check_placements();
    for (const Layout layout : {Layout::nchw, Layout::nhwc})
        for (const ElementType type : heads::element_types)
            check_box("every layout and type", decode({{6, 2}, offset}, {}, {}, layout, type),
                      {1, 2, 25, 10});
    return check::result();
}
