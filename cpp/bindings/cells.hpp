// Cells and peaks that Python names, checked against the heads they are of.
#pragma once

#include "arrays.hpp"

#include <centerdecode/peaks.hpp>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

using Ints = pybind11::array_t<std::int32_t, pybind11::array::c_style>;
using Floats = pybind11::array_t<float, pybind11::array::c_style>;

// Of one image: ys and xs, one of each for a cell.
using Cells = std::tuple<Ints, Ints>;

// Of one image: scores, class_ids, ys and xs.
using GivenPeaks = std::tuple<Floats, Ints, Ints, Ints>;

// Throws ValueError where there are not as many lists as images.
void require_batch(const Head& head, std::size_t lists, const char* name);

void require_on_grid(const Head& head, const Ints& ys, const Ints& xs);

// The same peaks as the core has them, but that their values are scores.
std::vector<centerdecode::Peak> view_peaks(const Head& heatmap, const GivenPeaks& given);
