// A decoder as text: `key=value` entries, separated by `;` or new lines.
//
//     decoder=boxes; heads=heatmap,wh,offset; names.heatmap=hm,heatmap; stride=4.0
//
// Keys and words are those of Python's Decoder and Family; booleans are 0 or 1, a
// list has commas, and `none` stands for a number or word that is left to its
// default. Needed are `decoder` and `heads`, the order in which tensors are handed
// over; `names.<head>` says what an output that is this head may be called. White
// space around keys and values does not count. docs/cpp.md has all keys.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/keypoints.hpp>
#include <centerdecode/nms.hpp>
#include <centerdecode/peaks.hpp>
#include <centerdecode/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace centerdecode {

enum class DecoderKind : std::uint8_t { boxes, poses, detection_output };

// What a text says, with defaults where it is silent.
struct Settings {
    DecoderKind decoder = DecoderKind::boxes;
    std::vector<std::string> heads;               // in the order in which they are handed over
    std::vector<std::vector<std::string>> names;  // of each head, as outputs may be called
    Layout layout = Layout::nchw;
    PeakOptions peaks;  // of the heatmap; for rows the threshold, number and classes
    PoseRule pose;      // of boxes the member `box` alone
    std::optional<double> center_shift;  // nullopt: as in check_box_heads
    std::optional<NmsRule> nms;
    std::optional<ImageSize> input_size;  // of the network; what rows are fractions of
};

// Throws std::invalid_argument: an entry that is none, an unknown key or one that the
// decoder has no use for, a key twice, a word or number that is none, a head that is
// missing, unknown, or there twice.
Settings parse_settings(std::string_view text);

}  // namespace centerdecode
