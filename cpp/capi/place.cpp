#include "place.hpp"

#include "status.hpp"

#include <cstring>

namespace capi {

Place::Place(const centerdecode_placement* placement) {
    if (placement == nullptr) return;
    require_size("centerdecode_placement", placement->struct_size, sizeof *placement);
    set(placement->transform, placement->clip);
}

Place::Place(const centerdecode_image* image) {
    if (image == nullptr) return;
    require_size("centerdecode_image", image->struct_size, sizeof *image);
    set(image->transform, image->clip);
    if (image->input_size != nullptr) {
        input_size_ = {image->input_size[0], image->input_size[1]};
        placement_.input_size = &input_size_;
    }
    if (image->camera != nullptr) {
        std::memcpy(&camera_.m[0][0], image->camera, sizeof camera_.m);
        placement_.camera = &camera_;
    }
}

void Place::set(const double* transform, const double* clip) {
    if (transform != nullptr) {
        std::memcpy(&transform_.m[0][0], transform, sizeof transform_.m);
        placement_.transform = &transform_;
    }
    if (clip != nullptr) {
        clip_ = {clip[0], clip[1]};
        placement_.clip = &clip_;
    }
}

}  // namespace capi
