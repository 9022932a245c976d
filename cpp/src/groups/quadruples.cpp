#include "groups/quadruples.hpp"

namespace centerdecode {

std::size_t count_of(const ExtremePoints& points) noexcept {
    return points.top.size() * points.left.size() * points.bottom.size() * points.right.size();
}

std::int64_t index_of(const ExtremePoints& points, std::size_t top, std::size_t left,
                      std::size_t bottom, std::size_t right) noexcept {
    const std::size_t three = (top * points.left.size() + left) * points.bottom.size() + bottom;
    return static_cast<std::int64_t>(three * points.right.size() + right);
}

void write_quadruples(const ExtremePoints& points, CenterRows& rows,
                      const std::vector<Peak>& ranked, std::vector<Quadruple>& found) {
    found.clear();
    for (const Peak& quadruple : ranked) {
        auto index = static_cast<std::size_t>(quadruple.index);
        const auto next = [&](const std::vector<ExtremePoint>& side) {
            const ExtremePoint point = side[index % side.size()];
            index /= side.size();
            return point;
        };
        const ExtremePoint right = next(points.right);
        const ExtremePoint bottom = next(points.bottom);
        const ExtremePoint left = next(points.left);
        const ExtremePoint top = next(points.top);
        const CenterRows::Row row = rows.row(top.class_id, middle(top.y, bottom.y));
        const std::int32_t x = middle(left.x, right.x);
        found.push_back({quadruple.value,
                         rows.score(row, x),
                         rows.class_id(row, x),
                         {top, left, bottom, right}});
    }
}

std::size_t point_of_side(const ExtremePlacement& where, std::size_t side) noexcept {
    return where.mirror.has_value() && side % 2 == 1 ? 4 - side : side;
}

void place_quadruple(const Quadruple& quadruple, const TensorView* offsets, const BoxRule& rule,
                     const ExtremePlacement& where, float* xyxy, float* points) noexcept {
    Point at[4];
    for (std::size_t side = 0; side < 4; ++side) {
        const std::size_t number = point_of_side(where, side);
        const ExtremePoint& point = quadruple.points[number];
        at[side] = read_center(offsets[number], rule, {point.class_id, point.y, point.x});
        if (where.mirror.has_value()) at[side].x = *where.mirror - at[side].x;
        const Point placed = place({where.placement.transform, nullptr}, at[side]);
        points[2 * side] = static_cast<float>(placed.x);
        points[2 * side + 1] = static_cast<float>(placed.y);
    }
    const auto& [top, left, bottom, right] = at;
    place_box(where.placement, {{left.x, top.y}, {right.x, bottom.y}}, xyxy);
}

}  // namespace centerdecode
