// A guess at a threshold, from a sample of a heatmap.
#pragma once

#include "peaks/planes.hpp"

#include <cstddef>

namespace centerdecode {

// A threshold that about three times k peaks reach, as far as one cell of 64 can
// tell (of a small heatmap one of 8), and not below that of `rule`; that one where
// the sample would be too small to tell anything. It is a guess: fewer than k may reach it.
float guess_threshold(const Planes& planes, kernels::FindPeaks kernel, kernels::Rule rule,
                      std::size_t k) noexcept;

}  // namespace centerdecode
