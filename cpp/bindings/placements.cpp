#include "placements.hpp"

#include <cstring>
#include <string>

namespace py = pybind11;
using namespace centerdecode;

Placements::Placements(const std::optional<Doubles>& transforms,
                       const std::optional<Doubles>& clips, py::ssize_t batch)
    : transforms_(
          items_of(transforms, batch, "transform must be one (2, 3) matrix or one for each image")),
      clips_(items_of(clips, batch, "clip must be one (height, width) or one for each image")) {}

Placement Placements::of(py::ssize_t image) {
    Placement placement;
    if (transforms_.data != nullptr) {
        std::memcpy(transform_.m, transforms_.data + image * transforms_.step, sizeof transform_.m);
        placement.transform = &transform_;
    }
    if (clips_.data != nullptr) {
        const double* extents = clips_.data + image * clips_.step;
        clip_ = {extents[0], extents[1]};
        placement.clip = &clip_;
    }
    return placement;
}

Placements::Items Placements::items_of(const std::optional<Doubles>& values, py::ssize_t batch,
                                       const char* rule) {
    if (!values) return {};
    if (values->shape(0) == 1 || batch == 0) return {values->data(), 0};
    if (values->shape(0) != batch)
        throw py::value_error(std::string(rule) + ", got " + std::to_string(values->shape(0)) +
                              " for a batch of " + std::to_string(batch));
    return {values->data(), values->size() / batch};
}
