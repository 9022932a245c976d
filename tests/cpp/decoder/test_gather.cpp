// gather reads every channel of a cell, wherever the head lies.
#include "support/check.hpp"
#include "support/heads.hpp"
#include "support/reference.hpp"

#include <centerdecode/gather.hpp>

#include <cstring>
#include <vector>

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
    std::vector<std::int32_t> ys;
    std::vector<std::int32_t> xs;
    for (std::int32_t y = 0; y < view.height; ++y)
        for (std::int32_t x = 0; x < view.width; ++x) {
            ys.push_back(y);
            xs.push_back(x);
        }
    std::vector<float> out(ys.size() * static_cast<std::size_t>(view.channels));
    centerdecode::gather(view, ys.data(), xs.data(), ys.size(), out.data());
    const float* found = out.data();
    for (std::size_t i = 0; i < ys.size(); ++i)
        for (std::int64_t c = 0; c < view.channels; ++c, ++found) {
            const float expected = reference::read(view, c, ys[i], xs[i]);
            CHECK(std::memcmp(found, &expected, sizeof expected) == 0, c, ys[i], xs[i], *found,
                  expected);
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
