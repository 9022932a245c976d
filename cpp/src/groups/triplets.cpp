#include <centerdecode/triplets.hpp>

#include "peaks/elements.hpp"
#include "peaks/top_k.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace centerdecode {
namespace {

// All rules are asked, because the processor can guess the answer of none.
bool belong_together(const Corner& first, const Corner& second, double tag_threshold) noexcept {
    unsigned broken = first.class_id != second.class_id ? 1U : 0U;
    broken |= second.at.x < first.at.x ? 1U : 0U;
    broken |= second.at.y < first.at.y ? 1U : 0U;
    // A NaN is similar to nothing.
    broken |= static_cast<double>(std::fabs(first.tag - second.tag)) <= tag_threshold ? 0U : 1U;
    return broken == 0;
}

double area_of(const float* xyxy) noexcept {
    const double width = static_cast<double>(xyxy[2]) - static_cast<double>(xyxy[0]);
    const double height = static_cast<double>(xyxy[3]) - static_cast<double>(xyxy[1]);
    return width * height;
}

// Tells whether `at` lies strictly inside the middle one of n equal parts.
bool is_central(double low, double high, double n, double at) noexcept {
    const double a = (n + 1.0) / 2.0;
    const double b = (n - 1.0) / 2.0;
    return (a * low + b * high) / n < at && at < (b * low + a * high) / n;
}

}  // namespace

void read_corners(const CornerHeads& heads, const std::vector<Peak>& peaks, Activation activation,
                  const BoxRule& rule, std::vector<Corner>& corners) {
    corners.clear();
    for (const Peak& peak : peaks) {
        const Cell cell = cell_of(heads.heatmap, peak);
        const float tag =
            heads.tag.data == nullptr ? 0.0F : read_element(heads.tag, 0, cell.y, cell.x);
        corners.push_back({score_of(peak.value, activation), cell.class_id,
                           read_center(heads.offset, rule, cell), tag});
    }
}

void pair_corners(const std::vector<Corner>& top_left, const std::vector<Corner>& bottom_right,
                  const PairRule& rule, std::vector<Peak>& pairs) {
    TopK best(rule.max_pairs, top_left.size() * bottom_right.size(),
              -std::numeric_limits<float>::infinity(), pairs);
    std::int64_t index = 0;
    for (const Corner& first : top_left) {
        for (const Corner& second : bottom_right) {
            const float score = (first.score + second.score) / 2.0F;
            if (score >= best.threshold() && belong_together(first, second, rule.tag_threshold)) {
                *best.room() = {score, index};
                best.commit(1);
            }
            ++index;
        }
    }
    best.finish();
}

Point place_center(const PairPlacement& where, Point center) noexcept {
    if (where.mirror.has_value()) center.x = *where.mirror - center.x;
    return place(where.placement, center);
}

bool place_pair(const PairPlacement& where, const Corner& top_left, const Corner& bottom_right,
                float* xyxy) noexcept {
    Box box{top_left.at, bottom_right.at};
    if (where.mirror.has_value()) {
        box.first.x = *where.mirror - bottom_right.at.x;
        box.second.x = *where.mirror - top_left.at.x;
    }
    place_box(where.placement, box, xyxy);
    if (!where.margin.has_value() || where.placement.clip == nullptr) return true;
    const ImageSize& size = *where.placement.clip;
    const Placement unclipped{where.placement.transform, nullptr};
    const Point first = place(unclipped, box.first);
    const Point second = place(unclipped, box.second);
    return first.x > -*where.margin && first.y > -*where.margin &&
           second.x < size.width + *where.margin && second.y < size.height + *where.margin;
}

float rescore_by_center(const float* xyxy, float score, std::int32_t class_id,
                        const Centers& centers, double area_limit) noexcept {
    const double parts = area_of(xyxy) <= area_limit ? 3.0 : 5.0;
    for (std::size_t i = 0; i < centers.n; ++i) {
        const float* at = centers.points + 2 * i;
        if (centers.class_ids[i] == class_id && is_central(xyxy[0], xyxy[2], parts, at[0]) &&
            is_central(xyxy[1], xyxy[3], parts, at[1]))
            return (2.0F * score + centers.scores[i]) / 3.0F;
    }
    return -1.0F;
}

void rank_objects(const std::vector<Pairs>& parts, const Centers* centers, double area_limit,
                  float least, std::vector<PairedObject>& objects) {
    objects.clear();
    for (std::size_t part = 0; part < parts.size(); ++part) {
        const Pairs& pairs = parts[part];
        for (std::size_t row = 0; row < pairs.n; ++row) {
            PairedObject object{part, row, pairs.scores[row], false};
            if (centers != nullptr) {
                const float* xyxy = pairs.xyxy + 4 * row;
                object.is_large = area_of(xyxy) > area_limit;
                object.score = rescore_by_center(xyxy, object.score, pairs.class_ids[row], *centers,
                                                 area_limit);
                if (!(object.score > -1.0F)) continue;
            }
            if (object.score >= least) objects.push_back(object);
        }
    }
    std::stable_sort(
        objects.begin(), objects.end(), [](const PairedObject& a, const PairedObject& b) {
            return a.score > b.score || (a.score == b.score && a.is_large && !b.is_large);
        });
}

}  // namespace centerdecode
