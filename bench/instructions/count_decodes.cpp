// Decodes a fixed set of heads, for callgrind to count instructions: it is run with
// --collect-atstart=no, and dumps a profile after each case, named as the case.
// Heads are made of integers alone, so that they are the same everywhere.
#include <centerdecode/boxes.hpp>
#include <centerdecode/isa.hpp>
#include <centerdecode/peaks.hpp>

#include <valgrind/callgrind.h>

#include <cstdint>
#include <cstring>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

namespace {

using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::TensorView;

struct Shape {
    std::int64_t channels;
    std::int64_t height;
    std::int64_t width;
    std::int64_t size() const { return channels * height * width; }
};

// Logits in eighths, which every element type holds exactly.
using Fill = int (*)(std::uint32_t random, std::int64_t index);

// As a trained model has them: far below, and every 4096th cell somewhere around a half.
int typical(std::uint32_t random, std::int64_t) {
    const int spread = static_cast<int>(random >> 12 & 31U);
    return random % 4096 == 0 ? spread - 20 : -56 - spread;
}

// Each cell on its own, so that every ninth is a peak, and one in 32768 reaches 0.1.
int noise(std::uint32_t random, std::int64_t) {
    return random % 32768 == 0 ? -8 : -120 + static_cast<int>(random >> 15 & 63U);
}

// Every fourth cell is a peak, and beats all before it.
int rising(std::uint32_t, std::int64_t index) {
    const bool between = index % 2 != 0 || index / 128 % 2 != 0;
    return between ? -1000 : static_cast<int>(index);
}

struct Case {
    const char* name;
    Shape shape;
    Fill fill;
    double score_threshold;
    ElementType type = ElementType::f32;
    Layout layout = Layout::nchw;
    std::vector<std::int64_t> classes = {};  // empty: all
};

constexpr Shape coco{80, 128, 128};
constexpr Shape tracks{1, 152, 272};

const Case cases[] = {
    {"typical, 0.1", coco, typical, 0.1},
    {"typical, none", coco, typical, 0.0},
    {"typical f16, 0.1", coco, typical, 0.1, ElementType::f16},
    {"typical f16, none", coco, typical, 0.0, ElementType::f16},
    {"typical bf16, 0.1", coco, typical, 0.1, ElementType::bf16},
    {"typical bf16, none", coco, typical, 0.0, ElementType::bf16},
    {"typical NHWC, 0.1", coco, typical, 0.1, ElementType::f32, Layout::nhwc},
    {"typical NHWC, none", coco, typical, 0.0, ElementType::f32, Layout::nhwc},
    {"noise, 0.1", coco, noise, 0.1},
    {"noise, none", coco, noise, 0.0},
    {"rising, none", coco, rising, 0.0},
    {"one class of 80", coco, typical, 0.1, ElementType::f32, Layout::nchw, {0}},
    {"1x152x272, 0.1", tracks, typical, 0.1},
    {"1x152x272, none", tracks, typical, 0.0},
};

void store(std::byte* place, ElementType type, int eighths) {
    const float value = static_cast<float>(eighths) / 8;
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    if (type == ElementType::f32) {
        std::memcpy(place, &bits, sizeof bits);
        return;
    }
    // The mantissas are short, so that cutting them off is exact.
    std::uint16_t narrow = static_cast<std::uint16_t>(bits >> 16);
    if (type == ElementType::f16 && value != 0)
        narrow = static_cast<std::uint16_t>((bits >> 16 & 0x8000U) |
                                            ((bits >> 13 & 0x3ffffU) - (112U << 10)));
    std::memcpy(place, &narrow, sizeof narrow);
}

TensorView view_of(const std::byte* data, ElementType type, Layout layout, const Shape& shape) {
    const std::ptrdiff_t element = type == ElementType::f32 ? 4 : 2;
    TensorView view{data, type, layout, shape.channels, shape.height, shape.width, 0, 0, 0};
    const bool planes = layout == Layout::nchw;
    view.column_stride = element * (planes ? 1 : shape.channels);
    view.row_stride = view.column_stride * shape.width;
    view.channel_stride = planes ? view.row_stride * shape.height : element;
    return view;
}

std::vector<std::byte> head_of(const Shape& shape, ElementType type, Fill fill) {
    const std::size_t element = type == ElementType::f32 ? 4 : 2;
    std::vector<std::byte> head(static_cast<std::size_t>(shape.size()) * element);
    std::uint32_t random = 1;
    for (std::int64_t i = 0; i < shape.size(); ++i) {
        random = random * 1664525U + 1013904223U;
        store(&head[static_cast<std::size_t>(i) * element], type, fill(random >> 8, i));
    }
    return head;
}

// What a decode of the case costs when its vectors have been used before. Returns the
// number of detections, and something of their boxes, so that nothing is left out.
double run(const Case& one, const std::string& name) {
    const std::vector<std::byte> heatmap = head_of(one.shape, one.type, one.fill);
    const Shape pair{2, one.shape.height, one.shape.width};
    const std::vector<std::byte> sizes = head_of(pair, one.type, typical);
    const TensorView size = view_of(sizes.data(), one.type, one.layout, pair);
    centerdecode::BoxHeads heads{view_of(heatmap.data(), one.type, one.layout, one.shape), size,
                                 size};
    centerdecode::PeakOptions options;
    options.score_threshold = one.score_threshold;
    if (!one.classes.empty()) options.classes = one.classes;
    std::vector<centerdecode::Peak> peaks;
    std::vector<float> xyxy(4 * options.top_k);
    double sum = 0;
    for (const bool counted : {false, true}) {
        if (counted) CALLGRIND_TOGGLE_COLLECT;
        centerdecode::find_peaks(heads.heatmap, options, peaks);
        for (std::size_t i = 0; i < peaks.size(); ++i)
            centerdecode::decode_box(heads, {}, {}, centerdecode::cell_of(heads.heatmap, peaks[i]),
                                     &xyxy[4 * i]);
        if (counted) CALLGRIND_TOGGLE_COLLECT;
        sum += static_cast<double>(peaks.size()) + static_cast<double>(xyxy[0]);
    }
    CALLGRIND_DUMP_STATS_AT(name.c_str());
    return sum;
}

}  // namespace

int main() {
    std::cout << "compiler: " << CENTERDECODE_COMPILER << '\n';
    for (const char* isa : {"avx2", "scalar"}) {
        centerdecode::set_isa(isa);
        for (const Case& one : cases) {
            const std::string name = std::string(isa) + ", " + one.name;
            std::cout << name << ": " << run(one, name) << '\n';
        }
    }
    return 0;
}
