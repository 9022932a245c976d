#include <centerdecode/nms.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace centerdecode {
namespace {

struct Box {
    double x1;
    double y1;
    double x2;
    double y2;
    double score;
    std::int32_t class_id;
    std::int64_t row;
};

constexpr double dropped = std::numeric_limits<double>::quiet_NaN();

bool is_stronger(const Box& a, const Box& b) noexcept {
    return a.score > b.score || (a.score == b.score && a.row < b.row);
}

double area(const Box& box, double pixel) noexcept {
    return (box.x2 - box.x1 + pixel) * (box.y2 - box.y1 + pixel);
}

// 0 where they do not overlap, or where a number is NaN.
double iou(const Box& a, const Box& b, double pixel) noexcept {
    const double width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + pixel;
    const double height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + pixel;
    if (width > 0.0 && height > 0.0) {
        const double both = width * height;
        return both / (area(a, pixel) + area(b, pixel) - both);
    }
    return 0.0;
}

// What is left of the score of `weaker` beside `kept`; NaN to drop it.
double lowered(const Box& kept, const Box& weaker, const NmsRule& rule) noexcept {
    if (!rule.class_agnostic && kept.class_id != weaker.class_id) return weaker.score;
    const double overlap = iou(kept, weaker, rule.whole_pixels ? 1.0 : 0.0);
    if (!(overlap > 0.0)) return weaker.score;
    const bool beyond =
        rule.inclusive ? overlap >= rule.iou_threshold : overlap > rule.iou_threshold;
    if (rule.kind == NmsKind::hard) return beyond ? dropped : weaker.score;
    double weight = beyond ? 1.0 - overlap : 1.0;
    if (rule.kind == NmsKind::gaussian) weight = std::exp(-overlap * overlap / rule.sigma);
    const double score = weaker.score * weight;
    return score < rule.score_threshold ? dropped : score;
}

}  // namespace

std::vector<KeptBox> suppress(const float* xyxy, const float* scores, const std::int32_t* class_ids,
                              std::size_t n, const NmsRule& rule) {
    std::vector<Box> boxes;
    boxes.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
        const float* corner = xyxy + 4 * i;
        boxes.push_back({corner[0], corner[1], corner[2], corner[3], scores[i], class_ids[i],
                         static_cast<std::int64_t>(i)});
    }
    std::sort(boxes.begin(), boxes.end(), is_stronger);

    std::vector<KeptBox> kept;
    auto first = boxes.begin();
    auto last = boxes.end();
    while (first != last) {
        // A lowered score may have changed who is next; the rest needs no order.
        std::iter_swap(first, std::min_element(first, last, is_stronger));
        const Box& strongest = *first++;
        kept.push_back({strongest.row, static_cast<float>(strongest.score)});
        last = std::remove_if(first, last, [&](Box& weaker) {
            const double score = lowered(strongest, weaker, rule);
            weaker.score = score;
            return std::isnan(score);
        });
    }
    return kept;
}

}  // namespace centerdecode
