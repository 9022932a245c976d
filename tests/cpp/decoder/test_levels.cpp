// Levels worked out by hand: a map of 2 classes, 2 rows and 3 columns.
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/levels.hpp>

#include <cmath>
#include <utility>
#include <vector>

namespace {

using centerdecode::Activation;
using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::Peak;

// `numbers` in the order of c, y, x.
heads::Head head_of(const std::vector<float>& numbers, std::int64_t channels, Layout layout) {
    const heads::Storage storage = layout == Layout::nchw ? heads::Storage{{{{'c'}, {'y'}, {'x'}}}}
                                                          : heads::Storage{{{{'y'}, {'x'}, {'c'}}}};
    heads::Head head(ElementType::f32, layout, {channels, 2, 3}, storage);
    head.fill([&](std::int64_t c, std::int64_t y, std::int64_t x) {
        return reference::narrow(numbers[static_cast<std::size_t>((c * 2 + y) * 3 + x)],
                                 ElementType::f32);
    });
    return head;
}

const std::vector<float> scores = {0.25F, 0.0625F, heads::nan, 0.0F,  0.25F, 0.01F,
                                   0.5F,  0.25F,   0.25F,      0.25F, 0.04F, 0.0F};
const std::vector<float> objects = {0.25F, 1.0F, 1.0F, heads::nan, 0.25F, 1.0F};

using Found = std::vector<std::pair<float, std::int64_t>>;

Found find(bool heatmap, bool agnostic, std::size_t top_k, double threshold,
           Layout layout = Layout::nchw, bool best_class = false) {
    const heads::Head map = head_of(scores, 2, layout);
    const heads::Head object = head_of(objects, 1, layout);
    centerdecode::LevelHeads parts;
    if (heatmap) parts.box.heatmap = map.view();
    if (agnostic) parts.agnostic = object.view();
    centerdecode::PeakOptions options;
    options.top_k = top_k;
    options.score_threshold = threshold;
    options.activation = Activation::none;
    options.window = 1;
    options.best_class = best_class;
    std::vector<Peak> peaks{{7.0F, 7}};  // to be replaced
    centerdecode::find_level_peaks(parts, options, peaks);
    Found found;
    for (const Peak& peak : peaks) found.emplace_back(peak.value, peak.index);
    return found;
}

void check_scores() {
    CHECK((find(true, false, 3, 0.05) == Found{{0.5F, 6}, {0.25F, 0}, {0.25F, 4}}));
    CHECK((find(false, true, 9, 0.3) == Found{{1.0F, 1}, {1.0F, 2}, {1.0F, 5}}));
    CHECK((find(false, true, 9, 0.05) ==
           Found{{1.0F, 1}, {1.0F, 2}, {1.0F, 5}, {0.5F, 0}, {0.5F, 4}}));
    // By their product; below the threshold, and beside a NaN, nothing is multiplied.
    const auto root = [](float a, float b) { return std::sqrt(a * b); };
    const Found all = {{0.5F, 7},  {0.5F, 8},  {root(0.5F, 0.25F), 6},
                       {0.25F, 0}, {0.25F, 1}, {0.25F, 4}};
    CHECK((find(true, true, 9, 0.05) == all));
    for (std::size_t k = 0; k < all.size(); ++k)
        CHECK((find(true, true, k, 0.05) ==
               Found(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(k))),
              k);
    CHECK(find(true, true, 9, 0.6).empty());
}

void check_layouts_and_classes() {
    CHECK((find(true, true, 3, 0.05, Layout::nhwc) ==
           Found{{0.5F, 3}, {0.5F, 5}, {std::sqrt(0.125F), 1}}));
    const Found best = find(true, true, 9, 0.05, Layout::nchw, true);
    CHECK((best == Found{{0.5F, 7}, {0.5F, 8}, {std::sqrt(0.125F), 6}, {0.25F, 4}}));
}

void check_boxes() {
    centerdecode::LevelHeads parts;
    centerdecode::BoxRule rule;
    rule.encoding = centerdecode::BoxEncoding::ltrb;
    rule.stride = 8.0;
    rule.center_shift = 0.5;
    const auto at = [&](std::vector<float> ltrb) {
        std::vector<float> numbers;
        for (const float number : ltrb) numbers.insert(numbers.end(), 6, number);
        const heads::Head wh = head_of(numbers, 4, Layout::nchw);
        parts.box.wh = wh.view();
        return centerdecode::read_level_box(parts, rule, {0, 1, 2});
    };
    const auto box = at({1, 0.5F, 2, 1});  // around (20, 12)
    CHECK(box.first.x == 12 && box.first.y == 8 && box.second.x == 36 && box.second.y == 20);
    const auto inverted = at({-1, 0, 0, 0});
    CHECK(inverted.second.x == 28 + 0.01 && inverted.second.y == 12 + 0.01);
}

}  // namespace

int main() {
    check_scores();
    check_layouts_and_classes();
    check_boxes();
    return check::result();
}
