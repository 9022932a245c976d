// A decoder that has decoded such heads before allocates nothing, of whatever kind it is.
#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/heads.hpp"

#include <centerdecode/decoder.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using centerdecode::BatchView;
using centerdecode::Detections;
using centerdecode::ElementType;
using centerdecode::Layout;
using centerdecode::Placements;

// A whole decoder, how many channels each of its heads has, and how many scales there are.
struct Decoding {
    const char* settings;
    std::vector<std::int64_t> channels;
    std::size_t scales = 1;
};

const Decoding decodings[] = {
    {"decoder=boxes;heads=heatmap,wh,offset,id;extras=id;extras.id.normalize=1;max_per_class=9;"
     "best_class=1;nms.kind=hard",
     {3, 2, 2, 16}},
    {"decoder=boxes;heads=heatmap,wh,offset;flip=1;scales=1.0,2.0;nms.kind=gaussian", {3, 2, 2}, 2},
    {"decoder=boxes;heads=heatmap,wh,segmentation,parts,surface_coords;masks.height=9;"
     "masks.width=7;masks.part_class=0;top_k=9;nms.kind=hard",
     {3, 2, 3, 4, 8}},
    {"decoder=poses;heads=heatmap,wh,offset,keypoints,keypoint_heatmap,keypoint_offset,"
     "keypoint_depth;flip=1;keypoints.pairs=0,1",
     {1, 2, 2, 10, 5, 2, 1}},
    {"decoder=poses;heads=heatmap,keypoints,keypoint_heatmap;keypoints.single=1", {1, 10, 5}},
    {"decoder=faces;heads=heatmap,wh,offset,keypoints;nms.kind=hard", {1, 2, 2, 10}},
    {"decoder=pose_tasks;heads=heatmap,wh,a/keypoints,a/keypoint_heatmap,b/keypoints,"
     "b/keypoint_depth,b/keypoint_heatmap;tasks=a,b;tasks.b.class_id=1;tasks.b.indices=3,1",
     {3, 2, 6, 3, 4, 1, 2}},
    {"decoder=boxes3d;heads=heatmap,rotation,depth,dimensions,wh,offset,amodal_offset,corners;"
     "calibration=50,0,10,0,0,40,12,0,0,0,1,0;best_class=1;max_per_class=9;classes=0,2;"
     "nms.kind=linear",
     {3, 8, 1, 3, 2, 2, 2, 4}},
    {"decoder=bev;heads=heatmap,offset,height,dimensions,heading,velocity,quality;window=1;"
     "bev.voxel_size=0.2,0.2;bev.origin=-5,-5;bev.center_range=-3,-3,-9,3,3,9;"
     "bev.max_candidates=30;best_class=1;max_per_class=9;classes=0,2;extras=quality;"
     "nms.shape=footprint",
     {3, 2, 1, 3, 2, 2, 1}},
    {"decoder=bev;heads=heatmap,height,dimensions,heading;bev.voxel_size=0.2,0.2;"
     "bev.origin=0,0;nms.shape=circle;nms.radius=0.5",
     {3, 1, 3, 2}},
    {"decoder=levels;heads=heatmap_0,wh_0,agnostic_0,heatmap_1,wh_1,agnostic_1;"
     "levels.strides=8,16;levels.max_per_level=50;nms.kind=hard;max_per_class=30;classes=0,1",
     {3, 4, 1, 3, 4, 1}},
    {"decoder=extreme_points;heads=top,left,bottom,right,center,top_offset,left_offset,"
     "bottom_offset,right_offset;flip=1;scales=0.5,1;nms.kind=gaussian;max_per_class=30;"
     "classes=0,1;extreme_points.edge_aggregation=0.1",
     {3, 3, 3, 3, 3, 2, 2, 2, 2},
     2},
    {"decoder=triplets;heads=top_left,top_left_tag,top_left_offset,bottom_right,"
     "bottom_right_tag,bottom_right_offset,center,center_offset;flip=1;scales=0.5,1;"
     "nms.kind=gaussian;max_per_class=30;classes=0,1",
     {3, 1, 2, 3, 1, 2, 3, 2},
     2},
};

// decode() counts the allocations of a call. Lists that change places have all grown after
// two calls.
template <class Decode>
void check_calls(const char* settings, const Decode& decode) {
    CHECK(decode() > 0, settings);
    decode();
    for (int again = 0; again < 3; ++again) {
        const long count = decode();
        CHECK(count == 0, settings, count);
    }
}

// Two images, of which the second may be the mirror image of the first.
void check_decoder(const Decoding& decoding) {
    const centerdecode::Decoder decoder(decoding.settings);
    heads::Random random;
    std::vector<std::vector<float>> tensors;
    std::vector<BatchView> views;
    for (std::size_t i = 0; i < decoding.scales * decoding.channels.size(); ++i) {
        const std::int64_t channels = decoding.channels[i % decoding.channels.size()];
        const std::int64_t extents[] = {2, channels, 20, 30};
        std::vector<float>& tensor = tensors.emplace_back();
        for (std::int64_t n = 2 * channels * 20 * 30; n > 0; --n)
            tensor.push_back(static_cast<float>(random() % 1000) / 250.0F - 2.0F);
        views.push_back(
            centerdecode::view_of(tensor.data(), ElementType::f32, Layout::nchw, 4, &extents[0]));
    }
    const std::vector<Placements> placements(decoding.scales);
    centerdecode::Scratch scratch;
    std::vector<Detections> found;
    check_calls(decoding.settings, [&] {
        const long before = allocations;
        decoder.decode_scales(views, placements, scratch, found);
        return allocations - before;
    });
    CHECK(!found.empty() && !found[0].scores.empty(), decoding.settings);
}

void check_rows(const std::string& settings, const std::vector<BatchView>& heads) {
    const centerdecode::Decoder decoder(settings);
    const centerdecode::Transform transform{{{2.0, 0.0, 1.0}, {0.0, 2.0, 1.0}}};
    Placements placements;
    placements.transforms = {&transform, 1};
    centerdecode::Scratch scratch;
    std::vector<Detections> found;
    std::size_t images = 0;
    check_calls(settings.c_str(), [&] {
        const long before = allocations;
        images = decoder.decode(heads, placements, scratch, found);
        return allocations - before;
    });
    CHECK(images == 2, settings, images);
    for (std::size_t i = 0; i < images; ++i) CHECK(found[i].scores.size() > 1, settings, i);
}

// Tables of two images with 40 boxes of 3 keypoints, and the rows of DetectionOutput.
void check_decoded_rows() {
    constexpr std::int64_t n = 40;
    std::vector<float> numbers(2 * n * 7, 0.5F);
    std::vector<std::int32_t> classes(2 * n, 1);
    const std::vector<std::int64_t> counts(2, n);
    const auto table = [&](const auto& data, ElementType type, std::vector<std::int64_t> extents) {
        return centerdecode::view_of_table(data.data(), type, extents.size(), extents.data());
    };
    const std::vector<BatchView> tables = {
        table(numbers, ElementType::f32, {2, n, 4}),    table(numbers, ElementType::f32, {2, n}),
        table(classes, ElementType::i32, {2, n}),       table(counts, ElementType::i64, {2}),
        table(numbers, ElementType::f32, {2, n, 3, 2}), table(numbers, ElementType::f32, {2, n, 3}),
    };
    const std::string more = ";max_per_class=30;classes=0,1;nms.kind=gaussian";
    const std::string keypoints = ",keypoints,keypoint_scores";
    const std::string zoo = "decoder=zoo;heads=boxes,scores,classes,count" + keypoints;
    const std::string embedded = "decoder=embedded;heads=boxes,scores,class_ids,counts" + keypoints;
    check_rows(zoo + ";input_size=9,9" + more, tables);
    check_rows(embedded + more, tables);

    for (std::size_t row = 0; row < 2 * n; ++row) numbers[7 * row] = static_cast<float>(row % 2);
    const std::int64_t extents[] = {1, 1, 2 * n, 7};
    const BatchView rows =
        centerdecode::view_of(numbers.data(), ElementType::f32, Layout::nchw, 4, extents);
    check_rows("decoder=detection_output;heads=rows;input_size=9,9" + more, {rows});
}

}  // namespace

int main() {
    for (const Decoding& decoding : decodings) check_decoder(decoding);
    check_decoded_rows();
    return check::result();
}
