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
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    const centerdecode::Placement& placement() const noexcept { return placement_; }

private:
    centerdecode::Placement placement_;
    centerdecode::Transform transform_{};
    centerdecode::ImageSize clip_{};
};

}  // namespace capi
