// The heads that make boxes, checked against each other.
#pragma once

#include "arrays.hpp"
#include "options.hpp"

#include <centerdecode/boxes.hpp>

#include <optional>

struct BoxInputs {
    Head heatmap;
    std::optional<Head> wh;  // nullopt: no boxes
    std::optional<Head> offset;
    centerdecode::BoxRule rule;

    centerdecode::BoxHeads item(pybind11::ssize_t i) const noexcept;
    centerdecode::NamedBoxHeads named() const noexcept;
};

enum class NoBoxes { refused, fine };

// A head on the grid of `heatmap`, which has so many channels; `why` says of what.
Head view_beside(const Head& heatmap, pybind11::handle object, const char* name,
                 const HeadFormat& format, std::int64_t channels, const char* why);

// `offset` may be None, and `wh` where that is fine.
BoxInputs view_box_heads(pybind11::handle heatmap, pybind11::handle wh, pybind11::handle offset,
                         const HeadFormat& format, const BoxFormat& box, NoBoxes no_boxes);
