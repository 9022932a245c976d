// A placement of C as one of the core.
#pragma once

#include "centerdecode.h"

#include <centerdecode/boxes.hpp>

namespace capi {

// Points into itself, so it stays where it is.
class Place {
public:
    // nullptr: nowhere. Throws Failure.
    explicit Place(const centerdecode_placement* placement);
    explicit Place(const centerdecode_image* image);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    const centerdecode::Placement& placement() const noexcept { return placement_; }

private:
    void set(const double* transform, const double* clip);

    centerdecode::Placement placement_;
    centerdecode::Transform transform_{};
    centerdecode::ImageSize clip_{};
    centerdecode::ImageSize input_size_{};
    centerdecode::Camera camera_{};
};

}  // namespace capi
