#include <centerdecode/footprints.hpp>
#include <centerdecode/nms.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace centerdecode {
namespace {

struct Rectangle {
    double x1;
    double y1;
    double x2;
    double y2;
};

// A footprint in a rectangle, so that most pairs need no more than that.
struct FramedFootprint {
    Footprint footprint;
    Rectangle frame;
};

template <class Shape>
struct Candidate {
    Shape shape;
    double score;
    std::int32_t class_id;
    std::int64_t row;
};

constexpr double dropped = std::numeric_limits<double>::quiet_NaN();

double area(const Rectangle& box, double pixel) noexcept {
    return (box.x2 - box.x1 + pixel) * (box.y2 - box.y1 + pixel);
}

// 0 where they do not overlap, or where a number is NaN.
double iou(const Rectangle& a, const Rectangle& b, const NmsRule& rule) noexcept {
    const double pixel = rule.whole_pixels ? 1.0 : 0.0;
    const double width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + pixel;
    const double height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + pixel;
    if (width > 0.0 && height > 0.0) {
        const double both = width * height;
        return both / (area(a, pixel) + area(b, pixel) - both);
    }
    return 0.0;
}

double iou(const FramedFootprint& a, const FramedFootprint& b, const NmsRule& /*rule*/) noexcept {
    const bool apart = a.frame.x2 <= b.frame.x1 || b.frame.x2 <= a.frame.x1 ||
                       a.frame.y2 <= b.frame.y1 || b.frame.y2 <= a.frame.y1;
    return apart ? 0.0 : footprint_iou(a.footprint, b.footprint);
}

double iou(const Point& a, const Point& b, const NmsRule& rule) noexcept {
    const double x = a.x - b.x;
    const double y = a.y - b.y;
    return x * x + y * y <= rule.radius * rule.radius ? 1.0 : 0.0;
}

// What is left of the score of `weaker` beside `kept`; NaN to drop it.
template <class Shape>
double lowered(const Candidate<Shape>& kept, const Candidate<Shape>& weaker,
               const NmsRule& rule) noexcept {
    if (!rule.class_agnostic && kept.class_id != weaker.class_id) return weaker.score;
    const double overlap = iou(kept.shape, weaker.shape, rule);
    if (!(overlap > 0.0)) return weaker.score;
    const bool beyond =
        rule.inclusive ? overlap >= rule.iou_threshold : overlap > rule.iou_threshold;
    if (rule.kind == NmsKind::hard) return beyond ? dropped : weaker.score;
    double weight = beyond ? 1.0 - overlap : 1.0;
    if (rule.kind == NmsKind::gaussian) weight = std::exp(-overlap * overlap / rule.sigma);
    const double score = weaker.score * weight;
    return score < rule.score_threshold ? dropped : score;
}

template <class Shape>
std::vector<KeptBox> keep(std::vector<Candidate<Shape>> boxes, const NmsRule& rule) {
    using Box = Candidate<Shape>;
    const auto is_stronger = [](const Box& a, const Box& b) {
        return a.score > b.score || (a.score == b.score && a.row < b.row);
    };
    std::sort(boxes.begin(), boxes.end(), is_stronger);
    std::vector<KeptBox> kept;
    auto first = boxes.begin();
    auto last = boxes.end();
    while (first != last) {
        // A lowered score may have changed who is next; the rest needs no order.
        if (rule.kind != NmsKind::hard)
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

Rectangle rectangle_at(const float* p) noexcept { return {p[0], p[1], p[2], p[3]}; }

Point point_at(const float* p) noexcept { return {p[0], p[1]}; }

FramedFootprint footprint_at(const float* p) noexcept {
    const auto [x1, x2] = std::minmax({p[0], p[2], p[4], p[6]});
    const auto [y1, y2] = std::minmax({p[1], p[3], p[5], p[7]});
    return {{{point_at(p), point_at(p + 2), point_at(p + 4), point_at(p + 6)}}, {x1, y1, x2, y2}};
}

}  // namespace

std::size_t numbers_of(NmsShape shape) noexcept {
    switch (shape) {
        case NmsShape::footprint: return 8;
        case NmsShape::circle: return 2;
        case NmsShape::box: break;
    }
    return 4;
}

std::vector<KeptBox> suppress(const float* shapes, const float* scores,
                              const std::int32_t* class_ids, std::size_t n, const NmsRule& rule) {
    const auto keep_of = [&](const auto& shape_at) {
        std::vector<Candidate<decltype(shape_at(shapes))>> boxes;
        boxes.reserve(n);
        for (std::size_t i = 0; i < n; ++i)
            boxes.push_back({shape_at(shapes + numbers_of(rule.shape) * i), scores[i], class_ids[i],
                             static_cast<std::int64_t>(i)});
        return keep(std::move(boxes), rule);
    };
    switch (rule.shape) {
        case NmsShape::footprint: return keep_of(footprint_at);
        case NmsShape::circle: return keep_of(point_at);
        case NmsShape::box: break;
    }
    return keep_of(rectangle_at);
}

}  // namespace centerdecode
