// Rows of a center map as scores, read when they are first asked for.
#pragma once

#include <centerdecode/extreme_points.hpp>

#include <cstddef>
#include <cstdint>

namespace centerdecode {

class CenterRows {
public:
    struct Row {
        std::size_t first;
        float best;
    };

    // Takes the rows of `memory` over, content and all.
    CenterRows(const CenterMap& map, ExtremeScratch& memory);

    // class_id does not matter where the map is class-agnostic. A NaN scores as low
    // as can be.
    Row row(std::int32_t class_id, std::int32_t y);

    float score(Row row, std::int32_t x) const noexcept;
    std::int32_t class_id(Row row, std::int32_t x) const noexcept;

private:
    void read(std::int32_t class_id, std::int32_t y);

    const CenterMap& map_;
    ExtremeScratch& memory_;
};

}  // namespace centerdecode
