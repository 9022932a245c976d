// Corners and centers: their heads, checked, and what these say at the peaks.
#pragma once

#include "arrays.hpp"
#include "options.hpp"

#include <centerdecode/triplets.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

// The heads of one kind of corner, or of centers.
struct CornerInput {
    Head heatmap;
    std::optional<Head> tag;
    std::optional<Head> offset;

    centerdecode::CornerHeads item(pybind11::ssize_t i) const noexcept;
};

enum class Tags { needed, none };

// Heatmap, tag and offset or None, as messages call them: `name`, `name`_tag,
// `name`_offset. `like`: a heatmap whose batch, grid and classes they have, or nullptr.
CornerInput view_corner_heads(const std::array<pybind11::object, 3>& objects,
                              const std::string& name, const HeadFormat& format, Tags tags,
                              const Head* like);

// For each image of the batch; with the GIL released while heatmaps are scanned.
std::vector<std::vector<centerdecode::Corner>> find_corners(
    const CornerInput& input, const centerdecode::PeakOptions& options,
    const centerdecode::BoxRule& rule);
