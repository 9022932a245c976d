// Heads of images and their mirror images to heads of the images: new arrays, float32.
#include "arrays.hpp"
#include "options.hpp"

#include <centerdecode/mirror.hpp>

#include <pybind11/stl.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// Which keypoints change places.
struct KeypointPairs {
    std::vector<KeypointPair> pairs;
    std::optional<std::int64_t> of;  // how many keypoints they are known for; nullopt: any
};

void require_known(const KeypointPairs& pairs, std::int64_t keypoints, const Head& head) {
    if (pairs.of.value_or(keypoints) != keypoints)
        throw py::value_error(
            "pairs of keypoint_rule must be given where flip, as is known only of " +
            std::to_string(*pairs.of) + " keypoints which of them change places, " +
            head.array.got());
    for (const auto& [a, b] : pairs.pairs)
        if (a >= keypoints || b >= keypoints)
            throw py::value_error("pairs of keypoint_rule must be of the " +
                                  std::to_string(keypoints) + " keypoints, got (" +
                                  std::to_string(a) + ", " + std::to_string(b) + ")");
}

Head view_pairs(py::handle object, const char* name, const HeadFormat& format) {
    Head head = view_head(object, name, format.layout, format.element_type);
    require_mirrored_pairs(head);
    return head;
}

// merge(pair, out) of every image of a batch.
template <class Merge>
py::array_t<float> merge_images(const Head& head, const Merge& merge) {
    const auto& shape = head.array.extents.shape;
    py::array_t<float> merged({shape[0] / 2, shape[1], shape[2], shape[3]});
    float* out = merged.mutable_data();
    const TensorView& view = head.first;
    const py::gil_scoped_release nogil;
    for (py::ssize_t i = 0; i < head.batch; i += 2, out += view.channels * view.height * view.width)
        merge(MirroredPair{head.item(i), head.item(i + 1)}, out);
    return merged;
}

py::array_t<float> merge_scores_of(const Head& head, const MirroredChannels& channels,
                                   const PeakOptions& options, bool all) {
    const float least = all ? -std::numeric_limits<float>::infinity()
                            : raw_threshold(options.score_threshold, options.activation);
    return merge_images(head, [&](const MirroredPair& pair, float* out) {
        merge_scores(pair, channels, options.activation, least, out);
    });
}

py::array_t<float> merge_numbers_of(const Head& head, const MirroredChannels& channels) {
    return merge_images(
        head, [&](const MirroredPair& pair, float* out) { merge_numbers(pair, channels, out); });
}

// Scores. Those of cells that cannot be among `options` are -inf, unless `all` count.
py::array_t<float> merge_heatmap(py::handle heatmap, const HeadFormat& format,
                                 const PeakOptions& options, bool all) {
    const Head head = view_pairs(heatmap, "heatmap", format);
    return merge_scores_of(head, mirror_classes(head.first.channels), options, all);
}

// What is added to a number cannot be added to its logarithm.
void require_numbers(const BoxRule& rule, bool has_offset) {
    if (rule.encoding == BoxEncoding::corners && rule.activation != BoxActivation::none)
        throw py::value_error(
            "box_activation must be \"none\" where flip and box_encoding \"corners\"");
    if (rule.activation == BoxActivation::exp && center_gap(rule, has_offset) != 0.0)
        throw py::value_error(
            "center_shift must be 0.5 where flip, without offset, as box_activation is \"exp\" "
            "and box_encoding \"ltrb\", got " +
            std::to_string(rule.center_shift));
}

py::array_t<float> merge_sizes(py::handle wh, const HeadFormat& format, const BoxFormat& box,
                               bool has_offset) {
    const Head head = view_pairs(wh, "wh", format);
    BoxRule rule = box.rule;
    rule.center_shift = box.center_shift.value_or(has_offset ? 0.0 : 0.5);
    require_numbers(rule, has_offset);
    return merge_numbers_of(head, mirror_sizes(rule, has_offset, head.first.channels));
}

py::array_t<float> merge_keypoints(py::handle keypoints, const HeadFormat& format,
                                   const PoseRule& rule, const KeypointPairs& pairs) {
    const Head head = view_pairs(keypoints, "keypoints", format);
    const std::int64_t channels = head.first.channels;
    if (channels % 2 != 0)
        throw py::value_error("keypoints must have an even number of channels, " +
                              head.array.got());
    require_known(pairs, channels / 2, head);
    return merge_numbers_of(head, mirror_keypoints(rule.keypoint, pairs.pairs, channels));
}

// As merge_heatmap, of the candidates of `rule`.
py::array_t<float> merge_keypoint_heatmap(py::handle heatmap, const HeadFormat& format,
                                          const PoseRule& rule, const KeypointPairs& pairs) {
    const Head head = view_pairs(heatmap, "keypoint_heatmap", format);
    const std::int64_t channels = head.first.channels;
    require_known(pairs, channels, head);
    return merge_scores_of(head, mirror_keypoint_heatmap(pairs.pairs, channels), rule.candidates,
                           rule.single);
}

}  // namespace

void bind_mirror(py::module_& m) {
    py::class_<Unmirrored>(m, "Unmirrored").def(py::init<py::object>());
    py::class_<KeypointPairs>(m, "KeypointPairs")
        .def(py::init<std::vector<KeypointPair>, std::optional<std::int64_t>>());
    m.def("merge_heatmap", &merge_heatmap);
    m.def("merge_sizes", &merge_sizes);
    m.def("merge_keypoints", &merge_keypoints);
    m.def("merge_keypoint_heatmap", &merge_keypoint_heatmap);
}
