// All 65536 patterns of both 16-bit formats against the definition of the format.
#include "kernels/kernels.hpp"
#include "peaks/elements.hpp"
#include "peaks/isa_table.hpp"
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/isa.hpp>

#include <array>
#include <cmath>
#include <cstring>

namespace {

using centerdecode::ElementType;
namespace kernels = centerdecode::kernels;

bool same_bits(float a, float b) {
    return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0;
}

void check_one_element(std::uint16_t pattern, ElementType type) {
    std::byte bytes[2];
    std::memcpy(bytes, &pattern, sizeof bytes);
    const float found = centerdecode::read_element(bytes, type);
    const float expected = reference::widen(pattern, type);
    CHECK(same_bits(found, expected), pattern, static_cast<int>(type), found, expected);
}

// Kernels keep what they widen in registers. But a block full of x reaches the
// threshold x, and not the next float after it: that pins every lane down.
void check_lanes(kernels::FindPeaks kernel, const char* isa, std::uint16_t pattern,
                 ElementType type) {
    std::array<std::uint16_t, kernels::largest_block> block{};
    block.fill(pattern);
    const auto length = static_cast<std::ptrdiff_t>(block.size());
    const kernels::Plane plane{reinterpret_cast<const std::byte*>(block.data()), 1, length,
                               2 * length, 1};
    const auto reach = [&](float threshold) {
        std::array<centerdecode::Peak, 2 * kernels::largest_block> out;  // room to the end
        std::ptrdiff_t cursor = 0;
        return kernel(plane, {threshold, 0, false}, 0, cursor, length, out.data(), out.size());
    };
    const float value = reference::widen(pattern, type);
    const bool number = !std::isnan(value);
    CHECK(reach(number ? value : -heads::inf) == (number ? block.size() : 0), isa, pattern, value);
    if (number && value < heads::inf)
        CHECK(reach(std::nextafter(value, heads::inf)) == 0, isa, pattern, value);
}

}  // namespace

int main() {
    for (std::uint32_t pattern = 0; pattern <= 0xffff; ++pattern)
        for (const ElementType type : {ElementType::f16, ElementType::bf16})
            check_one_element(static_cast<std::uint16_t>(pattern), type);

    for (const std::string& isa : centerdecode::supported_isas()) {
        centerdecode::set_isa(isa);
        const kernels::Table& table = centerdecode::active_table();
        for (std::uint32_t i = 0; i <= 0xffff; ++i) {
            const auto pattern = static_cast<std::uint16_t>(i);
            check_lanes(table.find_peaks_f16, table.name, pattern, ElementType::f16);
            check_lanes(table.find_peaks_bf16, table.name, pattern, ElementType::bf16);
        }
    }
    return check::result();
}
