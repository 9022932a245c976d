// Rows [1, 1, N, 7] of models that decode in their own graph (OpenVINO's DetectionOutput).
#include "heads/detection_output.hpp"

#include "decoder/detections.hpp"
#include "decoder/readers/tables.hpp"

#include <algorithm>
#include <stdexcept>

namespace centerdecode {
namespace {

constexpr const char* shape = "(1, 1, N, 7)";

DetectionRows rows_of(const TensorView& view) noexcept {
    return {view.data, view.type, view.height, view.row_stride, view.column_stride};
}

void check(const BatchHeads& heads) {
    const NamedHead& rows = heads.need("rows");
    const TensorView& view = rows.view.first;
    if (rows.view.batch == 1 && rows.batched && view.channels == 1 && view.width == 7) return;
    throw std::invalid_argument(std::string(rows.name) + " must be of shape " + shape + ", " +
                                got(rows));
}

std::int64_t num_images(const BatchHeads& heads) {
    return std::max<std::int64_t>(1, count_images(rows_of(heads.need("rows").view.first)));
}

void describe(const ImageHeads& /*heads*/, Format& /*format*/) {}

void decode(const Input& input, Memory& memory, Detections& found) {
    const Settings& settings = input.heads.settings;
    decode_detection_rows(rows_of(input.heads.find("rows")), input.image, *input.input_size,
                          settings.peaks.score_threshold, memory.boxes);
    keep_classes(settings.peaks, memory.boxes);
    const std::size_t n = std::min(memory.boxes.size(), settings.peaks.top_k);
    resize(found, n, input.format);
    for (std::size_t i = 0; i < n; ++i) {
        const ScoredBox& box = memory.boxes[i];
        place_box(input.placement, {{box.xyxy[0], box.xyxy[1]}, {box.xyxy[2], box.xyxy[3]}},
                  &found.xyxy[4 * i]);
        found.scores[i] = box.score;
        found.class_ids[i] = box.class_id;
    }
}

}  // namespace

const Kind& detection_output_kind() {
    static const Kind kind = [] {
        Kind rows;
        rows.kind = DecoderKind::detection_output;
        rows.known = {"rows"};
        rows.needed = {{"rows"}};
        rows.check = check;
        rows.num_images = num_images;
        rows.describe = describe;
        rows.decode = decode;
        rows.is_open_ended = true;
        rows.needs_input_size = true;
        rows.shape = shape;
        return rows;
    }();
    return kind;
}

}  // namespace centerdecode
