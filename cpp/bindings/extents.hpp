// The axes of a tensor, without a heap allocation.
#pragma once

#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>
#include <cstddef>

// A tensor of more axes than fit is kept with its rank alone.
struct Extents {
    static constexpr std::size_t most = 8;

    std::size_t rank = 0;
    std::array<pybind11::ssize_t, most> shape{};
    std::array<pybind11::ssize_t, most> strides{};  // bytes

    std::size_t known() const noexcept { return std::min(rank, most); }
};
