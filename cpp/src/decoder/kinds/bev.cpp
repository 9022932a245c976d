// Boxes seen from above, in a bird's-eye view of a point cloud.
#include "space/bev.hpp"
#include "decoder/readers/cells.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <vector>

namespace centerdecode {
namespace {

void check(const BatchHeads& heads) {
    check_box_heads({heads.need("heatmap"), std::nullopt, heads.optional("offset")},
                    heads.settings.box, 0.0);
    require_head(heads, "height", 1, "(z of the center)");
    require_head(heads, "dimensions", 3, "(along x, y and z)");
    require_head(heads, "heading", 2, "(sine and cosine)");
    require_fit_if_any(heads, "velocity", 2, "(one for each axis)");
    require_classes(heads.need("heatmap"), heads.settings.peaks);
}

void describe(const ImageHeads& heads, Format& format) {
    format.add("location", ColumnType::f32, {3});
    format.add("dimensions", ColumnType::f32, {3});
    format.add("yaw", ColumnType::f32, {});
    format.add("corners", ColumnType::f32, {4, 2});
    if (heads.has("velocity")) format.add("velocity", ColumnType::f32, {2});
}

BevHeads bev_heads(const ImageHeads& heads) noexcept {
    return {{heads.find("heatmap"), {}, heads.find("offset")},
            heads.find("height"),
            heads.find("dimensions"),
            heads.find("heading"),
            heads.find("velocity")};
}

BevRule bev_rule(const Settings& settings, const BoxHeads& heads) noexcept {
    const BevSettings& own = settings.bev;
    BevRule rule;
    rule.box = box_rule(settings, heads);
    std::copy_n(own.voxel_size.begin(), 2, rule.voxel);
    std::copy_n(own.origin.begin(), 2, rule.origin);
    constexpr double inf = std::numeric_limits<double>::infinity();
    std::fill(std::begin(rule.lowest), std::end(rule.lowest), -inf);
    std::fill(std::begin(rule.highest), std::end(rule.highest), inf);
    if (own.center_range) {
        std::copy_n(own.center_range->begin(), 3, rule.lowest);
        std::copy_n(own.center_range->begin() + 3, 3, rule.highest);
    }
    rule.clockwise = own.clockwise;
    rule.max_candidates = own.max_candidates;
    return rule;
}

void write_boxes(const Input& input, Memory& memory, Detections& found) {
    const std::vector<BevBox>& boxes = memory.bev_boxes;
    resize(found, boxes.size(), input.format);
    memory.cells.resize(boxes.size());
    float* const locations = floats_of(*find_column(found, "location"));
    float* const dimensions = floats_of(*find_column(found, "dimensions"));
    float* const yaws = floats_of(*find_column(found, "yaw"));
    float* const corners = floats_of(*find_column(found, "corners"));
    Column* const velocities = find_own_column(found, input.format, "velocity");
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const BevBox& box = boxes[i];
        place_footprint(input.placement, box, &found.xyxy[4 * i]);
        found.scores[i] = box.score;
        found.class_ids[i] = box.cell.class_id;
        memory.cells[i] = box.cell;
        std::copy_n(box.location, 3, locations + 3 * i);
        std::copy_n(box.dimensions, 3, dimensions + 3 * i);
        yaws[i] = box.yaw;
        std::copy_n(&box.corners[0][0], 8, corners + 8 * i);
        if (velocities != nullptr) std::copy_n(box.velocity, 2, floats_of(*velocities) + 2 * i);
    }
}

void decode(const Input& input, Memory& memory, Detections& found) {
    const Settings& settings = input.heads.settings;
    const BevHeads heads = bev_heads(input.heads);
    find_bev_boxes(heads, bev_rule(settings, heads.box), settings.peaks, memory.bev,
                   memory.bev_boxes);
    write_boxes(input, memory, found);
}

}  // namespace

const Kind& bev_kind() {
    static const Kind kind = [] {
        Kind bev;
        bev.kind = DecoderKind::bev;
        bev.known = {"heatmap", "offset", "height", "dimensions", "heading", "velocity"};
        bev.needed = {{"heatmap"}, {"height"}, {"dimensions"}, {"heading"}};
        bev.check = check;
        bev.num_images = images_of_first_head;
        bev.describe = describe;
        bev.decode = decode;
        bev.has_cells = true;
        return bev;
    }();
    return kind;
}

}  // namespace centerdecode
