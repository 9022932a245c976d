// gather reads every channel of a cell, wherever the head lies.
#include "check.hpp"
#include "heads.hpp"
#include "reference.hpp"

#include <centerdecode/gather.hpp>

#include <array>
#include <cstring>

namespace {

using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::TensorView;

const heads::Storage storages[] = {
    {{{{'c'}, {'y'}, {'x'}}}},
    {{{{'y'}, {'x'}, {'c'}}}},
    {{{{'x', 1}, {'c', 0, true}, {'y', 2, true}}}, 1},
};

void check_head(const TensorView& view) {
    for (std::int64_t y = 0; y < view.height; ++y)
        for (std::int64_t x = 0; x < view.width; ++x) {
            std::array<float, 4> out{};
            centerdecode::gather(view, y, x, out.data());
            for (std::int64_t c = 0; c < view.channels; ++c) {
                const float found = out[static_cast<std::size_t>(c)];
                const float expected = reference::read(view, c, y, x);
                CHECK(std::memcmp(&found, &expected, sizeof found) == 0, c, y, x, found, expected);
            }
        }
}

}  // namespace

int main() {
    heads::Random random;
    for (const heads::Storage& storage : storages)
        for (const ElementType type : heads::element_types) {
            heads::Head head(type, Layout::nchw, {4, 3, 5}, storage);
            head.fill([&](auto...) { return heads::noise(type, random); });
            check_head(head.view());
        }
    return check::result();
}
