// Boxes in space, from one camera: a peak, its distance, its extents and its turn; and where
// the camera is known, where the object stands and how it is turned there.
#include "space/boxes3d.hpp"
#include "decoder/readers/cells.hpp"

#include <algorithm>

namespace centerdecode {
namespace {

// A head "corners" says the box in the image and nothing else: objects stand where the offset
// head leads, which box_heads() leaves out then.
NamedBoxHeads center_heads(const BatchHeads& heads) {
    return {heads.need("heatmap"), heads.optional("wh"), heads.optional("offset")};
}

Box3dHeads space_heads(const ImageHeads& heads) noexcept {
    return {{heads.find("heatmap"), heads.find("wh"), heads.find("offset")},
            heads.find("rotation"),
            heads.find("depth"),
            heads.find("dimensions"),
            heads.find("amodal_offset")};
}

void check(const BatchHeads& heads) {
    check_box_heads(center_heads(heads), heads.settings.box, 0.0);
    require_head(heads, "rotation", 8, "(two bins of two logits, a sine and a cosine)");
    require_head(heads, "depth", 1, "(the distance)");
    require_head(heads, "dimensions", 3, "(height, width and length)");
    require_fit_if_any(heads, "amodal_offset", 2, "(one for each axis)");
    require_fit_if_any(heads, "corners", 4, "(x1, y1, x2 and y2)");
    require_classes(heads.need("heatmap"), heads.settings.peaks);
}

void describe(const ImageHeads& /*heads*/, Format& format) {
    format.add("depth", ColumnType::f32, {});
    format.add("dimensions", ColumnType::f32, {3});
    format.add("alpha", ColumnType::f32, {});
}

void describe_with_camera(Format& format) {
    format.add("location", ColumnType::f32, {3});
    format.add("rotation_y", ColumnType::f32, {});
}

void decode(const Input& input, Memory& memory, Detections& found) {
    const Settings& settings = input.heads.settings;
    find_rows(input, settings.peaks, memory, found);
    const Box3dHeads heads = space_heads(input.heads);
    const Box3dRule rule{box_rule(settings, heads.box), settings.depth_activation};
    float* const depth = floats_of(*find_column(found, "depth"));
    float* const dimensions = floats_of(*find_column(found, "dimensions"));
    float* const alpha = floats_of(*find_column(found, "alpha"));
    Column* const location = find_own_column(found, input.format, "location");
    Column* const rotation_y = find_own_column(found, input.format, "rotation_y");
    for (std::size_t i = 0; i < memory.peaks.size(); ++i) {
        const Box3d box = decode_box3d(heads, rule, input.placement, input.camera, memory.peaks[i],
                                       &found.xyxy[4 * i]);
        depth[i] = box.depth;
        std::copy_n(box.dimensions, 3, dimensions + 3 * i);
        alpha[i] = box.alpha;
        if (input.camera == nullptr) continue;
        std::copy_n(box.location, 3, floats_of(*location) + 3 * i);
        floats_of(*rotation_y)[i] = box.rotation_y;
    }
    if (!input.heads.has("corners")) return;
    for (std::size_t i = 0; i < memory.cells.size(); ++i)
        decode_box(box_heads(input.heads), box_rule(input.heads), input.placement, memory.cells[i],
                   &found.xyxy[4 * i]);
}

}  // namespace

const Kind& boxes3d_kind() {
    static const Kind kind = [] {
        Kind boxes3d;
        boxes3d.kind = DecoderKind::boxes3d;
        boxes3d.known = {"heatmap",  "wh",    "offset",     "corners",
                         "rotation", "depth", "dimensions", "amodal_offset"};
        boxes3d.needed = {{"heatmap"}, {"rotation"}, {"depth"}, {"dimensions"}};
        boxes3d.check = check;
        boxes3d.num_images = images_of_first_head;
        boxes3d.describe = describe;
        boxes3d.describe_with_camera = describe_with_camera;
        boxes3d.decode = decode;
        boxes3d.has_cells = true;
        boxes3d.limits_itself = true;
        return boxes3d;
    }();
    return kind;
}

}  // namespace centerdecode
