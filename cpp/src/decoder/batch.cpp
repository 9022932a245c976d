// A call of a decoder, step by step:
//
//     check the heads once, of every scale          Batch::Batch
//     for each image:
//         for each scale: decode its inputs          decode_input
//         put together what was found                join_inputs
//         leave the strongest of each class, NMS,
//         the strongest of all                       decode
//         cut masks of what is left                  cut_masks
#include "decoder/state.hpp"

#include "decoder/detections.hpp"
#include "decoder/placements.hpp"
#include "decoder/stages/extras.hpp"
#include "decoder/stages/masks.hpp"
#include "decoder/stages/mirrored.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace centerdecode {
namespace {

// Heads of the first image, for what shapes alone tell.
void view_first(const BatchHeads& heads, std::vector<TensorView>& views) {
    views.clear();
    for (const NamedHead& head : heads.given) views.push_back(head.view.first);
}

void describe_columns(const DecoderState& state, const ImageHeads& heads, bool has_camera,
                      Format& format) {
    format.clear();
    state.kind->describe(heads, format);
    if (has_camera && state.kind->describe_with_camera != nullptr)
        state.kind->describe_with_camera(format);
    format.own = format.count;
    if (state.kind->has_cells) describe_extras(heads, format);
    describe_masks(heads, format);
    require_own_names(format);
}

Transform divided_by(double zoom) noexcept {
    return {{{1.0 / zoom, 0.0, 0.0}, {0.0, 1.0 / zoom, 0.0}}};
}

}  // namespace

Batch::Batch(const DecoderState& state, const std::vector<NamedHead>& heads, Memory& memory)
    : state_(state), memory_(memory), scales_(memory.scales) {
    const std::size_t count = state.settings.heads.size();
    require_heads(state.settings.heads, heads.size() / scales());
    scales_.resize(scales());
    for (std::size_t i = 0; i < scales(); ++i) {
        const auto first = heads.begin() + static_cast<std::ptrdiff_t>(i * count);
        scales_[i].assign(first, first + static_cast<std::ptrdiff_t>(count));
    }
    for (std::size_t i = 0; i < scales(); ++i) check(i);
    memory.placements.assign(scales(), {});
    place_each();
}

std::size_t Batch::scales() const noexcept {
    const auto& scales = state_.settings.scales;
    return scales ? scales->size() : 1;
}

BatchHeads Batch::heads_at(std::size_t scale) const { return {state_.settings, scales_[scale]}; }

void Batch::check(std::size_t scale) {
    const BatchHeads heads = heads_at(scale);
    require_needed(heads, *state_.kind);
    require_readable(heads, *state_.kind);
    if (state_.settings.flip) require_mirrored(heads);
    state_.kind->check(heads);
    if (state_.kind->has_cells) check_extras(heads);
    std::int64_t images = state_.kind->num_images(heads);
    check_masks(heads, images);
    if (state_.settings.flip) {
        if (state_.kind->flip == Flip::merges_heads) check_merged(heads);
        images /= 2;
    }
    if (scale > 0 && images != num_images_) refuse_scales();
    num_images_ = images;
}

void Batch::refuse_scales() const {
    std::string counts;
    for (std::size_t scale = 0; scale < scales(); ++scale) {
        const std::int64_t images = state_.kind->num_images(heads_at(scale));
        counts +=
            (scale == 0 ? "" : ", ") + std::to_string(state_.settings.flip ? images / 2 : images);
    }
    throw std::invalid_argument("heads must hold as many images at every scale, got [" + counts +
                                "]");
}

// Columns depend on what is known of the images, so this comes after they are placed.
void Batch::describe() {
    std::vector<std::vector<TensorView>>& views = memory_.views;
    views.resize(std::max<std::size_t>(views.size(), 1));
    view_first(heads_at(0), views[0]);
    describe_columns(state_, {state_.settings, views[0]},
                     memory_.placements[0].cameras.data != nullptr, memory_.format);
}

void Batch::require_image(std::int64_t image) const {
    const bool is_open = state_.kind->is_open_ended;
    if (image >= 0 && (is_open || image < num_images_)) return;
    throw std::out_of_range(
        "image must be from 0 up" +
        (is_open ? std::string() : " and below " + std::to_string(num_images_)) + ", got " +
        std::to_string(image));
}

void Batch::place(const Placements* placements, std::size_t count) {
    if (count != scales())
        throw std::invalid_argument("placements must be one for each scale, got " +
                                    std::to_string(count) + " for " + std::to_string(scales()));
    memory_.placements.assign(placements, placements + count);
    place_each();
}

void Batch::place_each() {
    for (Placements& one : memory_.placements) {
        if (one.cameras.data == nullptr && !state_.cameras.empty())
            one.cameras = {state_.cameras.data(), state_.cameras.size()};
        if (state_.kind->is_open_ended)
            num_images_ = std::max({num_images_, static_cast<std::int64_t>(one.transforms.count),
                                    static_cast<std::int64_t>(one.clips.count),
                                    static_cast<std::int64_t>(one.input_sizes.count)});
        require_placements(one, num_images_, state_.kind->is_open_ended);
    }
    describe();
}

// The inputs of an image: at each scale the image and, where both are decoded, its mirror
// image behind it; or the heads that both were merged into.
void Batch::add_inputs(std::int64_t image) {
    const bool flip = state_.settings.flip;
    const bool merges = flip && state_.kind->flip == Flip::merges_heads;
    const std::size_t at_each = flip && !merges ? 2 : 1;
    Memory& memory = memory_;
    memory.inputs.clear();
    memory.inputs.reserve(scales() * at_each);
    memory.views.resize(std::max(memory.views.size(), scales() * at_each));
    memory.zoomed.resize(scales());
    for (std::size_t scale = 0; scale < scales(); ++scale) {
        const BatchHeads heads = heads_at(scale);
        const Placements& where = memory.placements[scale];
        const double zoom = state_.settings.scales ? (*state_.settings.scales)[scale] : 1.0;
        Placement placement{where.transforms.of(image), where.clips.of(image)};
        if (placement.transform == nullptr && zoom != 1.0) {
            memory.zoomed[scale] = divided_by(zoom);
            placement.transform = &memory.zoomed[scale];
        }
        const Camera* camera = where.cameras.of(image);
        const ImageSize* size = where.input_sizes.of(image);
        if (size == nullptr && state_.settings.input_size) size = &*state_.settings.input_size;
        if (size == nullptr && state_.kind->needs_input_size)
            throw std::invalid_argument(
                "settings must have input_size: the boxes are fractions of it");
        for (std::size_t i = 0; i < at_each; ++i) {
            std::vector<TensorView>& views = memory.views[scale * at_each + i];
            views.clear();
            if (merges)
                merge_heads(heads, image, memory, scale, views);
            else
                for (const NamedHead& head : scales_[scale])
                    views.push_back(
                        state_.kind->is_open_ended
                            ? head.view.first
                            : item_of(head.view, image * static_cast<std::int64_t>(at_each) +
                                                     static_cast<std::int64_t>(i)));
            const Settings& settings = merges ? *state_.merged : state_.settings;
            memory.inputs.push_back(
                {{settings, views}, memory.format, placement, image, zoom, i == 1, camera, size});
        }
    }
}

void Batch::decode_input(const Input& input, Detections& found) {
    state_.kind->decode(input, memory_, found);
    if (state_.kind->has_cells) write_extras(input, memory_, found);
}

// What is found in all inputs, strongest first. At each scale the best of every class are
// left, as in the programs that decode scale by scale.
void Batch::join_inputs(Detections& found) {
    const auto limit_classes = [&](Detections& rows) {
        if (state_.settings.max_per_class && !state_.kind->limits_itself)
            limit_per_class(*state_.settings.max_per_class, memory_, rows);
    };
    if (state_.kind->decode_all != nullptr || memory_.inputs.size() == 1) {
        if (state_.kind->decode_all != nullptr)
            state_.kind->decode_all(memory_.inputs, memory_, found);
        else
            decode_input(memory_.inputs[0], found);
        limit_classes(found);
        return;
    }
    resize(found, 0, memory_.format);
    const std::size_t at_each = memory_.inputs.size() / scales();
    for (std::size_t scale = 0; scale < scales(); ++scale) {
        Detections& rows = memory_.scale_rows;
        resize(rows, 0, memory_.format);
        for (std::size_t i = 0; i < at_each; ++i) {
            decode_input(memory_.inputs[scale * at_each + i], memory_.input_rows);
            append(rows, memory_.input_rows);
        }
        if (at_each > 1) sort_by_score(memory_, rows);
        limit_classes(rows);
        append(found, rows);
    }
    sort_by_score(memory_, found);
}

void Batch::decode(std::int64_t image, Detections& found) {
    add_inputs(image);
    join_inputs(found);
    const Settings& settings = state_.settings;
    require_shapes(settings.nms, memory_.format);
    if (settings.nms) thin(*settings.nms, memory_, found);
    if (state_.joins && settings.max_per_class)
        limit_per_class(*settings.max_per_class, memory_, found);
    limit(settings.peaks.top_k, memory_.format, found);
    if (settings.masks) cut_masks(heads_at(0), memory_.inputs[0], memory_, found);
}

DetectionFormat format_of(const DecoderState& state, const std::vector<std::int64_t>& channels) {
    require_heads(state.settings.heads, channels.size());
    constexpr std::byte nothing{};  // a view of nullptr would be a head that is lacking
    std::vector<TensorView> views(channels.size());
    for (std::size_t i = 0; i < views.size(); ++i) {
        views[i].data = &nothing;
        views[i].channels = channels[i];
    }
    Format format;
    describe_columns(state, {state.settings, views}, !state.cameras.empty(), format);
    format.columns.resize(format.count);
    return {format.num_keypoints, std::move(format.columns), format.scores_keypoints};
}

std::size_t decode_batch(const DecoderState& state, const std::vector<NamedHead>& heads,
                         const Placements* placements, std::size_t num_placements, Memory& memory,
                         std::vector<Detections>& found) {
    Batch batch(state, heads, memory);
    batch.place(placements, num_placements);
    const auto count = static_cast<std::size_t>(batch.num_images());
    if (found.size() < count) found.resize(count);
    for (std::size_t i = 0; i < count; ++i) batch.decode(static_cast<std::int64_t>(i), found[i]);
    return count;
}

}  // namespace centerdecode
