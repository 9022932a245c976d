// The guess at a threshold is near, and where it is wrong the result is not.
#include "peaks/isa_table.hpp"
#include "peaks/sample.hpp"
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/isa.hpp>
#include <centerdecode/peaks.hpp>

#include <string>
#include <vector>

namespace {

using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::Peak;

constexpr heads::Shape shape{20, 130, 120};
constexpr std::int64_t elements = shape.channels * shape.height * shape.width;
constexpr std::size_t top_k = 100;

heads::Storage storage_of(Layout layout) {
    if (layout == Layout::nchw) return {{{{'c'}, {'y'}, {'x'}}}};
    return {{{{'y'}, {'x'}, {'c'}}}};
}

std::int64_t index_of(Layout layout, std::int64_t c, std::int64_t y, std::int64_t x) {
    return layout == Layout::nchw ? (c * shape.height + y) * shape.width + x
                                  : (y * shape.width + x) * shape.channels + c;
}

float guess(const heads::Head& head) {
    const centerdecode::Classes classes{shape.channels, nullptr};
    const bool interleaved = head.view().layout == Layout::nhwc;
    return centerdecode::guess_threshold({head.view(), classes, interleaved},
                                         centerdecode::active_table().find_peaks_f32,
                                         {-heads::inf, 1, true}, top_k);
}

// Is the index among those that the sample looks at? The same numbers as in
// sample.cpp; check_fooled holds that they are.
bool is_sampled(std::int64_t index) {
    const auto step = static_cast<std::int64_t>(elements * 0.6180339887498949);
    std::int64_t at = 0;
    for (std::int64_t i = 0; i < elements / (64 * 128); ++i, at = (at + step) % elements)
        if (index >= at && index < at + 128) return true;
    return false;
}

std::vector<Peak> peaks_of(const heads::Head& head, float threshold) {
    return reference::peaks_of(reference::Map(head.view()), head.view().layout, {}, threshold);
}

void check_find_peaks(const heads::Head& head, const std::vector<Peak>& all, const char* what) {
    std::vector<Peak> expected = all;
    reference::rank(expected);
    expected.resize(top_k);
    centerdecode::PeakOptions options;
    options.top_k = top_k;
    std::vector<Peak> found;
    centerdecode::find_peaks(head.view(), options, found);
    CHECK(reference::same(found, expected), what, centerdecode::active_isa());
}

// Of noise, more peaks than are wanted reach the guess, but not many more.
void check_near(Layout layout, heads::Random& random) {
    heads::Head head(ElementType::f32, layout, shape, storage_of(layout));
    head.fill([&](auto...) { return heads::noise(ElementType::f32, random); });
    const std::size_t reach = peaks_of(head, guess(head)).size();
    CHECK(reach >= top_k && reach <= 20 * top_k, reach);
    check_find_peaks(head, peaks_of(head, -heads::inf), "noise");
}

// What the sample sees is stronger than all the rest.
void check_fooled(Layout layout, heads::Random& random) {
    heads::Head head(ElementType::f32, layout, shape, storage_of(layout));
    std::int64_t strong = 0;
    head.fill([&](std::int64_t c, std::int64_t y, std::int64_t x) {
        const bool raised = is_sampled(index_of(layout, c, y, x)) && random() % 64 == 0;
        const float noise = static_cast<float>(random() % 4096) / 4096.0F;
        strong += raised ? 1 : 0;
        return reference::narrow(raised ? 2.0F + noise : -noise, ElementType::f32);
    });
    const std::size_t reach = peaks_of(head, guess(head)).size();
    CHECK(strong >= 8 && reach < top_k, strong, reach);  // or it is not fooled
    check_find_peaks(head, peaks_of(head, -heads::inf), "fooled");
}

}  // namespace

int main() {
    heads::Random random;
    for (const std::string& isa : centerdecode::supported_isas()) {
        centerdecode::set_isa(isa);
        for (const Layout layout : {Layout::nchw, Layout::nhwc}) {
            check_near(layout, random);
            check_fooled(layout, random);
        }
    }
    return check::result();
}
