// Memory for the peaks of a batch, kept from call to call by each thread.
#pragma once

#include "arrays.hpp"

#include <centerdecode/peaks.hpp>

#include <vector>

using PeakLists = std::vector<std::vector<centerdecode::Peak>>;

// The peaks of every image of the batch, found with the GIL released. Checks
// that the classes exist. Valid until the same thread calls again.
const PeakLists& find_peaks_of_batch(const Head& heatmap, const centerdecode::PeakOptions& options);
