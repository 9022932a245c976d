#include "decoder/stages/mirrored.hpp"

#include "decoder/readers/cells.hpp"
#include "merging/mirror.hpp"
#include "settings/choices.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace centerdecode {
namespace {

// Which means a head becomes.
enum class Merge : std::uint8_t { none, heatmap, sizes, keypoints, keypoint_heatmap };

// How a head is merged, and by which keypoints' rule.
struct Role {
    Merge merge = Merge::none;
    const KeypointSettings* keypoints = nullptr;
    const PoseRule* pose = nullptr;
};

Role role_of_keypoints(std::string_view name, const KeypointSettings& keypoints,
                       const PoseRule& pose) noexcept {
    if (name == "keypoints") return {Merge::keypoints, &keypoints, &pose};
    if (name == "keypoint_heatmap") return {Merge::keypoint_heatmap, &keypoints, &pose};
    return {};
}

Role role_of(const Settings& settings, std::string_view name) noexcept {
    if (name == "heatmap") return {Merge::heatmap};
    if (name == "wh" || name == "corners") return {Merge::sizes};
    if (settings.decoder == DecoderKind::poses || settings.decoder == DecoderKind::faces)
        return role_of_keypoints(name, settings.keypoints, settings.pose);
    // Heads of a task are called "task/head". There are tasks of one decoder only.
    for (const KeypointTask& task : settings.tasks) {
        const std::size_t length = task.name.size();
        if (name.size() > length && name[length] == '/' && name.substr(0, length) == task.name)
            return role_of_keypoints(name.substr(length + 1), task.keypoints, task.pose);
    }
    return {};
}

// What a size head says. Corners count from the cell, whatever else there is.
struct Sizes {
    BoxRule rule;
    bool has_offset;
};

Sizes sizes_of(const BatchHeads& heads, std::string_view name) noexcept {
    if (name == "corners") return {rule_of_corners(heads.settings.box), false};
    const bool has_offset = heads.find("offset") != nullptr;
    BoxRule rule = heads.settings.box;
    rule.center_shift = heads.settings.center_shift.value_or(has_offset ? 0.0 : 0.5);
    return {rule, has_offset};
}

// What is added to a number cannot be added to its logarithm.
void require_numbers(const Sizes& sizes) {
    const auto& [rule, has_offset] = sizes;
    if (rule.encoding == BoxEncoding::corners && rule.activation != BoxActivation::none)
        throw std::invalid_argument(
            "box_activation must be \"none\" where flip and box_encoding \"corners\"");
    if (rule.activation == BoxActivation::exp && center_gap(rule, has_offset) != 0.0)
        throw std::invalid_argument(
            "center_shift must be 0.5 where flip, without offset, as box_activation is \"exp\" "
            "and box_encoding \"ltrb\", got " +
            std::to_string(rule.center_shift));
}

// Keypoints of which it is not known which change places, or that are no longer numbers.
void require_known(const Role& role, std::int64_t count, const NamedHead& head) {
    const KeypointRule& rule = role.pose->keypoint;
    if (rule.frame == KeypointFrame::box && rule.activation != KeypointActivation::none)
        throw std::invalid_argument(
            "keypoint_rule must have activation \"none\" where flip and frame \"box\", got '" +
            word_of(rule.activation) + "'");
    const auto& pairs = role.keypoints->pairs;
    if (!pairs && count != coco_keypoints)
        throw std::invalid_argument(
            "pairs of keypoint_rule must be given where flip, as is known only of " +
            std::to_string(coco_keypoints) + " keypoints which of them change places, " +
            got(head));
    if (!pairs) return;
    for (const auto& [a, b] : *pairs)
        if (a >= count || b >= count)
            throw std::invalid_argument("pairs of keypoint_rule must be of the " +
                                        std::to_string(count) + " keypoints, got (" +
                                        std::to_string(a) + ", " + std::to_string(b) + ")");
}

// Scores below this are of no use in both images. One pose is found by cells of any score.
float least_of(const PeakOptions& options, bool is_single) noexcept {
    if (is_single) return -std::numeric_limits<float>::infinity();
    return raw_threshold(options.score_threshold, options.activation);
}

bool is_single(const Settings& settings) noexcept {
    const auto& tasks = settings.tasks;
    return settings.pose.single ||
           std::any_of(tasks.begin(), tasks.end(),
                       [](const KeypointTask& task) { return task.pose.single; });
}

// Writes the map of a head's means to `out`.
void merge(const BatchHeads& heads, std::string_view head, const Role& role,
           const MirroredPair& pair, MirroredChannels& mirrored, float* out) {
    const Settings& settings = heads.settings;
    const std::int64_t channels = pair.image.channels;
    const auto merge_scores_of = [&](const PeakOptions& options, bool single) {
        merge_scores(pair, mirrored, options.activation, least_of(options, single), out);
    };
    if (role.merge == Merge::heatmap) {
        mirror_classes(channels, mirrored);
        return merge_scores_of(settings.peaks, is_single(settings));
    }
    if (role.merge == Merge::sizes) {
        const auto [rule, has_offset] = sizes_of(heads, head);
        mirror_sizes(rule, has_offset, channels, mirrored);
        return merge_numbers(pair, mirrored, out);
    }
    const auto& pairs = role.keypoints->pairs ? *role.keypoints->pairs : coco_pairs();
    if (role.merge == Merge::keypoint_heatmap) {
        mirror_keypoint_heatmap(pairs, channels, mirrored);
        return merge_scores_of(role.pose->candidates, role.pose->single);
    }
    mirror_keypoints(role.pose->keypoint, pairs, channels, mirrored);
    merge_numbers(pair, mirrored, out);
}

// A view of a map that is dense, with the axes of `head`.
TensorView view_of_map(const std::vector<float>& map, const TensorView& head) noexcept {
    const bool planar = head.layout == Layout::nchw;
    const std::int64_t shape[] = {planar ? head.channels : head.height,
                                  planar ? head.height : head.width,
                                  planar ? head.width : head.channels};
    return view_of(map.data(), ElementType::f32, head.layout, 3, shape).first;
}

}  // namespace

void require_mirrored(const BatchHeads& heads) {
    for (const NamedHead& head : heads.given)
        if (head.view.first.data != nullptr && (!head.batched || head.view.batch % 2 != 0))
            throw std::invalid_argument(std::string(head.name) +
                                        " must hold an even batch where flip, each image followed "
                                        "by its mirror image, " +
                                        got(head));
}

void check_merged(const BatchHeads& heads) {
    for (std::size_t i = 0; i < heads.given.size(); ++i) {
        const NamedHead& head = heads.given[i];
        const TensorView& view = head.view.first;
        if (view.data == nullptr) continue;
        const std::string& name = heads.settings.heads[i];
        const Role role = role_of(heads.settings, name);
        if (role.merge == Merge::sizes) require_numbers(sizes_of(heads, name));
        if (role.merge == Merge::keypoints) require_known(role, view.channels / 2, head);
        if (role.merge == Merge::keypoint_heatmap) require_known(role, view.channels, head);
    }
}

void merge_heads(const BatchHeads& heads, std::int64_t image, Memory& memory, std::size_t scale,
                 std::vector<TensorView>& views) {
    const std::size_t count = heads.given.size();
    memory.merged.resize(std::max(memory.merged.size(), scale + 1));
    memory.merged[scale].resize(std::max(memory.merged[scale].size(), count));
    for (std::size_t i = 0; i < count; ++i) {
        const BatchView& head = heads.given[i].view;
        const Role role = role_of(heads.settings, heads.settings.heads[i]);
        if (head.first.data == nullptr || role.merge == Merge::none) {
            views.push_back(item_of(head, 2 * image));
            continue;
        }
        const MirroredPair pair{item_of(head, 2 * image), item_of(head, 2 * image + 1)};
        std::vector<float>& map = memory.merged[scale][i];
        const std::int64_t size = head.first.channels * head.first.height * head.first.width;
        map.resize(static_cast<std::size_t>(size) + 1);  // a map without cells has data, too
        merge(heads, heads.settings.heads[i], role, pair, memory.mirrored, map.data());
        views.push_back(view_of_map(map, pair.image));
    }
}

}  // namespace centerdecode
