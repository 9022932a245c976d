// The options transform= and clip=: one for a whole batch, or one for each image.
#pragma once

#include <centerdecode/boxes.hpp>

#include <pybind11/numpy.h>

#include <optional>

using Doubles = pybind11::array_t<double, pybind11::array::c_style>;

class Placements {
public:
    // transforms: (1 or B, 2, 3); clips: (1 or B, 2). Throws ValueError where
    // there are neither one nor as many as images.
    Placements(const std::optional<Doubles>& transforms, const std::optional<Doubles>& clips,
               pybind11::ssize_t batch);

    // Points into this object, until the next call.
    centerdecode::Placement of(pybind11::ssize_t image);

private:
    // One item of an option for each image; step 0: the same for all.
    struct Items {
        const double* data = nullptr;
        pybind11::ssize_t step = 0;
    };

    static Items items_of(const std::optional<Doubles>& values, pybind11::ssize_t batch,
                          const char* rule);

    Items transforms_;
    Items clips_;
    centerdecode::Transform transform_{};
    centerdecode::ImageSize clip_{};
};
