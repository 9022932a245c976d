// find_peaks on heads that lie in memory in every way a tensor can, on every ISA.
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/isa.hpp>
#include <centerdecode/peaks.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace {

using centerdecode::Activation;
using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::Peak;
using centerdecode::PeakOptions;
using centerdecode::Plateaus;
using centerdecode::TensorView;
using heads::Shape;

struct Place {
    const char* name;
    heads::Storage storage;
};

const Place places[] = {
    {"planes", {{{{'c'}, {'y'}, {'x'}}}}},
    {"cells", {{{{'y'}, {'x'}, {'c'}}}}},
    {"transposed planes", {{{{'c'}, {'x'}, {'y'}}}}},
    {"columns of planes", {{{{'x'}, {'c'}, {'y'}}}}},
    {"planes, cut out", {{{{'c', 64}, {'y', 12}, {'x'}}}}},
    {"cells, cut out", {{{{'y', 36}, {'x'}, {'c'}}}}},
    {"some channels of cells", {{{{'y'}, {'x', 4}, {'c'}}}}},
    {"every other column", {{{{'c'}, {'y'}, {'x', 4}}}}},
    {"planes, flipped upside down", {{{{'c'}, {'y', 0, true}, {'x'}}}}},
    {"planes, mirrored", {{{{'c'}, {'y'}, {'x', 0, true}}}}},
    {"cells, all reversed", {{{{'y', 0, true}, {'x', 0, true}, {'c', 0, true}}}}},
    {"planes in reverse", {{{{'c', 0, true}, {'y'}, {'x'}}}}},
    {"an item of a batch", {{{{'c'}, {'y'}, {'x'}}}, 4 * 1000}},
    {"planes, unaligned", {{{{'c', 1}, {'y', 1}, {'x'}}}, 1}},
    {"cells, unaligned", {{{{'y', 3}, {'x'}, {'c'}}}, 3}},
};

// Height and width differ, so that a swapped axis shows. In some, a row of all channels is
// hardly longer than a vector.
const Shape shapes[] = {{1, 1, 1},  {3, 5, 7},   {2, 4, 40},  {5, 1, 33}, {4, 33, 1},
                        {1, 9, 66}, {3, 20, 70}, {10, 12, 1}, {5, 14, 2}, {3, 13, 3},
                        {9, 15, 2}, {0, 3, 3},   {3, 0, 4},   {2, 3, 0}};

struct Case {
    const Place& place;
    const heads::Fill& fill;
    const TensorView& view;
    const PeakOptions& options;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
    out << c.place.name << " of " << c.fill.name << " type " << static_cast<int>(c.view.type)
        << " nchw " << (c.view.layout == Layout::nchw) << ' ' << c.view.channels << 'x'
        << c.view.height << 'x' << c.view.width << " top_k " << c.options.top_k << " threshold "
        << c.options.score_threshold << " sigmoid " << (c.options.activation == Activation::sigmoid)
        << " first " << (c.options.plateaus == Plateaus::first) << " window " << c.options.window
        << " tolerance " << c.options.tolerance << " best_class " << c.options.best_class
        << " most_per_class " << c.options.most_per_class << " classes";
    if (!c.options.classes) return out << " all";
    for (const std::int64_t id : *c.options.classes) out << ' ' << id;
    return out;
}

std::optional<std::vector<std::int64_t>> some_classes(std::int64_t channels,
                                                      heads::Random& random) {
    if (random() % 2 == 0) return std::nullopt;
    std::vector<std::int64_t> ids;
    for (std::int64_t id = 0; id < channels; ++id)
        if (random() % 2 == 0) ids.push_back(id);
    return ids;
}

PeakOptions some_options(std::int64_t channels, heads::Random& random) {
    const std::size_t top_ks[] = {0, 1, 5, 100, 100000};
    const double thresholds[] = {-1.0, 0.0, 0.5, 0.7, 1.0, 1.5, heads::nan};
    const std::int64_t windows[] = {1, 3, 3, 5, 15};
    PeakOptions options;
    options.top_k = top_ks[random() % std::size(top_ks)];
    options.score_threshold = thresholds[random() % std::size(thresholds)];
    options.activation = random() % 2 == 0 ? Activation::none : Activation::sigmoid;
    options.plateaus = random() % 2 == 0 ? Plateaus::first : Plateaus::keep;
    options.window = windows[random() % std::size(windows)];
    options.classes = some_classes(channels, random);
    options.best_class = random() % 4 == 0;
    if (random() % 4 == 0) options.most_per_class = random() % 8;
    if (random() % 4 == 0) options.tolerance = 0.5F;
    return options;
}

struct ChannelAndCell {
    std::int64_t channel;
    std::int64_t cell;
};

ChannelAndCell place_of(const TensorView& view, const Peak& peak) {
    const std::int64_t plane = view.height * view.width;
    if (view.layout == Layout::nchw) return {peak.index / plane, peak.index % plane};
    return {peak.index % view.channels, peak.index / view.channels};
}

bool is_wanted(const PeakOptions& options, std::int64_t channel) {
    if (!options.classes) return true;
    const auto& ids = *options.classes;
    return std::find(ids.begin(), ids.end(), channel) != ids.end();
}

double score(float value, Activation activation) {
    if (activation == Activation::none) return value;
    return static_cast<float>(1.0 / (1.0 + std::exp(-static_cast<double>(value))));
}

// Of ranked peaks the strongest of each cell, and of these the strongest of each class.
std::vector<Peak> thinned(const TensorView& view, const PeakOptions& options,
                          const std::vector<Peak>& peaks) {
    std::set<std::int64_t> cells;
    std::map<std::int64_t, std::size_t> counts;
    std::vector<Peak> kept;
    for (const Peak& peak : peaks) {
        const auto [channel, cell] = place_of(view, peak);
        const bool is_best = cells.insert(cell).second;
        if (options.best_class && !is_best) continue;
        if (++counts[channel] <= options.most_per_class) kept.push_back(peak);
    }
    return kept;
}

// What find_peaks should give: all peaks, less those too weak or not asked for,
// sorted, thinned, cut off.
std::vector<Peak> expected_peaks(const TensorView& view, const PeakOptions& options) {
    const reference::Rule rule{options.window / 2, options.plateaus, options.tolerance};
    std::vector<Peak> peaks =
        reference::peaks_of(reference::Map(view), view.layout, rule, -heads::inf);
    const auto is_unwanted = [&](const Peak& peak) {
        return !is_wanted(options, place_of(view, peak).channel) ||
               !(score(peak.value, options.activation) >= options.score_threshold);
    };
    peaks.erase(std::remove_if(peaks.begin(), peaks.end(), is_unwanted), peaks.end());
    reference::rank(peaks);
    peaks = thinned(view, options, peaks);
    peaks.resize(std::min(peaks.size(), options.top_k));
    return peaks;
}

void check_cell(const Case& c, const Peak& peak) {
    const centerdecode::Cell cell = centerdecode::cell_of(c.view, peak);
    const bool exists = cell.class_id >= 0 && cell.class_id < c.view.channels && cell.y >= 0 &&
                        cell.y < c.view.height && cell.x >= 0 && cell.x < c.view.width;
    const std::int64_t index =
        c.view.layout == Layout::nchw
            ? (cell.class_id * c.view.height + cell.y) * c.view.width + cell.x
            : (cell.y * c.view.width + cell.x) * c.view.channels + cell.class_id;
    CHECK(exists && index == peak.index, peak.index, cell.class_id, cell.y, cell.x, c);
}

void check_case(const std::vector<std::string>& isas, const Case& c, std::vector<Peak>& found) {
    const std::vector<Peak> expected = expected_peaks(c.view, c.options);
    for (const std::string& isa : isas) {
        centerdecode::set_isa(isa);
        centerdecode::find_peaks(c.view, c.options, found);
        CHECK(reference::same(found, expected), isa, found.size(), expected.size(), c);
    }
    for (const Peak& peak : found) check_cell(c, peak);
}

}  // namespace

int main() {
    heads::Random random;
    const std::vector<std::string> isas = centerdecode::supported_isas();
    std::vector<Peak> found(7, {heads::inf, -1});  // whatever it held is replaced
    for (const Place& place : places)
        for (const Layout layout : {Layout::nchw, Layout::nhwc})
            for (const ElementType type : heads::element_types)
                for (const Shape& shape : shapes)
                    for (const heads::Fill& fill : heads::fills) {
                        heads::Head head(type, layout, shape, place.storage);
                        head.fill([&](auto...) { return fill.next(type, random); });
                        for (int i = 0; i < 6; ++i) {
                            const PeakOptions options = some_options(shape.channels, random);
                            check_case(isas, {place, fill, head.view(), options}, found);
                        }
                    }
    return check::result();
}
