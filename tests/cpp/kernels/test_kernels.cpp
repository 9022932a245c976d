// Every kernel table that runs here against the plain loops of reference.hpp, to
// the last bit. Buffers have their exact size, input and output: run under ASan.
#include "kernels/kernels.hpp"
#include "peaks/isa_table.hpp"
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/isa.hpp>

#include <memory>
#include <ostream>
#include <vector>

namespace {

using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::Peak;
using centerdecode::Plateaus;
namespace kernels = centerdecode::kernels;

struct Case {
    ElementType type;
    std::int64_t height;
    std::int64_t width;    // cells
    std::int64_t step;     // channels of a cell
    bool reversed;         // rows, which makes row_stride negative
    bool gap;              // between rows
    std::ptrdiff_t shift;  // bytes from where memory begins, which is a multiple of 16
    const heads::Fill* fill;
    std::int64_t radius;
    Plateaus plateaus;
    float threshold;
    std::size_t room;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << "type " << static_cast<int>(c.type) << ' ' << c.height << 'x' << c.width << 'x'
               << c.step << " reversed " << c.reversed << " gap " << c.gap << " shift " << c.shift
               << " fill " << c.fill->name << " radius " << c.radius << " first "
               << (c.plateaus == Plateaus::first) << " threshold " << c.threshold << " room "
               << c.room;
}

// Every one of them, so that the neighbourhood of 0, 1, 2 and 3 vectors of each
// ISA is there, and of one block.
std::vector<std::int64_t> widths() {
    std::vector<std::int64_t> widths;
    for (std::int64_t width = 0; width <= 3 * 16 + 1; ++width) widths.push_back(width);
    for (const std::int64_t width : {62, 63, 64, 65, 66, 127, 128, 129}) widths.push_back(width);
    return widths;
}

std::vector<const kernels::Table*> tables() {
    std::vector<const kernels::Table*> tables;
    for (const std::string& isa : centerdecode::supported_isas()) {
        centerdecode::set_isa(isa);
        tables.push_back(&centerdecode::active_table());
    }
    return tables;
}

kernels::FindPeaks kernel_of(const kernels::Table& table, ElementType type) {
    if (type == ElementType::f32) return table.find_peaks_f32;
    return type == ElementType::f16 ? table.find_peaks_f16 : table.find_peaks_bf16;
}

// A row holds the cells side by side, and each cell its channels: where there is
// only one of these, NCHW and NHWC are the same.
heads::Head make_head(const Case& c, heads::Random& random) {
    const std::ptrdiff_t size = c.type == ElementType::f32 ? 4 : 2;
    heads::Head head(c.type, Layout::nhwc, {c.step, c.height, c.width},
                     {{{{'y', c.gap ? 3 * size : 0, c.reversed}, {'x'}, {'c'}}}, c.shift});
    head.fill([&](auto...) { return c.fill->next(c.type, random); });
    return head;
}

// Calls the kernel until it is through, with a stop on the way.
std::vector<Peak> scan(kernels::FindPeaks kernel, const Case& c, const kernels::Plane& plane) {
    constexpr std::int64_t base = std::int64_t{1} << 40;
    const kernels::Rule rule{c.threshold, c.radius, c.plateaus == Plateaus::first};
    const std::ptrdiff_t end = plane.height * plane.row_length;
    std::ptrdiff_t cursor = 0;
    std::vector<Peak> found;
    for (const std::ptrdiff_t stop : {end / 3, end})
        while (cursor < stop) {
            const std::unique_ptr<Peak[]> out(new Peak[c.room]);
            const std::ptrdiff_t before = cursor;
            const std::size_t count = kernel(plane, rule, base, cursor, stop, out.get(), c.room);
            for (std::size_t i = 0; i < count; ++i)
                found.push_back({out[i].value, out[i].index - base});
            const bool full = count + kernels::largest_block > c.room;
            CHECK(count <= c.room && (cursor == stop || (cursor > before && full)), cursor, c);
            if (cursor == before) return found;  // or it would never end
        }
    return found;
}

void check_case(const std::vector<const kernels::Table*>& tables, const Case& c,
                const heads::Head& head, const reference::Map& map) {
    const centerdecode::TensorView& view = head.view();
    const kernels::Plane plane{view.data, c.height, c.width * c.step, view.row_stride, c.step};
    const std::vector<Peak> expected =
        reference::peaks_of(map, Layout::nhwc, {c.radius, c.plateaus}, c.threshold);
    for (const kernels::Table* table : tables) {
        const std::vector<Peak> found = scan(kernel_of(*table, c.type), c, plane);
        CHECK(reference::same(found, expected), table->name, found.size(), expected.size(), c);
    }
}

// All rules on one shape and fill; where it lies, the threshold and the room
// take turns.
void check_head(const std::vector<const kernels::Table*>& tables, Case c, heads::Random& random) {
    const float thresholds[] = {-heads::inf, 0.0F, 1.0F, heads::inf, heads::nan};
    const std::size_t rooms[] = {kernels::largest_block, kernels::largest_block + 1,
                                 3 * kernels::largest_block, 100 * kernels::largest_block};
    c.reversed = random() % 2 == 0;
    c.gap = random() % 2 == 0;
    c.shift = static_cast<std::ptrdiff_t>(random() % 2);
    const heads::Head head = make_head(c, random);
    const reference::Map map(head.view());
    for (c.radius = 0; c.radius <= 2; ++c.radius)
        for (const Plateaus plateaus : {Plateaus::first, Plateaus::keep}) {
            c.plateaus = plateaus;
            c.threshold = thresholds[random() % std::size(thresholds)];
            c.room = rooms[random() % std::size(rooms)];
            check_case(tables, c, head, map);
        }
}

// Planes that are large enough to be scanned along the lines of the cache, wherever in one
// they begin.
void check_lines(const std::vector<const kernels::Table*>& tables, ElementType type,
                 heads::Random& random) {
    for (std::ptrdiff_t shift = 0; shift <= 64; ++shift)
        for (const heads::Fill& fill : heads::fills) {
            Case c{type, 31, 67, 1, false, false, shift, &fill, 1, Plateaus::first, 0.0F, 0};
            c.room = (shift % 2 == 0 ? 2 : 40) * kernels::largest_block;
            const heads::Head head = make_head(c, random);
            check_case(tables, c, head, reference::Map(head.view()));
        }
}

}  // namespace

int main() {
    heads::Random random;
    const auto all = tables();
    CHECK(!all.empty());
    for (const ElementType type : heads::element_types)
        for (const std::int64_t width : widths())
            for (const std::int64_t height : {0, 1, 2, 3, 5})
                for (const std::int64_t step : {1, 2, 3, 5})
                    for (const heads::Fill& fill : heads::fills) {
                        Case c{};
                        c.type = type;
                        c.height = height;
                        c.width = width;
                        c.step = step;
                        c.fill = &fill;
                        check_head(all, c, random);
                    }
    for (const ElementType type : heads::element_types) check_lines(all, type, random);
    return check::result();
}
