// Boxes: a peak and the size head at its cell.
#include "decoder/readers/cells.hpp"

namespace centerdecode {
namespace {

void describe(const ImageHeads& /*heads*/, Format& /*format*/) {}

void decode(const Input& input, Memory& memory, Detections& found) {
    find_rows(input, input.heads.settings.peaks, memory, found);
    const BoxHeads heads = box_heads(input.heads);
    const BoxRule rule = box_rule(input.heads);
    for (std::size_t i = 0; i < memory.cells.size(); ++i)
        decode_box(heads, rule, input.placement, memory.cells[i], &found.xyxy[4 * i]);
}

}  // namespace

const Kind& boxes_kind() {
    static const Kind kind = [] {
        Kind boxes;
        boxes.kind = DecoderKind::boxes;
        boxes.known = {"heatmap", "wh", "offset", "corners"};
        boxes.needed = {{"heatmap"}, {"wh", "corners"}};
        boxes.check = check_boxes;
        boxes.num_images = images_of_first_head;
        boxes.describe = describe;
        boxes.decode = decode;
        boxes.flip = Flip::merges_heads;
        boxes.has_cells = true;
        boxes.limits_itself = true;
        return boxes;
    }();
    return kind;
}

}  // namespace centerdecode
