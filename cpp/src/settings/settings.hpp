// All that a decoder goes by, as plain data. visit.hpp lists its keys.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/decoder.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include "groups/extreme_points.hpp"
#include "groups/triplets.hpp"
#include "masks/masks.hpp"
#include "merging/mirror.hpp"
#include "merging/nms.hpp"
#include "poses/keypoints.hpp"
#include "settings/entries.hpp"
#include "space/bev.hpp"
#include "space/boxes3d.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace centerdecode {

enum class DecoderKind : std::uint8_t {
    boxes,
    poses,
    faces,
    pose_tasks,
    boxes3d,
    bev,
    levels,
    extreme_points,
    triplets,
    detection_output,
    zoo,
    embedded,
};

// How keypoints are stored and refined; each field as Python's KeypointRule and
// Refinement have it.
struct KeypointSettings {
    KeypointRule rule;
    std::optional<Axes> axes;                      // nullopt: as in the other heads
    std::optional<Activation> heatmap_activation;  // nullopt: as of the heatmap
    bool single = false;
    // Which change places in a mirror image; nullopt: COCO's, of 17 keypoints.
    std::optional<std::vector<KeypointPair>> pairs;

    Refinement refinement;  // score_threshold and search_scale are derived
    std::size_t candidates = 100;
    double candidate_threshold = static_cast<double>(0.1F);
    bool inclusive = false;
    std::int64_t window = 3;
    std::optional<double> search_scale = 0.3;
    std::optional<double> score_threshold;  // nullopt: candidate_threshold
    std::optional<double> unmatched_score;
};

// The keypoints of one class of several.
struct KeypointTask {
    std::string name;
    std::int64_t class_id = 0;
    std::optional<std::vector<std::int64_t>> indices;  // a column for each; nullopt: the first
    KeypointSettings keypoints;
    PoseRule pose;  // derived
};

enum class ExtraActivation : std::uint8_t { none, sigmoid, exp, inverse_sigmoid };

// What the numbers of an extra are: as they are; the difference of two points; the
// corners of a box as seen from the cell; or where the cell itself is.
enum class ExtraFrame : std::uint8_t { none, displacement, box, cell };

// How the numbers of a head at the cell of a detection become a column.
struct ExtraRule {
    std::string name;  // of the head and of the column
    ExtraActivation activation = ExtraActivation::none;
    double scale = 1.0;
    bool normalize = false;
    ExtraFrame frame = ExtraFrame::none;
    std::optional<Axes> axes;  // nullopt: as in the other heads
    bool replaces_box = false;
};

struct BevSettings {
    std::vector<double> voxel_size;
    std::vector<double> origin;
    std::optional<std::vector<double>> center_range;  // nullopt: everywhere
    bool clockwise = true;
    std::size_t max_candidates = 1000;
};

// Where the heads of a level are in Settings::heads; behind the last: there is none.
struct LevelPlaces {
    std::size_t heatmap;
    std::size_t wh;
    std::size_t agnostic;
};

struct LevelSettings {
    std::vector<double> strides = {8.0, 16.0, 32.0, 64.0, 128.0};
    std::size_t max_per_level = 1000;

    PeakOptions peaks;                // derived, of raw elements, as are:
    std::vector<LevelPlaces> places;  // one for each stride
};

struct ExtremeSettings {
    std::size_t top_k = 40;
    double point_threshold = 0.1;
    double center_threshold = 0.1;
    double edge_aggregation = 0.0;
    bool class_agnostic = false;
    std::size_t max_detections = 1000;

    PeakOptions peaks;         // derived, of the four sides, as is:
    float edge_weight = 0.0F;  // 0: no edge aggregation
    ExtremeRule rule;
};

struct TripletSettings {
    std::size_t top_k = 70;
    double tag_threshold = 0.5;
    std::size_t max_pairs = 1000;
    std::optional<double> margin = 5.0;
    double area_limit = 22500.0;
    PeakOptions peaks;  // derived: of corners and centers
};

struct MaskSettings {
    std::int64_t height = 256;
    std::int64_t width = 256;
    double score_threshold = 0.5;
    std::optional<Activation> activation;    // nullopt: as of the heatmap
    std::optional<std::int64_t> part_class;  // nullopt: no class
};

struct Settings {
    bool is_text = true;  // and not the options of a caller who has heads of other programs, too
    DecoderKind decoder = DecoderKind::boxes;
    std::vector<std::string> heads;               // in the order in which they are handed over
    std::vector<std::vector<std::string>> names;  // of each head, as outputs may be called
    Layout layout = Layout::nchw;
    PeakOptions peaks;  // of the heatmap; for rows the threshold, number and classes
    std::optional<std::size_t> max_per_class;
    BoxRule box;
    std::optional<double> center_shift;  // nullopt: as in check_box_heads
    std::optional<NmsRule> nms;
    bool flip = false;                          // each image is followed by its mirror image
    std::optional<std::vector<double>> scales;  // of several inputs; nullopt: one, as it is
    std::vector<ExtraRule> extras;

    KeypointSettings keypoints;
    std::vector<KeypointTask> tasks;
    std::optional<MaskSettings> masks;
    DepthActivation depth_activation = DepthActivation::inverse_sigmoid;
    std::optional<std::vector<double>> calibration;  // 12 numbers for all images, or for each
    BevSettings bev;
    LevelSettings levels;
    ExtremeSettings extreme_points;
    TripletSettings triplets;
    std::optional<ImageSize> input_size;  // of the network; what rows are fractions of
    std::int64_t first_class = 0;

    PoseRule pose;  // derived
};

// Throws std::invalid_argument: an unknown key, or one that the decoder has no use for
// (in a text); a word or number that is none; a head twice; what contradicts itself.
Settings read_settings(Entries& entries);
Settings parse_settings(std::string_view text);

// The same settings as a text, for `heads` alone; in their order.
std::string write_settings(const Settings& settings);

// Settings of no decoder in particular, for what goes by some of them alone. Throws
// std::invalid_argument: a value that is none, or a key of no decoder.
Settings read_options(Entries& entries);

// How the heads are stored once those of images and mirror images are merged.
Settings merged_settings(Settings settings);

}  // namespace centerdecode
