// A whole decoder: made from settings, heads in, detections out.
//
// Settings are a text of `key=value` entries, separated by `;` or new lines:
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
#include <centerdecode/heads.hpp>
#include <centerdecode/tensor_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace centerdecode {

enum class ColumnType : std::uint8_t { f32, i32, u8 };

// What a decoder finds besides boxes, scores and classes, by name. `shape` is that of one
// detection, of `rank` axes: none where it is a single number.
struct ColumnFormat {
    std::string name;
    ColumnType type = ColumnType::f32;
    std::size_t rank = 0;
    std::array<std::int64_t, 3> shape{};
};

// What a decoder finds besides boxes, scores and classes.
struct DetectionFormat {
    std::optional<std::int64_t> num_keypoints;  // nullopt: it has none
    std::vector<ColumnFormat> columns;
    bool scores_keypoints = true;  // false: tables of a model that has no such scores
};

// The bytes of all detections, row by row.
struct Column {
    ColumnFormat format;
    std::vector<std::byte> bytes;
};

// What was found in one image, strongest first: n boxes x1 y1 x2 y2, n scores and
// class ids, and where the decoder has keypoints n * J points x y and n * J scores,
// else none; further columns in the order of Decoder::columns. The vectors keep their
// capacity, so one that is handed in again costs no allocation.
struct Detections {
    std::vector<float> xyxy;
    std::vector<float> scores;
    std::vector<std::int32_t> class_ids;
    std::vector<float> keypoints;
    std::vector<float> keypoint_scores;
    std::vector<Column> columns;
};

// One for all images of a batch, or one for each; of none, `data` is nullptr. Of rows, which may
// be of any number of images, there may be any number: they are for one image after another, in
// turn.
template <class T>
struct ForEach {
    const T* data = nullptr;
    std::size_t count = 0;

    const T* of(std::int64_t image) const noexcept {
        if (data == nullptr) return nullptr;
        return count == 1 ? data : data + static_cast<std::size_t>(image) % count;
    }
};

// Where boxes and keypoints of a batch go, and what else is known of its images.
struct Placements {
    ForEach<Transform> transforms;   // to image pixels; none: they stay in input pixels
    ForEach<ImageSize> clips;        // that boxes are cut at
    ForEach<ImageSize> input_sizes;  // what rows are fractions of; none: that of the settings
    ForEach<Camera> cameras;         // none: those of the settings
};

struct DecoderState;
struct Memory;

// What is found on the way, kept so that a second image costs no allocation. Of one
// thread.
class Scratch {
public:
    Scratch();
    ~Scratch();
    Scratch(Scratch&& other) noexcept;
    Scratch& operator=(Scratch&& other) noexcept;

    // Frees what is kept, if it is more than a few megabytes, or tens of them of merged heads.
    void shrink();

    Memory& memory() noexcept { return *memory_; }

private:
    std::unique_ptr<Memory> memory_;
};

// Gives the detections of Python's Decoder, bit for bit. Immutable: any number of
// threads may use one, each with its own Scratch. Copies share what they stand for.
class Decoder {
public:
    // Throws std::invalid_argument: an entry that is none, an unknown key or one that the
    // decoder has no use for, a key twice, a word or number that is none, a head that is
    // missing, unknown, or there twice.
    explicit Decoder(std::string_view settings);

    // As a text that another decoder can be made of.
    std::string settings() const;

    // In the order in which they are handed over, and what each is.
    const std::vector<std::string>& heads() const noexcept;
    HeadForm form(std::size_t head) const noexcept;
    Layout layout() const noexcept;

    // "boxes", "poses"...
    const char* kind() const noexcept;

    // No image has more detections.
    std::size_t top_k() const noexcept;

    // Whether it takes the heads of several scales, which decode_scales() reads.
    bool has_scales() const noexcept;

    // Whether it takes each image and behind it its mirror image.
    bool has_flip() const noexcept;

    // Which output is which head, by the names of each output: the one that has the
    // head's first name that any output has, whole or as the last parts of a path
    // ("tower/hm:0" is "hm", too). nullopt: none, or several have it.
    std::vector<std::optional<std::size_t>> match_heads(
        const std::vector<std::vector<std::string>>& outputs) const;

    // The functions below take a view for each of heads(), in that order, and throw
    // std::invalid_argument where grids, channels or batches do not fit: it names the
    // head and what came. A view without data is a head that the model lacks. Rows
    // (1, 1, N, 7) are a head of one channel, N high, 7 wide.

    // Images in the batch; of rows those that they know of, one at least.
    std::int64_t num_images(const std::vector<BatchView>& heads) const;

    // J; 0: the decoder has no keypoints.
    std::int64_t num_keypoints(const std::vector<BatchView>& heads) const;

    // What is found besides boxes, scores, classes and keypoints.
    std::vector<ColumnFormat> columns(const std::vector<BatchView>& heads) const;

    DetectionFormat format_of(const std::vector<BatchView>& heads) const;

    // The same before there are heads: of each the channels, 0 where not even these are known.
    // Extents that are not known are 0 then. Nothing is checked.
    DetectionFormat format_of(const std::vector<std::int64_t>& channels) const;

    // Replaces `found` by what is found in one image. Boxes and keypoints are in
    // pixels of the network input, or where `placement` says. Throws std::out_of_range,
    // too, where there is no such image (rows: a negative one), and std::domain_error
    // where the placement is not finite.
    void decode(const std::vector<BatchView>& heads, std::int64_t image, const Placement& placement,
                Scratch& scratch, Detections& found) const;

    // The same of a whole batch, whose heads are checked once. Returns how many images
    // there are; `found` may have more, of calls before.
    std::size_t decode(const std::vector<BatchView>& heads, const Placements& placements,
                       Scratch& scratch, std::vector<Detections>& found) const;

    // The same of several inputs of each image: heads and placements are those of the first
    // scale, then those of the second... Without a transform coordinates are divided by the scale.
    std::size_t decode_scales(const std::vector<BatchView>& heads,
                              const std::vector<Placements>& placements, Scratch& scratch,
                              std::vector<Detections>& found) const;

private:
    std::shared_ptr<const DecoderState> state_;
};

}  // namespace centerdecode
