// The outputs of a decoder in a model's own graph, as centerdecode.graph.embed puts it there:
// boxes x1 y1 x2 y2 and keypoints x y in pixels of the input, and further columns.
#include "decoder/readers/table_columns.hpp"
#include "decoder/readers/tables.hpp"

namespace centerdecode {
namespace {

void check(const BatchHeads& heads) {
    check_tables(heads, "class_ids", "counts");
    check_table_columns(heads);
}

void describe(const ImageHeads& heads, Format& format) {
    describe_tables(heads, format);
    describe_table_columns(heads, format);
}

void decode(const Input& input, Memory& memory, Detections& found) {
    decode_tables(input, {"class_ids", "counts", Axes::xy, {1.0, 1.0}}, memory, found);
    read_table_columns(input, memory, found);
}

}  // namespace

const Kind& embedded_kind() {
    static const Kind kind = [] {
        Kind embedded;
        embedded.kind = DecoderKind::embedded;
        embedded.known = {"boxes", "scores", "class_ids", "counts", "keypoints", "keypoint_scores"};
        embedded.needed = {{"boxes"}, {"scores"}, {"class_ids"}, {"counts"}};
        embedded.check_settings = check_table_rules;
        embedded.check = check;
        embedded.num_images = images_of_first_head;
        embedded.describe = describe;
        embedded.decode = decode;
        embedded.has_columns = true;
        embedded.form = HeadForm::table;
        return embedded;
    }();
    return kind;
}

}  // namespace centerdecode
