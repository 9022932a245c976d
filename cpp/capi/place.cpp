#include "place.hpp"

#include "status.hpp"

#include <cstring>

namespace capi {

Place::Place(const centerdecode_placement* placement) {
    if (placement == nullptr) return;
    require_size("centerdecode_placement", placement->struct_size, sizeof *placement);
    if (placement->transform != nullptr) {
        std::memcpy(&transform_.m[0][0], placement->transform, sizeof transform_.m);
        placement_.transform = &transform_;
    }
    if (placement->clip != nullptr) {
        clip_ = {placement->clip[0], placement->clip[1]};
        placement_.clip = &clip_;
    }
}

}  // namespace capi
