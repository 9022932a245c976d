// Some channels of a head, resampled to the rows of a mask.
//
// A mask is often larger than what its box covers of the map. So a row of cells is read
// (and goes through the sigmoid) once for all rows of the mask that lie beside it.
#pragma once

#include <centerdecode/masks.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace centerdecode {

inline double between(double low, double high, double part) noexcept {
    return low + (high - low) * part;
}

// A row of a mask, column by column, all channels of each.
struct MaskRow {
    const double* low;  // the rows of cells that it lies between
    const double* high;
    double part;

    double operator[](std::size_t i) const noexcept { return between(low[i], high[i], part); }
};

struct Planes {
    const TensorView& head;
    std::int64_t first;
    std::size_t count;
    Activation activation;
};

// Remembers the two rows of cells that were asked for last.
class MaskRows {
public:
    MaskRows(const Planes& planes, const std::vector<MaskSample>& columns,
             std::vector<double>& memory);

    // Good until the next call. Outside of the map all numbers are 0.
    MaskRow at(const MaskSample& y) noexcept;

private:
    const double* line(std::int64_t y, std::int64_t kept) noexcept;
    void read(std::int64_t y, double* line) const noexcept;
    double score(std::size_t channel, std::int64_t y, std::int64_t x) const noexcept;

    Planes planes_;
    const std::vector<MaskSample>& columns_;
    std::size_t size_;
    double* lines_[2] = {};
    std::int64_t numbers_[2] = {-2, -2};  // none yet
};

}  // namespace centerdecode
