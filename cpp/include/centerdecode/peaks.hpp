// Peaks: the cells of a heatmap that no neighbour beats, strongest first.
#pragma once

#include <centerdecode/peak.hpp>
#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace centerdecode {

// What turns a heatmap's element into a score.
enum class Activation : std::uint8_t { none, sigmoid };

// Which cells of an equal plateau are peaks: all of them, or, of two equal
// neighbours, the first in row-major order.
enum class Plateaus : std::uint8_t { first, keep };

struct PeakOptions {
    std::size_t top_k = 100;
    double score_threshold = 0.0;  // inclusive
    Activation activation = Activation::sigmoid;
    Plateaus plateaus = Plateaus::first;
    std::int64_t window = 3;  // odd; 1 means that every cell is a peak
    // The channels to look at, ascending and without repetitions; nullopt: all.
    std::optional<std::vector<std::int64_t>> classes;
    bool best_class = false;  // of several peaks at one cell only the strongest
    // Counted after best_class: a peak that is one too many still takes its cell.
    std::size_t most_per_class = std::numeric_limits<std::size_t>::max();
    // A neighbour must be greater by this much to beat a cell. Other than zero is
    // TensorFlow's rule; it takes the slow scan, and plateaus are then kept.
    float tolerance = 0.0F;
};

struct Cell {
    std::int32_t class_id;
    std::int32_t y;
    std::int32_t x;
};

// Replaces the content of `peaks`: value descending, then index ascending; at
// most top_k of them. Its capacity is the only memory used, so a vector that is
// handed in again costs no allocation (best_class and most_per_class use more).
//
// A NaN is never a peak and never beats one.
void find_peaks(const TensorView& heatmap, const PeakOptions& options, std::vector<Peak>& peaks);

Cell cell_of(const TensorView& heatmap, const Peak& peak) noexcept;

// The score of a raw element, computed in double and rounded once. It never falls
// as the element grows.
float score_of(float value, Activation activation) noexcept;

// The smallest raw element whose score reaches `score_threshold`; NaN, which no
// element reaches, where there is none.
float raw_threshold(double score_threshold, Activation activation) noexcept;

}  // namespace centerdecode
