// Merged heads are the means of a head and its mirrored one, and no cell less is a peak.
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/mirror.hpp>

#include <cmath>
#include <cstring>
#include <iterator>
#include <vector>

namespace {

using centerdecode::Activation;
using centerdecode::Axes;
using centerdecode::BoxRule;
using centerdecode::ElementType;
using centerdecode::KeypointPair;
using centerdecode::KeypointRule;
using centerdecode::Layout;
using centerdecode::MirroredChannels;
using centerdecode::MirroredPair;
using centerdecode::TensorView;

const heads::Storage storages[] = {
    {{{{'c'}, {'y'}, {'x'}}}},
    {{{{'y'}, {'x'}, {'c'}}}},
    {{{{'x', 1}, {'c', 0, true}, {'y', 2, true}}}, 1},
};

const heads::Shape shapes[] = {{5, 3, 8}, {5, 2, 7}, {5, 1, 1}, {5, 0, 4}, {5, 4, 0}, {0, 2, 3}};

bool same(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

// Both NaN, or the same to the last bit.
bool agree(float a, float b) { return same(a, b) || (std::isnan(a) && std::isnan(b)); }

// Where cell (c, y, x) is in a contiguous map of the layout.
std::size_t index_of(const TensorView& view, std::int64_t c, std::int64_t y, std::int64_t x) {
    const bool planar = view.layout == Layout::nchw;
    return static_cast<std::size_t>(planar ? (c * view.height + y) * view.width + x
                                           : (y * view.width + x) * view.channels + c);
}

// expected(image, mirror, c) of every cell, the mirror's read at the mirrored cell.
template <class Expected>
void check_map(const std::vector<float>& map, const MirroredPair& pair,
               const MirroredChannels& channels, const Expected& expected) {
    const TensorView& view = pair.image;
    for (std::int64_t c = 0; c < view.channels; ++c)
        for (std::int64_t y = 0; y < view.height; ++y)
            for (std::int64_t x = 0; x < view.width; ++x) {
                const auto& there = channels[static_cast<std::size_t>(c)];
                const float image = reference::read(view, c, y, x);
                const float mirror =
                    reference::read(pair.mirror, there.channel, y, view.width - 1 - x);
                const float found = map[index_of(view, c, y, x)];
                CHECK(agree(found, expected(image, mirror, there)), c, y, x, found, image, mirror);
            }
}

void check_scores(const MirroredPair& pair, float least, Activation activation) {
    const TensorView& view = pair.image;
    const MirroredChannels classes = centerdecode::mirror_classes(view.channels);
    std::vector<float> map(static_cast<std::size_t>(view.channels * view.height * view.width));
    centerdecode::merge_scores(pair, classes, activation, least, map.data());
    const auto score = [&](float raw) {
        if (activation == Activation::none) return raw;
        return static_cast<float>(1.0 / (1.0 + std::exp(-static_cast<double>(raw))));
    };
    check_map(map, pair, classes, [&](float image, float mirror, const auto&) {
        if (image < least && mirror < least) return -heads::inf;
        const double sum = static_cast<double>(score(image)) + static_cast<double>(score(mirror));
        return static_cast<float>(sum / 2);
    });
}

void check_numbers(const MirroredPair& pair) {
    const TensorView& view = pair.image;
    const MirroredChannels channels = {{4}, {1, -1.0}, {3, -1.0, 1.0}, {2}, {0}};
    std::vector<float> map(static_cast<std::size_t>(view.channels * view.height * view.width));
    centerdecode::merge_numbers(pair, channels, map.data());
    check_map(map, pair, channels, [](float image, float mirror, const auto& there) {
        const double turned = there.sign * static_cast<double>(mirror) + there.origin;
        return static_cast<float>((static_cast<double>(image) + turned) / 2);
    });
}

void check_maps() {
    heads::Random random;
    for (const heads::Storage& storage : storages)
        for (const ElementType type : heads::element_types)
            for (const Layout layout : {Layout::nchw, Layout::nhwc})
                for (const heads::Shape& shape : shapes)
                    for (const heads::Fill& fill : heads::fills) {
                        heads::Head image(type, layout, shape, storage);
                        heads::Head mirror(type, layout, shape, storage);
                        for (heads::Head* head : {&image, &mirror})
                            head->fill([&](auto...) { return fill.next(type, random); });
                        const MirroredPair pair{image.view(), mirror.view()};
                        check_numbers(pair);
                        for (const float least :
                             {-heads::inf, -0.7F, 0.0F, 0.3F, 1.0F, heads::inf, heads::nan})
                            for (const auto activation : {Activation::sigmoid, Activation::none})
                                check_scores(pair, least, activation);
                    }
}

void check_negative_nan() {
    const std::uint32_t patterns[] = {0xffc00000U, 0xfe00U, 0xffc0U};  // of the element types
    for (std::size_t i = 0; i < std::size(patterns); ++i)
        for (const Layout layout : {Layout::nchw, Layout::nhwc}) {
            heads::Head head(heads::element_types[i], layout, {2, 2, 3},
                             storages[layout == Layout::nchw ? 0 : 1]);
            head.fill([&](auto...) { return patterns[i]; });
            check_scores({head.view(), head.view()}, 1.0F, Activation::none);
        }
}

struct Table {
    std::vector<std::int64_t> channels;
    std::vector<double> signs;    // repeated
    std::vector<double> origins;  // repeated
};

void check_channels(const char* what, const MirroredChannels& found, const Table& table) {
    CHECK(found.size() == table.channels.size(), what, found.size());
    for (std::size_t c = 0; c < table.channels.size(); ++c) {
        CHECK(found[c].channel == table.channels[c], what, c, found[c].channel);
        CHECK(found[c].sign == table.signs[c % table.signs.size()], what, c, found[c].sign);
        CHECK(found[c].origin == table.origins[c % table.origins.size()], what, c, found[c].origin);
    }
}

void check_sizes() {
    BoxRule box;
    const auto sizes = [&](bool has_offset, std::int64_t channels) {
        return centerdecode::mirror_sizes(box, has_offset, channels);
    };
    check_channels("wh", sizes(false, 2), {{0, 1}, {1}, {0}});
    box.encoding = centerdecode::BoxEncoding::ltrb;
    const std::vector<std::int64_t> ltrb = {2, 1, 0, 3, 6, 5, 4, 7};
    check_channels("ltrb", sizes(true, 8), {ltrb, {1}, {0}});
    box.center_shift = 0;
    check_channels("ltrb from the cell", sizes(false, 8), {ltrb, {1}, {-1, 0, 1, 0}});
    box.encoding = centerdecode::BoxEncoding::corners;
    check_channels("corners", sizes(false, 8), {ltrb, {-1, 1, -1, 1}, {1, 0, 1, 0}});
    check_channels("corners from the center", sizes(true, 8), {ltrb, {-1, 1, -1, 1}, {0}});
    box.encoding = centerdecode::BoxEncoding::ltrb;
    box.units = centerdecode::BoxUnits::pixels;
    box.center_shift = 0.25;
    check_channels("in pixels", sizes(false, 8), {ltrb, {1}, {-2, 0, 2, 0}});
    box.center_shift = 0.5;
    check_channels("from the middle", sizes(false, 8), {ltrb, {1}, {0}});
    box.axes = Axes::yx;
    box.center_shift = 0;
    check_channels("tlbr", sizes(false, 4), {{0, 3, 2, 1}, {1}, {0, -4, 0, 4}});
}

void check_keypoints() {
    const std::vector<KeypointPair> pairs = {{0, 2}};
    const auto keypoints = [&](const KeypointRule& rule) {
        return centerdecode::mirror_keypoints(rule, pairs, 6);
    };
    KeypointRule rule;
    check_channels("keypoints", keypoints(rule), {{4, 5, 2, 3, 0, 1}, {-1, 1}, {0}});
    rule.axes = Axes::yx;
    rule.frame = centerdecode::KeypointFrame::box;
    check_channels("yx, box", keypoints(rule), {{4, 5, 2, 3, 0, 1}, {1, -1}, {0, 1}});
    rule.order = centerdecode::KeypointOrder::planar;
    check_channels("planar yx", keypoints(rule),
                   {{2, 1, 0, 5, 4, 3}, {1, 1, 1, -1, -1, -1}, {0, 0, 0, 1, 1, 1}});
    check_channels("heatmap", centerdecode::mirror_keypoint_heatmap(pairs, 4),
                   {{2, 1, 0, 3}, {1}, {0}});
}

}  // namespace

int main() {
    check_maps();
    check_negative_nan();
    check_sizes();
    check_keypoints();
    return check::result();
}
