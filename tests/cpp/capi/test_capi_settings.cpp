// Settings as a C program may write them: each text is a decoder or says why it is none,
// and what it says is UTF-8 that fits into its room.
#include "capi.hpp"
#include "support/check.hpp"

#include <random>

namespace {

using namespace capi_test;

const std::string boxes = "decoder=boxes; heads=heatmap,wh,offset";
const std::string poses = "decoder=poses;heads=heatmap,wh,keypoints,keypoint_heatmap";
const std::string rows = "decoder=detection_output;heads=rows";

// All that there is, each with a value that it takes.
const std::string texts[] = {
    boxes +
        "; names.heatmap=hm, a/heat ;\n layout = NHWC; activation=none; window=5; plateaus=keep"
        "; top_k=7; score_threshold=0.25; classes=2,0,2; best_class=1; max_per_class=3; stride=2.5"
        "; box_encoding=ltrb; box_units=pixels; box_activation=exp; axes=yx; center_shift=-0.5"
        "; nms.kind=gaussian; nms.iou_threshold=1; nms.sigma=0.5; nms.score_threshold=0.001"
        "; nms.class_agnostic=1; nms.whole_pixels=0; nms.inclusive=1",
    poses +
        ";keypoints.order=planar;keypoints.axes=yx;keypoints.frame=box;keypoints.activation=none"
        ";keypoints.heatmap_activation=sigmoid;keypoints.single=0;refinement.candidates=9"
        ";refinement.candidate_threshold=0.1;refinement.inclusive=1;refinement.window=3"
        ";refinement.ranking=gaussian_weighted;refinement.box_scale=1.2"
        ";refinement.search_scale=none;refinement.distance_offset=1;"
        "refinement.distance_multiplier=0.1;refinement.std_devs=0.1,0.2"
        ";refinement.score_threshold=none;refinement.extent_margin=0.25"
        ";refinement.unmatched_score=0.1;classes=",
    rows + "\ninput_size=320,544.5\ntop_k=0\nscore_threshold=inf\nclasses=none\n",
};

// By the table of the Unicode standard: which bytes may follow which.
bool is_utf8(const std::string& text) {
    const auto is_in = [&](std::size_t i, unsigned least, unsigned most) {
        const auto byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
        return byte >= least && byte <= most;
    };
    for (std::size_t i = 0; i < text.size();) {
        std::size_t more = 0;
        if (is_in(i, 0xC2, 0xDF)) more = 1;
        if (is_in(i, 0xE0, 0xEF)) more = 2;
        if (is_in(i, 0xF0, 0xF4)) more = 3;
        if (more == 0 && !is_in(i, 0x00, 0x7F)) return false;
        if (is_in(i, 0xE0, 0xE0) && !is_in(i + 1, 0xA0, 0xBF)) return false;
        if (is_in(i, 0xED, 0xED) && !is_in(i + 1, 0x80, 0x9F)) return false;
        if (is_in(i, 0xF0, 0xF0) && !is_in(i + 1, 0x90, 0xBF)) return false;
        if (is_in(i, 0xF4, 0xF4) && !is_in(i + 1, 0x80, 0x8F)) return false;
        for (std::size_t end = ++i + more; i < end; ++i)
            if (!is_in(i, 0x80, 0xBF)) return false;
    }
    return true;
}

bool is_decoder(const std::string& text, std::size_t message_size) {
    const Decoder decoder(text, message_size);
    const auto& [status, message] = decoder.answer();
    const bool made = decoder.get() != nullptr;
    CHECK(status == (made ? CENTERDECODE_OK : CENTERDECODE_INVALID_SETTINGS), status, text);
    CHECK(is_utf8(message), message, text);
    CHECK(message.size() < std::max<std::size_t>(message_size, 1), message_size, text);
    if (made) CHECK(message.empty(), message, text);
    if (!made && message_size > 10) CHECK(!message.empty(), text);
    return made;
}

std::string changed(std::string text, std::mt19937& random) {
    const std::string characters = "=;,.\n \t01e-+naif\xff\xc3\xa9\xe2\x82\xac_";
    for (std::size_t n = 1 + random() % 2; n > 0 && !text.empty(); --n) {
        const std::size_t at = random() % text.size();
        const std::size_t length = 1 + random() % std::min<std::size_t>(9, text.size() - at);
        switch (random() % 4) {
            case 0: text[at] = characters[random() % characters.size()]; break;
            case 1: text.erase(at, length); break;
            case 2: text.insert(at, text.substr(random() % text.size(), length)); break;
            default: text[at] = static_cast<char>(1 + random() % 255); break;
        }
    }
    return text;
}

void check_texts() {
    std::mt19937 random;
    std::size_t made = 0;
    std::size_t refused = 0;
    for (const std::string& valid : texts) {
        CHECK(is_decoder(valid, 400), valid);
        for (std::size_t end = 0; end < valid.size(); ++end) is_decoder(valid.substr(0, end), 400);
        for (int i = 0; i < 4000; ++i)
            ++(is_decoder(changed(valid, random), random() % 120) ? made : refused);
    }
    CHECK(made > 100 && refused > 1000, made, refused);
}

void check_refused(const std::string& text, const std::string& message) {
    const Decoder decoder(text);
    CHECK(decoder.answer().status == CENTERDECODE_INVALID_SETTINGS, decoder.answer().status, text);
    CHECK(decoder.answer().message == message, decoder.answer().message, message);
}

void check_texts_that_are_none() {
    const std::string words = ": must have something between commas, got ";
    const auto entry = [](const std::string& start, const std::string& what,
                          const std::string& rule) {
        check_refused(start + ";" + what, "settings, at \"" + what + "\": must be " + rule +
                                              ", got \"" + what.substr(what.find('=') + 1) + "\"");
    };
    for (const std::string number : {"9", "-0.1", "1.0000001", "inf"})
        entry(boxes, "nms.iou_threshold=" + number, "from 0 to 1");
    for (const std::string text : {"nms.iou_threshold=nan", "stride=4px", "stride=", "stride=0x4"})
        entry(boxes, text, "a number");
    for (const std::string text : {"window=2", "window=2147483646"}) entry(boxes, text, "odd");
    for (const std::string text : {"best_class=2", "best_class="}) entry(boxes, text, "0 or 1");
    for (const std::string text : {"top_k=-1", "top_k=1.5", "top_k=4611686018427387905"})
        entry(boxes, text, "a whole number from 0 to 4611686018427387904");
    for (const std::string number : {"inf", "-inf"})
        entry(boxes, "center_shift=" + number, "finite");
    for (const std::string size : {"320", "1,2,3", ""})
        entry(rows, "input_size=" + size, "a height and a width");
    for (const std::string size : {"inf,inf", "0,4", "4,-1", "1,inf"}) {
        const std::string text = "input_size=" + size;
        const Answer answer = Decoder(rows + ";" + text).answer();
        CHECK(answer.message.find("settings, at \"" + text + "\": must be positive") == 0,
              answer.message);
    }
    check_refused(boxes + ";names.heatmap=",
                  "settings, at \"names.heatmap=\": must be a name or several, got none");
    for (const std::string list : {"heatmap,wh,", ",heatmap,wh", "heatmap,,wh", ","})
        check_refused("decoder=boxes;heads=" + list,
                      "settings, at \"heads=" + list + "\"" + words + "\"" + list + "\"");
    for (const std::string list : {"names.wh=wh,", "classes=1,", "classes=,"})
        check_refused(boxes + ";" + list, "settings, at \"" + list + "\"" + words + "\"" +
                                              list.substr(list.find('=') + 1) + "\"");
    check_refused(poses + ";refinement.ranking=gaussian_weighted",
                  "settings must have refinement.std_devs for ranking \"gaussian_weighted\"");
    check_refused(boxes + ";top_k=1;;top_k=1",
                  "settings must have each key once, got another \"top_k=1\"");
}

// The ends of what is allowed, and lists of nothing.
void check_texts_that_are_fine() {
    for (const std::string& text :
         {boxes + ";nms.iou_threshold=0;center_shift=-7;", boxes + ";classes=;\r\nclass_ids",
          boxes + ";nms.iou_threshold=1.0;score_threshold=-inf", boxes + ";center_shift=none",
          poses + ";refinement.std_devs=;refinement.search_scale=inf", rows + ";input_size=1e-3,1",
          std::string("decoder=boxes\r\nheads=heatmap,wh\r\n"),
          std::string("decoder=boxes;heads = wh , heatmap\t;names.wh= a , b;\n;\n")})
        CHECK(is_decoder(text, 400) == (text.find("class_ids") == std::string::npos), text);
}

void check_bytes() {
    const auto said = [](const std::string& key) {
        return "settings must have keys that decoder \"boxes\" with these heads knows, got \"" +
               key + "\"";
    };
    // What is UTF-8 stays, to the last code point; each byte that is none is written out.
    for (const std::string key : {"\xc3\xa9", "\xe2\x82\xac", "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf",
                                  "\xf0\x90\x80\x80", "\xed\x9f\xbf", "\x7f"})
        check_refused(boxes + ";" + key + "=1", said(key));
    const std::pair<std::string, std::string> none[] = {
        {"\xff", "\\xff"},
        {"a\x80z", "a\\x80z"},
        {"\xc3", "\\xc3"},
        {"\xc3\xc3\xa9", "\\xc3\xc3\xa9"},
        {"\xc0\xaf", "\\xc0\\xaf"},                    // too long for what it is
        {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"},           // too
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // half of a pair
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond Unicode
        {"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
        {"\xe2\x82", "\\xe2\\x82"}};
    for (const auto& [key, wanted] : none) check_refused(boxes + ";" + key + "=1", said(wanted));
}

// Of any size a message is as much of the whole as fits, in whole characters.
void check_cut_messages() {
    const std::string text = boxes + ";\xe2\x82\xac\xff=1";
    const std::string whole = Decoder(text).answer().message;
    CHECK(whole.find("\xe2\x82\xac\\xff\"") != std::string::npos, whole);
    for (std::size_t size = 0; size < whole.size() + 3; ++size) {
        const std::string cut = Decoder(text, size).answer().message;
        CHECK(whole.compare(0, cut.size(), cut) == 0, cut);
        CHECK(is_utf8(cut), cut);
        CHECK(cut.size() + 4 >= std::min(size, whole.size() + 1), size, cut.size());
        CHECK(size > whole.size() ? cut == whole : cut.size() < std::max<std::size_t>(size, 1));
    }
}

}  // namespace

int main() {
    check_texts();
    check_texts_that_are_none();
    check_texts_that_are_fine();
    check_bytes();
    check_cut_messages();
    return check::result();
}
