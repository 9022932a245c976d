// A program in C++ that knows what is installed alone: one object, on 2 x 3 cells.
#include <centerdecode/decoder.hpp>
#include <centerdecode/isa.hpp>

#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

using centerdecode::BatchView;

BatchView view(const std::vector<float>& values, std::int64_t channels) {
    const std::int64_t shape[] = {channels, 2, 3};
    return centerdecode::view_of(values.data(), centerdecode::ElementType::f32,
                                 centerdecode::Layout::nchw, 3, &shape[0]);
}

}  // namespace

int main() {
    const centerdecode::Decoder decoder("decoder=boxes;heads=heatmap,wh;activation=none;stride=8");
    const std::vector<float> heatmap = {0, 0, 0, 0, 0, 0.75F};
    const std::vector<float> wh = {0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1};
    centerdecode::Scratch scratch;
    centerdecode::Detections found;
    decoder.decode({view(heatmap, 1), view(wh, 2)}, 0, {}, scratch, found);
    // The middle of the cell (2, 1) is at 20, 12.
    const bool is_right = found.xyxy == std::vector<float>({12, 8, 28, 16}) &&
                          found.scores == std::vector<float>({0.75F}) &&
                          found.class_ids == std::vector<std::int32_t>({0});
    std::printf("%zu found with %s\n", found.scores.size(), centerdecode::active_isa().c_str());
    return is_right ? 0 : 1;
}
