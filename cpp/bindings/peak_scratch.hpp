// Memory for the peaks of a batch, kept from call to call by each thread.
#pragma once

#include "arrays.hpp"

#include <centerdecode/peaks.hpp>

#include <vector>

// Finds the peaks of every image of a batch, with the GIL released where that takes long.
//
// It takes the thread's memory for as long as it lives and then gives it back,
// because making Python objects from the peaks may run the garbage collector,
// and with it a finaliser that decodes on the same thread.
class PeakScratch {
public:
    // Throws ValueError where options.classes has one that `heatmap` lacks.
    PeakScratch(const Head& heatmap, const centerdecode::PeakOptions& options);
    ~PeakScratch();
    PeakScratch(const PeakScratch&) = delete;
    PeakScratch& operator=(const PeakScratch&) = delete;

    const std::vector<centerdecode::Peak>& of(pybind11::ssize_t image) const noexcept;

private:
    std::vector<std::vector<centerdecode::Peak>> lists_;
};
