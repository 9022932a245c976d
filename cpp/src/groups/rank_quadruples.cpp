// All quadruples, those that break rules too: what max-pooling decoders fill up with.
#include <centerdecode/extreme_points.hpp>

#include "groups/center_rows.hpp"
#include "groups/quadruples.hpp"
#include "peaks/top_k.hpp"

#include <limits>

namespace centerdecode {
namespace {

// A bit for each rule.
constexpr unsigned classes = 1U;
constexpr unsigned top_most = 2U;
constexpr unsigned left_most = 4U;
constexpr unsigned bottom_most = 8U;
constexpr unsigned right_most = 16U;
constexpr unsigned thresholds = 32U;

// One step for each bit: every step rounds.
float lowered(float score, unsigned broken) noexcept {
    for (; broken != 0; broken &= broken - 1) score -= 1.0F;
    return score;
}

unsigned flag(bool is_broken, unsigned rule) noexcept { return is_broken ? rule : 0U; }

struct Three {
    const ExtremePoint& top;
    const ExtremePoint& left;
    const ExtremePoint& bottom;
};

unsigned broken_by(const Three& three, const CenterMap& center, const ExtremeRule& rule) noexcept {
    const auto& [top, left, bottom] = three;
    const auto weak = [&](const ExtremePoint& point) {
        return static_cast<double>(point.score) < rule.point_threshold;
    };
    const bool differ = left.class_id != top.class_id || bottom.class_id != top.class_id;
    return flag(!center.class_agnostic && differ, classes) |
           flag(top.y > left.y || top.y > bottom.y, top_most) |
           flag(left.x > top.x || left.x > bottom.x, left_most) |
           flag(bottom.y < top.y || bottom.y < left.y, bottom_most) |
           flag(weak(top) || weak(left) || weak(bottom), thresholds);
}

unsigned broken_by(const Three& three, const ExtremePoint& right, float center_score,
                   const CenterMap& center, const ExtremeRule& rule) noexcept {
    const auto& [top, left, bottom] = three;
    const bool weak = static_cast<double>(right.score) < rule.point_threshold ||
                      static_cast<double>(center_score) < rule.center_threshold;
    return flag(!center.class_agnostic && right.class_id != top.class_id, classes) |
           flag(top.y > right.y, top_most) | flag(left.x > right.x, left_most) |
           flag(bottom.y < right.y, bottom_most) |
           flag(right.x < top.x || right.x < left.x || right.x < bottom.x, right_most) |
           flag(weak, thresholds);
}

}  // namespace

void rank_all_quadruples(const ExtremePoints& points, const CenterMap& center,
                         const ExtremeRule& rule, ExtremeScratch& scratch,
                         std::vector<Quadruple>& found) {
    CenterRows rows(center, scratch);
    TopK best(rule.max_detections, count_of(points), -std::numeric_limits<float>::infinity(),
              scratch.ranked);
    std::int64_t index = 0;
    const auto try_rights = [&](const Three& three) {
        const unsigned broken = broken_by(three, center, rule);
        const CenterRows::Row row =
            rows.row(three.top.class_id, middle(three.top.y, three.bottom.y));
        for (const ExtremePoint& right : points.right) {
            const auto score = [&](float center_score) {
                return score_of_quadruple(three.top.score, three.left.score, three.bottom.score,
                                          right.score, center_score);
            };
            // Rules that are broken already stay so.
            if (!(lowered(score(row.best), broken) >= best.threshold())) break;
            const float center_score = rows.score(row, middle(three.left.x, right.x));
            const unsigned all = broken | broken_by(three, right, center_score, center, rule);
            const float value = lowered(score(center_score), all);
            if (value >= best.threshold()) {
                *best.room() = {value, index + (&right - points.right.data())};
                best.commit(1);
            }
        }
        index += static_cast<std::int64_t>(points.right.size());
    };
    for (const ExtremePoint& top : points.top)
        for (const ExtremePoint& left : points.left)
            for (const ExtremePoint& bottom : points.bottom) try_rights({top, left, bottom});
    best.finish();
    write_quadruples(points, rows, scratch.ranked, found);
}

}  // namespace centerdecode
