#include "heads/mask_rows.hpp"

#include "peaks/elements.hpp"

#include <algorithm>

namespace centerdecode {

MaskRows::MaskRows(const Planes& planes, const std::vector<MaskSample>& columns,
                   std::vector<double>& memory)
    : planes_(planes), columns_(columns), size_(planes.count * columns.size()) {
    memory.resize(2 * size_);
    lines_[0] = memory.data();
    lines_[1] = memory.data() + size_;
}

MaskRow MaskRows::at(const MaskSample& y) noexcept {
    const double* low = line(y.low, y.high);
    return {low, line(y.high, y.low), y.part};
}

// Row `kept` is not given up for it.
const double* MaskRows::line(std::int64_t y, std::int64_t kept) noexcept {
    for (const int i : {0, 1})
        if (numbers_[i] == y) return lines_[i];
    const int i = numbers_[0] == kept ? 1 : 0;
    numbers_[i] = y;
    if (y < 0)
        std::fill_n(lines_[i], size_, 0.0);
    else
        read(y, lines_[i]);
    return lines_[i];
}

void MaskRows::read(std::int64_t y, double* line) const noexcept {
    for (std::size_t c = 0; c < planes_.count; ++c) {
        MaskSample known{-1, -1, 0.0};
        double low = 0.0;
        double high = 0.0;
        double* out = line + c;
        for (const MaskSample& column : columns_) {
            if (column.low >= 0 && (column.low != known.low || column.high != known.high)) {
                low = score(c, y, column.low);
                high = score(c, y, column.high);
                known = column;
            }
            *out = column.low < 0 ? 0.0 : between(low, high, column.part);
            out += planes_.count;
        }
    }
}

double MaskRows::score(std::size_t channel, std::int64_t y, std::int64_t x) const noexcept {
    const std::int64_t c = planes_.first + static_cast<std::int64_t>(channel);
    return score_of(read_element(planes_.head, c, y, x), planes_.activation);
}

}  // namespace centerdecode
