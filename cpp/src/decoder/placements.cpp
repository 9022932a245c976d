#include "decoder/placements.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace centerdecode {
namespace {

template <class T>
void require_count(const ForEach<T>& items, std::int64_t num_images, bool any_number,
                   const char* rule) {
    const auto count = static_cast<std::int64_t>(items.count);
    if (items.data == nullptr || count == 1 || count == num_images || num_images == 0) return;
    if (any_number && count > 0) return;
    throw std::invalid_argument(std::string(rule) + ", got " + std::to_string(count) +
                                " for a batch of " + std::to_string(num_images));
}

void require_finite(const Transform& transform) {
    const auto is_finite = [](double number) { return std::isfinite(number); };
    const auto& m = transform.m;
    if (!std::all_of(&m[0][0], &m[0][0] + 6, is_finite))
        throw std::domain_error("transform must be finite");
}

void require_size(const ImageSize& clip) {
    const bool is_size = clip.height >= 0.0 && clip.width >= 0.0;
    if (!is_size)
        throw std::domain_error("clip must not be negative, got " + std::to_string(clip.height) +
                                ", " + std::to_string(clip.width));
}

}  // namespace

void require_placements(const Placements& placements, std::int64_t num_images, bool any_number) {
    const auto& [transforms, clips, input_sizes, cameras] = placements;
    require_count(transforms, num_images, any_number,
                  "transform must be one (2, 3) matrix or one for each image");
    require_count(clips, num_images, any_number,
                  "clip must be one (height, width) or one for each image");
    require_count(input_sizes, num_images, any_number,
                  "input_size must be one (height, width) or one for each image");
    require_count(cameras, num_images, any_number,
                  "calibration must be one (3, 4) matrix or one for each image");
    for (std::size_t i = 0; i < transforms.count; ++i) require_finite(transforms.data[i]);
    for (std::size_t i = 0; i < clips.count; ++i) require_size(clips.data[i]);
}

}  // namespace centerdecode
