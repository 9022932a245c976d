// Masks, from boxes of the image back to the map:
//
//     inverse of the transform                        inverse_of
//     corners of each box, back in input pixels       in_input
//     the map inside of them, resampled               cut_mask (heads/masks.hpp)
#include "decoder/stages/masks.hpp"

#include "decoder/detections.hpp"
#include "settings/values.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace centerdecode {
namespace {

bool makes_masks(const Settings& settings, const TensorView& segmentation) noexcept {
    return settings.masks.has_value() && segmentation.data != nullptr;
}

MaskRule rule_of(const Settings& settings) noexcept {
    const MaskSettings& masks = *settings.masks;
    return {masks.height,
            masks.width,
            masks.score_threshold,
            masks.activation.value_or(settings.peaks.activation),
            masks.part_class.value_or(-1),
            settings.box.stride};
}

std::string text_of(const Transform& transform) {
    std::string rows;
    for (const auto& [a, b, c] : transform.m)
        rows += (rows.empty() ? "[" : ", [") + centerdecode::text_of(a) + ", " +
                centerdecode::text_of(b) + ", " + centerdecode::text_of(c) + "]";
    return "[" + rows + "]";
}

// The map back. The linear part is solved by elimination from the row with the greater first
// number, so that what a transform without rotation maps to the border of the map stays there.
Transform inverse_of(const Transform& transform) {
    const auto& m = transform.m;
    const bool swaps = std::abs(m[1][0]) > std::abs(m[0][0]);
    const auto& [a, b, tx] = swaps ? m[1] : m[0];
    const auto& [c, d, ty] = swaps ? m[0] : m[1];
    const double factor = a == 0.0 ? 0.0 : c * (1.0 / a);
    const double rest = d - factor * b;
    if (a * rest == 0.0)
        throw std::domain_error("transform must have an inverse where there are masks, got " +
                                text_of(transform));
    // Columns for the two rows in the order in which they were solved.
    const double y[2] = {-factor * (1.0 / rest), 1.0 / rest};
    const double x[2] = {(1.0 - b * y[0]) * (1.0 / a), (0.0 - b * y[1]) * (1.0 / a)};
    Transform back{{{x[0], x[1], -x[0] * tx - x[1] * ty}, {y[0], y[1], -y[0] * tx - y[1] * ty}}};
    if (swaps)
        for (auto& row : back.m) std::swap(row[0], row[1]);
    return back;
}

// A box of the image, in pixels of the network input.
Box in_input(const Transform* back, const float* xyxy) noexcept {
    const Point first{static_cast<double>(xyxy[0]), static_cast<double>(xyxy[1])};
    const Point second{static_cast<double>(xyxy[2]), static_cast<double>(xyxy[3])};
    if (back == nullptr) return {first, second};
    const auto& m = back->m;
    const auto moved = [&](Point at) {
        return Point{at.x * m[0][0] + at.y * m[0][1] + m[0][2],
                     at.x * m[1][0] + at.y * m[1][1] + m[1][2]};
    };
    return {moved(first), moved(second)};
}

}  // namespace

void check_masks(const BatchHeads& heads, std::int64_t num_images) {
    const NamedHead* segmentation = heads.find("segmentation");
    if (segmentation == nullptr || !heads.settings.masks) return;
    check_mask_heads({*segmentation, heads.optional("parts"), heads.optional("surface_coords")},
                     num_images);
}

void describe_masks(const ImageHeads& heads, Format& format) {
    if (!makes_masks(heads.settings, heads.find("segmentation"))) return;
    const MaskSettings& masks = *heads.settings.masks;
    format.add("masks", ColumnType::u8, {masks.height, masks.width});
    format.late = 1;
    if (!heads.has("parts")) return;
    format.add("surface_coords", ColumnType::f32, {masks.height, masks.width, 2});
    format.late = 2;
}

void cut_masks(const BatchHeads& heads, const Input& input, Memory& memory, Detections& found) {
    const MaskHeads maps{input.heads.find("segmentation"), input.heads.find("parts"),
                         input.heads.find("surface_coords")};
    if (!makes_masks(heads.settings, maps.segmentation)) return;
    require_mask_classes(heads.need("segmentation"), found.class_ids.data(),
                         found.class_ids.size());
    std::optional<Transform> back;
    if (input.placement.transform != nullptr) back = inverse_of(*input.placement.transform);
    resize_late(found, input.format);
    Column& masks = *find_column(found, "masks");
    Column* surface = maps.parts.data == nullptr ? nullptr : find_column(found, "surface_coords");
    const MaskRule rule = rule_of(heads.settings);
    const std::size_t pixels = numbers_of(masks.format);
    for (std::size_t i = 0; i < found.scores.size(); ++i)
        cut_mask(maps, rule, in_input(back ? &*back : nullptr, &found.xyxy[4 * i]),
                 found.class_ids[i], memory.masks,
                 reinterpret_cast<std::uint8_t*>(masks.bytes.data()) + pixels * i,
                 surface == nullptr ? nullptr : floats_of(*surface) + 2 * pixels * i);
}

}  // namespace centerdecode
