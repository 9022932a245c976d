// What every kind of decoder answers. There is a file for each under kinds/, and
// kinds.cpp has the list of them.
//
// A call goes through the steps of decode_batch (batch.hpp); a kind says which heads it
// reads, what must hold among them, and how the heads of one input become rows.
#pragma once

#include <centerdecode/decoder.hpp>

#include "heads/named_heads.hpp"
#include "settings/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace centerdecode {

struct Memory;

// A head that the decoder cannot do without is not there.
struct MissingHead : std::invalid_argument {
    explicit MissingHead(std::string_view name);

    std::string head;
};

// The heads of a whole batch, by name.
struct BatchHeads {
    const Settings& settings;
    const std::vector<NamedHead>& given;  // in the order of settings.heads

    // nullptr: the model has no such head.
    const NamedHead* find(std::string_view name) const noexcept;
    std::optional<NamedHead> optional(std::string_view name) const noexcept;

    // Throws MissingHead where there is none.
    const NamedHead& need(std::string_view name) const;
};

// The heads of one image, by name. One without data is not there.
struct ImageHeads {
    const Settings& settings;
    const std::vector<TensorView>& given;  // in the order of settings.heads

    TensorView find(std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept { return find(name).data != nullptr; }
};

// The columns of a decoder's detections.
struct Format {
    std::optional<std::int64_t> num_keypoints;  // nullopt: there are none
    std::vector<ColumnFormat> columns;          // those of the kind come first
    std::size_t count = 0;                      // of `columns`, which keeps its memory
    std::size_t own = 0;                        // of them the kind's
    bool scores_keypoints = true;               // where there are keypoints
    std::size_t late = 0;                       // the last of them are filled once NMS is done

    void clear() noexcept;
    void add(const char* name, ColumnType type, std::initializer_list<std::int64_t> shape);
};

// The numbers in a row of a column.
std::size_t numbers_of(const ColumnFormat& format) noexcept;

// Throws std::invalid_argument where two columns have one name.
void require_own_names(const Format& format);

// Throws std::invalid_argument where there is no column that NMS of such a shape goes by.
void require_shapes(const std::optional<NmsRule>& nms, const Format& format);

// One input of an image: at one scale, mirrored or not.
struct Input {
    ImageHeads heads;
    const Format& format;
    Placement placement;
    std::int64_t image = 0;                 // its number in the batch
    double zoom = 1.0;                      // its scale
    bool is_mirrored = false;               // x counts from the other side
    const Camera* camera = nullptr;         // nullptr: it is not known
    const ImageSize* input_size = nullptr;  // nullptr: it is not known
};

// What is made of an image and its mirror image: nothing is known of them; their heads are
// merged; or what is found in both is put together.
enum class Flip : std::uint8_t { none, merges_heads, joins };

struct Kind {
    DecoderKind kind = DecoderKind::boxes;
    // The heads that it reads, and of those that it cannot do without one of each list.
    std::vector<std::string> known;
    std::vector<std::vector<std::string>> needed;

    // Throws std::invalid_argument where the kind has no use for a value of the settings;
    // nullptr: it takes them all.
    void (*check_settings)(const Settings& settings) = nullptr;

    // Throws std::invalid_argument where heads do not fit each other or the settings.
    void (*check)(const BatchHeads& heads) = nullptr;
    // Images that the heads know of.
    std::int64_t (*num_images)(const BatchHeads& heads) = nullptr;
    // Adds the kind's own columns.
    void (*describe)(const ImageHeads& heads, Format& format) = nullptr;
    // Adds those that there are only where the camera is known; nullptr: none.
    void (*describe_with_camera)(Format& format) = nullptr;
    // Replaces `found` by the rows of one input, strongest first.
    void (*decode)(const Input& input, Memory& memory, Detections& found) = nullptr;

    // The same of all inputs of an image at once, where it is not what is found in each;
    // nullptr: it is.
    void (*decode_all)(const std::vector<Input>& inputs, Memory& memory,
                       Detections& found) = nullptr;

    Flip flip = Flip::none;
    bool has_cells = false;      // leaves the cell of each row in memory.cells: there may be extras
    bool has_columns = false;    // reads extras itself, from tables
    bool is_open_ended = false;  // rows that may be of more images than they know of
    bool limits_itself = false;  // gives at most max_per_class rows of a class
    bool needs_input_size = false;  // what its boxes are fractions of
    HeadForm form = HeadForm::grid;
    const char* shape = nullptr;  // that its heads must have; nullptr: that of the form
};

// Whether a kind reads this head: names of levels and tasks have parts that the settings say.
bool reads(const Kind& kind, const Settings& settings, std::string_view head);

const Kind& kind_of(DecoderKind kind);

// Throws MissingHead where there is none of what the kind needs one of.
void require_needed(const BatchHeads& heads, const Kind& kind);

// Throws std::invalid_argument where a head holds what the kind cannot read.
void require_readable(const BatchHeads& heads, const Kind& kind);

// The images of a grid's batch.
std::int64_t images_of_first_head(const BatchHeads& heads);

}  // namespace centerdecode
