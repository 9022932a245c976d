// Boxes between four extreme points, whose middle is a center.
#include "groups/extreme_points.hpp"

#include "decoder/detections.hpp"
#include "decoder/kinds/kinds.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace centerdecode {
namespace {

constexpr std::array<const char*, 4> sides = {"top", "left", "bottom", "right"};
constexpr std::array<const char*, 4> offsets = {"top_offset", "left_offset", "bottom_offset",
                                                "right_offset"};

// All four sides have offsets, or none has.
bool have_offsets(const BatchHeads& heads) {
    const auto lacks = [&](std::size_t side) { return heads.find(offsets[side]) == nullptr; };
    std::size_t lacking = 0;
    std::string list;
    for (std::size_t side = 0; side < 4; ++side)
        if (lacks(side)) list += (lacking++ == 0 ? "'" : ", '") + std::string(sides[side]) + "'";
    if (lacking == 0 || lacking == 4) return lacking == 0;
    throw std::invalid_argument("offsets must be given for all sides or none, got none for [" +
                                list + "]");
}

void check(const BatchHeads& heads) {
    const bool has_offsets = have_offsets(heads);
    const NamedHead& center = heads.need("center");
    for (const char* side : sides) require_same_grid(center, heads.need(side));
    if (has_offsets)
        for (const char* offset : offsets) require_same_grid(center, heads.need(offset));
    if (!heads.settings.extreme_points.class_agnostic)
        for (const char* side : sides)
            require_channels(heads.need(side), center.view.first.channels,
                             "(the classes of center)");
    if (has_offsets)
        for (const char* offset : offsets)
            require_channels(heads.need(offset), 2, "(one for each axis)");
    require_classes(center, heads.settings.peaks);
}

void describe(const ImageHeads& /*heads*/, Format& format) {
    format.num_keypoints = 4;
    format.add("center_score", ColumnType::f32, {});
}

// The points of each side, and the objects that they make, strongest first.
void find_objects(const ImageHeads& heads, ExtremeMemory& memory) {
    const Settings& settings = heads.settings;
    const ExtremeSettings& own = settings.extreme_points;
    ExtremePoints& points = memory.points;
    const std::array<std::vector<ExtremePoint>*, 4> lists = {&points.top, &points.left,
                                                             &points.bottom, &points.right};
    for (std::size_t side = 0; side < 4; ++side) {
        TensorView map = heads.find(sides[side]);
        if (own.edge_weight > 0.0F) {
            const EdgeAxis axis = side % 2 == 0 ? EdgeAxis::row : EdgeAxis::column;
            map =
                aggregate_edges(map, settings.peaks.activation, own.edge_weight, axis, memory.map);
        }
        find_extreme_points(map, own.peaks, memory.scratch, *lists[side]);
    }
    CenterMap center{heads.find("center"), settings.peaks.activation, own.class_agnostic, nullptr};
    if (own.class_agnostic && settings.peaks.classes) center.classes = &*settings.peaks.classes;
    group_extreme_points(points, center, own.rule, memory.scratch, memory.found);
}

void decode(const Input& input, Memory& memory, Detections& found) {
    find_objects(input.heads, memory.extreme);
    const std::vector<Quadruple>& objects = memory.extreme.found;
    resize(found, objects.size(), input.format);
    float* const center_scores = floats_of(found.columns[0]);

    std::array<TensorView, 4> shifts{};
    for (std::size_t side = 0; side < 4; ++side) shifts[side] = input.heads.find(offsets[side]);
    const Settings& settings = input.heads.settings;
    BoxRule rule = settings.box;
    rule.center_shift = settings.center_shift.value_or(shifts[0].data != nullptr ? 0.0 : 0.5);
    ExtremePlacement where{input.placement, std::nullopt};
    if (input.is_mirrored)
        where.mirror = static_cast<double>(input.heads.find("center").width) * rule.stride;

    for (std::size_t i = 0; i < objects.size(); ++i) {
        const Quadruple& object = objects[i];
        found.scores[i] = object.score;
        found.class_ids[i] = object.class_id;
        center_scores[i] = object.center_score;
        for (std::size_t side = 0; side < 4; ++side)
            found.keypoint_scores[4 * i + side] = object.points[point_of_side(where, side)].score;
        place_quadruple(object, shifts.data(), rule, where, &found.xyxy[4 * i],
                        &found.keypoints[8 * i]);
    }
}

}  // namespace

const Kind& extreme_points_kind() {
    static const Kind kind = [] {
        Kind extreme;
        extreme.kind = DecoderKind::extreme_points;
        extreme.known.assign(sides.begin(), sides.end());
        extreme.known.insert(extreme.known.end(), offsets.begin(), offsets.end());
        extreme.known.emplace_back("center");
        extreme.needed = {{"top"}, {"left"}, {"bottom"}, {"right"}, {"center"}};
        extreme.check = check;
        extreme.num_images = images_of_first_head;
        extreme.describe = describe;
        extreme.decode = decode;
        extreme.flip = Flip::joins;
        return extreme;
    }();
    return kind;
}

}  // namespace centerdecode
