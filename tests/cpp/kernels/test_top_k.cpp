// Maps made to be hard for a bounded selection give what a sort of all peaks gives.
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/isa.hpp>
#include <centerdecode/peaks.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace {

using centerdecode::Activation;
using centerdecode::Layout;
using centerdecode::Peak;
using centerdecode::PeakOptions;
using centerdecode::Plateaus;

constexpr heads::Shape shape{3, 61, 90};
constexpr std::int64_t cells = shape.channels * shape.height * shape.width;

// The value of the n-th cell, in the order in which the scan meets them.
struct Adversary {
    const char* name;
    float (*value)(std::int64_t n);
};

const Adversary adversaries[] = {
    {"ramp", [](std::int64_t n) { return static_cast<float>(n); }},
    {"falling ramp", [](std::int64_t n) { return static_cast<float>(-n); }},
    {"rising peaks", [](std::int64_t n) { return n % 2 == 0 ? -1.0F : static_cast<float>(n); }},
    {"falling peaks", [](std::int64_t n) { return n % 2 == 0 ? -1e6F : static_cast<float>(-n); }},
    {"equal", [](std::int64_t) { return 2.0F; }},
    {"infinite", [](std::int64_t) { return heads::inf; }},
    {"lowest", [](std::int64_t) { return -heads::inf; }},
    {"checkerboard", [](std::int64_t n) { return (n / shape.width + n) % 2 == 0 ? 0.0F : 1.0F; }},
    {"zeros of both signs", [](std::int64_t n) { return n % 3 == 0 ? 0.0F : -0.0F; }},
    {"nothing but NaN", [](std::int64_t) { return heads::nan; }},
    {"infinite in the end", [](std::int64_t n) { return n < cells - 700 ? 1.0F : heads::inf; }},
    {"equal, then better by one bit",
     [](std::int64_t n) { return n < cells / 2 ? 1.0F : 1.0F + 0x1p-23F; }},
};

heads::Head make_head(const Adversary& adversary, Layout layout, bool strided) {
    const heads::Storage storages[] = {
        {{{{'c'}, {'y'}, {'x', strided ? 4 : 0}}}},
        {{{{'y'}, {'x', strided ? 4 : 0}, {'c'}}}},
    };
    heads::Head head(centerdecode::ElementType::f32, layout, shape,
                     storages[layout == Layout::nchw ? 0 : 1]);
    head.fill([&](std::int64_t c, std::int64_t y, std::int64_t x) {
        const std::int64_t n = layout == Layout::nchw ? (c * shape.height + y) * shape.width + x
                                                      : (y * shape.width + x) * shape.channels + c;
        return reference::narrow(adversary.value(n), centerdecode::ElementType::f32);
    });
    return head;
}

void check_selection(const heads::Head& head, const char* name, PeakOptions options) {
    std::vector<Peak> all =
        reference::peaks_of(reference::Map(head.view()), head.view().layout,
                            {options.window / 2, options.plateaus}, -heads::inf);
    reference::rank(all);
    // Around the sizes at which TopK grows and drops, and around what there is.
    std::vector<std::size_t> top_ks = {0, 1, 100, 511, 512, 513, 5000, all.size(), all.size() + 1};
    top_ks.push_back(std::numeric_limits<std::size_t>::max());
    for (const std::size_t top_k : top_ks) {
        options.top_k = top_k;
        std::vector<Peak> expected = all;
        expected.resize(std::min(top_k, all.size()));
        std::vector<Peak> found;
        centerdecode::find_peaks(head.view(), options, found);
        CHECK(reference::same(found, expected), name, centerdecode::active_isa(),
              head.view().layout == Layout::nchw, top_k, all.size(), options.window,
              options.plateaus == Plateaus::first, found.size());
    }
}

}  // namespace

int main() {
    for (const Adversary& adversary : adversaries)
        for (const Layout layout : {Layout::nchw, Layout::nhwc})
            for (const bool strided : {false, true}) {
                const heads::Head head = make_head(adversary, layout, strided);
                for (const std::string& isa : centerdecode::supported_isas())
                    for (const Plateaus plateaus : {Plateaus::first, Plateaus::keep})
                        for (const std::int64_t window : {1, 3}) {
                            centerdecode::set_isa(isa);
                            PeakOptions options;
                            options.score_threshold = -heads::inf;
                            options.activation = Activation::none;
                            options.plateaus = plateaus;
                            options.window = window;
                            check_selection(head, adversary.name, options);
                        }
            }
    return check::result();
}
