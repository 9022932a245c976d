// The outputs of TensorFlow's detection zoo: boxes y1 x1 y2 x2 and keypoints y x as fractions
// of the input, and classes that do not count from 0.
#include "decoder/readers/tables.hpp"

namespace centerdecode {
namespace {

void check(const BatchHeads& heads) { check_tables(heads, "classes", "count"); }

void decode(const Input& input, Memory& memory, Detections& found) {
    decode_tables(input, {"classes", "count", Axes::yx, *input.input_size}, memory, found);
}

}  // namespace

const Kind& zoo_kind() {
    static const Kind kind = [] {
        Kind zoo;
        zoo.kind = DecoderKind::zoo;
        zoo.known = {"boxes", "scores", "classes", "count", "keypoints", "keypoint_scores"};
        zoo.needed = {{"boxes"}, {"scores"}, {"classes"}, {"count"}};
        zoo.check = check;
        zoo.num_images = images_of_first_head;
        zoo.describe = describe_tables;
        zoo.decode = decode;
        zoo.needs_input_size = true;
        zoo.form = HeadForm::table;
        return zoo;
    }();
    return kind;
}

}  // namespace centerdecode
