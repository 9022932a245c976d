// A vector that is handed in again costs no allocation. This program counts every
// operator new, its own included.
#include "support/check.hpp"
#include "support/heads.hpp"

#include <centerdecode/isa.hpp>
#include <centerdecode/masks.hpp>
#include <centerdecode/peaks.hpp>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

namespace {

long allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
    throw std::bad_alloc();
}

void operator delete(void* p) noexcept { std::free(p); }

void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace {

using centerdecode::ElementType;
using centerdecode::Layout;

constexpr heads::Shape shape{20, 40, 50};

// One storage for each of the three scans of peaks.cpp.
struct Scan {
    const char* name;
    Layout layout;
    heads::Storage storage;
};

const Scan scans[] = {
    {"planes", Layout::nchw, {{{{'c'}, {'y'}, {'x'}}}}},
    {"interleaved", Layout::nhwc, {{{{'y'}, {'x'}, {'c'}}}}},
    {"strided", Layout::nchw, {{{{'y'}, {'x'}, {'c'}}}}},
};

void check_scan(const heads::Head& head, const char* name, std::size_t top_k) {
    centerdecode::PeakOptions options;
    options.top_k = top_k;
    options.classes = std::vector<std::int64_t>{1, 2, 19};
    for (const bool all : {false, true}) {
        if (all) options.classes.reset();
        std::vector<centerdecode::Peak> found;
        const long at_start = allocations;
        centerdecode::find_peaks(head.view(), options, found);
        const long warmed_up = allocations;
        centerdecode::find_peaks(head.view(), options, found);
        CHECK(warmed_up > at_start, name);  // or the counter does not count
        CHECK(allocations == warmed_up, name, all, top_k, allocations - warmed_up);
        CHECK(!found.empty(), name);
    }
}

void check_masks(heads::Head& head) {
    const centerdecode::TensorView& view = head.view();
    const centerdecode::MaskHeads masks{view, view, view};
    const centerdecode::MaskRule rule{9, 11, 0.0, centerdecode::Activation::sigmoid, 0, {}};
    std::vector<std::uint8_t> mask(99);
    std::vector<float> surface(198);
    centerdecode::MaskScratch scratch;
    const auto cut = [&](std::int32_t class_id) {
        const long before = allocations;
        centerdecode::cut_mask(masks, rule, {{0, 0}, {1, 1}}, class_id, scratch, mask.data(),
                               surface.data());
        return allocations - before;
    };
    CHECK(cut(0) > 0);
    for (const std::int32_t class_id : {0, 1, 0}) CHECK(cut(class_id) == 0, class_id);
}

}  // namespace

int main() {
    heads::Random random;
    for (const std::string& isa : centerdecode::supported_isas()) {
        centerdecode::set_isa(isa);
        for (const Scan& scan : scans)
            for (const ElementType type : heads::element_types) {
                heads::Head head(type, scan.layout, shape, scan.storage);
                head.fill([&](auto...) { return heads::noise(type, random); });
                for (const std::size_t top_k : {1U, 100U, 3000U, 1000000U})
                    check_scan(head, scan.name, top_k);
            }
    }
    heads::Head map(ElementType::f32, Layout::nchw, shape, scans[0].storage);
    map.fill([&](auto...) { return reference::narrow(1.0F, ElementType::f32); });
    check_masks(map);
    return check::result();
}
