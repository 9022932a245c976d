// Whole decoders: texts of all kinds, and heads in buffers of their exact size.
#include "support/check.hpp"

#include <centerdecode/decoder.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using centerdecode::BatchView;
using centerdecode::Decoder;
using centerdecode::ElementType;
using centerdecode::Layout;

const std::string boxes = "decoder=boxes; heads=heatmap,wh,offset; score_threshold=0.5; top_k=10";
const std::string poses =
    "decoder=poses;heads=heatmap,wh,offset,keypoints,keypoint_heatmap,keypoint_offset;"
    "names.heatmap=hm,heat;nms.kind=hard;nms.iou_threshold=0.4;keypoints.order=planar;"
    "refinement.ranking=gaussian_weighted;refinement.std_devs=0.1,0.2;classes=0,2;stride=4.0";

bool parses(const std::string& text) {
    try {
        const Decoder decoder(text);
        return !decoder.heads().empty();
    } catch (const std::invalid_argument& error) {
        CHECK(std::string(error.what()).size() > 10, error.what());
        return false;
    }
}

// Any text is a decoder or says why it is none; a sanitizer sees what else it might do.
void check_texts() {
    std::mt19937 random;
    const std::string characters = "=;,.\n 01e-+naif\xff";
    for (const std::string& text : {boxes, poses}) {
        CHECK(parses(text), text);
        CHECK(!parses(text + ";" + text), text);  // keys twice
        for (std::size_t end = 0; end < text.size(); ++end) parses(text.substr(0, end));
        for (int i = 0; i < 3000; ++i) {
            std::string other = text;
            for (std::size_t n = 1 + random() % 3; n > 0; --n)
                other[random() % other.size()] = characters[random() % characters.size()];
            parses(other);
        }
    }
    CHECK(!parses(""), "nothing");
    CHECK(!parses("decoder=boxes; heads=heatmap"), "no sizes");
    CHECK(!parses(boxes + "; stride=0"), "no stride");
    CHECK(!parses(boxes + "; color=BGR"), "unknown");
}

// (C, 3, 4), dense, in memory that ends with it.
struct Head {
    std::unique_ptr<float[]> data;
    BatchView view;

    Head(std::int64_t channels, const std::vector<float>& values) : data(new float[values.size()]) {
        std::copy(values.begin(), values.end(), data.get());
        const std::int64_t shape[3] = {channels, 3, 4};
        view = centerdecode::view_of(data.get(), ElementType::f32, Layout::nchw, 3, &shape[0]);
    }
};

std::vector<BatchView> heads_of(const std::vector<Head>& heads) {
    std::vector<BatchView> views;
    for (const Head& head : heads) views.push_back(head.view);
    return views;
}

// Peaks in the cells (1, 1) and (3, 2); boxes are (cell + offset) * 4 -+ size * 4 / 2.
std::vector<Head> two_objects() {
    const auto at = [](float first, float second) {
        std::vector<float> plane(12, 0.0F);
        plane[5] = first;
        plane[11] = second;
        return plane;
    };
    const auto both = [](std::vector<float> x, const std::vector<float>& y) {
        x.insert(x.end(), y.begin(), y.end());
        return x;
    };
    std::vector<float> scores(12, -9.0F);
    scores[5] = 2.0F;
    scores[11] = 1.0F;
    std::vector<Head> heads;
    heads.emplace_back(1, scores);
    heads.emplace_back(2, both(at(1.5F, 2.0F), at(2.5F, 1.0F)));
    heads.emplace_back(2, both(at(0.5F, 0.25F), at(0.25F, 0.75F)));
    return heads;
}

void check_decode() {
    const std::vector<Head> heads = two_objects();
    const Decoder decoder(boxes);
    centerdecode::Scratch scratch;
    centerdecode::Detections found;
    for (int again = 0; again < 2; ++again) {
        decoder.decode(heads_of(heads), 0, {}, scratch, found);
        CHECK(found.xyxy == std::vector<float>({3, 0, 9, 10, 9, 9, 17, 13}), found.xyxy.size());
        CHECK(found.class_ids == std::vector<std::int32_t>({0, 0}), found.class_ids.size());
        CHECK(found.keypoints.empty(), found.keypoints.size());
    }
    const std::string one = "decoder=boxes; heads=heatmap,wh,offset; top_k=1";
    Decoder(one).decode(heads_of(heads), 0, {}, scratch, found);
    CHECK(found.xyxy == std::vector<float>({3, 0, 9, 10}), found.xyxy.size());
}

template <class Error, class Call>
bool throws(const Call& call) {
    try {
        call();
        return false;
    } catch (const Error&) {
        return true;
    }
}

void check_heads_that_do_not_fit() {
    const std::vector<Head> heads = two_objects();
    const Decoder decoder(boxes);
    const auto views = heads_of(heads);
    centerdecode::Scratch scratch;
    centerdecode::Detections found;
    const auto refuses = [&](const std::vector<BatchView>& given) {
        return throws<std::invalid_argument>([&] { decoder.decode(given, 0, {}, scratch, found); });
    };
    CHECK(!refuses(views), "as they should be");
    CHECK(refuses({views[0], views[1]}), "too few");
    CHECK(refuses({views[0], views[0], views[2]}), "one channel of sizes");
    auto narrow = views;
    narrow[2].first.width = 3;
    CHECK(refuses(narrow), "another grid");
    for (const std::int64_t image : {-1, 1})
        CHECK(throws<std::out_of_range>([&] { decoder.decode(views, image, {}, scratch, found); }),
              image);
    const centerdecode::ImageSize none{-1.0, 2.0};
    CHECK(throws<std::domain_error>(
              [&] { decoder.decode(views, 0, {nullptr, &none}, scratch, found); }),
          "a negative size");
}

}  // namespace

int main() {
    check_texts();
    check_decode();
    check_heads_that_do_not_fit();
    return check::result();
}
