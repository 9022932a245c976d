// The decoder that callers hold.
#include <centerdecode/decoder.hpp>

#include "decoder/state.hpp"
#include "settings/choices.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace centerdecode {
namespace {

void require_known_heads(const Settings& settings, const Kind& kind) {
    const auto& heads = settings.heads;
    const auto is_read = [&](const std::string& head) { return reads(kind, settings, head); };
    const auto unknown = std::find_if_not(heads.begin(), heads.end(), is_read);
    if (settings.is_text && unknown != heads.end())
        throw std::invalid_argument("settings must have heads that the decoder knows, got \"" +
                                    *unknown + "\"");
    for (const auto& any : kind.needed) {
        const auto is_there = [&](const std::string& head) {
            return std::find(heads.begin(), heads.end(), head) != heads.end();
        };
        if (std::none_of(any.begin(), any.end(), is_there))
            throw std::invalid_argument("settings must have heads with \"" + any.front() +
                                        "\", which the decoder needs");
    }
}

// Options that a kind has no meaning for.
void require_fitting_options(const Settings& settings, const Kind& kind) {
    const std::string decoder = "decoder '" + word_of(settings.decoder) + "'";
    if (!settings.extras.empty() && !kind.has_cells && !kind.has_columns) {
        std::string names;
        for (const ExtraRule& extra : settings.extras)
            names += (names.empty() ? "'" : ", '") + extra.name + "'";
        throw std::invalid_argument("extras must be empty for " + decoder +
                                    ", which has no cells, got [" + names + "]");
    }
    if ((settings.flip || settings.scales) && kind.flip == Flip::none)
        throw std::invalid_argument("flip and scales must be left out for " + decoder);
    if (settings.scales && settings.masks)
        throw std::invalid_argument("scales must be left out for a family with masks");
}

std::vector<Camera> cameras_of(const Settings& settings) {
    std::vector<Camera> cameras;
    if (!settings.calibration) return cameras;
    cameras.resize(settings.calibration->size() / 12);
    for (std::size_t i = 0; i < cameras.size(); ++i)
        std::memcpy(cameras[i].m, settings.calibration->data() + 12 * i, sizeof cameras[i].m);
    return cameras;
}

// Views of a caller who has no names for messages but those of the heads.
const std::vector<NamedHead>& name(const Settings& settings, const std::vector<BatchView>& heads,
                                   Memory& memory) {
    const std::size_t scales = settings.scales ? settings.scales->size() : 1;
    const std::size_t count = settings.heads.size();
    require_heads(settings.heads, heads.size() % scales == 0 ? heads.size() / scales : 0);
    memory.named.clear();
    for (std::size_t i = 0; i < heads.size(); ++i)
        memory.named.push_back(
            {heads[i], settings.heads[i % count].c_str(), true, nullptr, nullptr});
    return memory.named;
}

}  // namespace

DecoderState::DecoderState(Settings own)
    : settings(std::move(own)), kind(&kind_of(settings.decoder)), cameras(cameras_of(settings)) {
    require_known_heads(settings, *kind);
    for (const std::string& head : settings.heads) is_read.push_back(reads(*kind, settings, head));
    require_fitting_options(settings, *kind);
    if (kind->check_settings != nullptr) kind->check_settings(settings);
    const std::size_t scales = settings.scales ? settings.scales->size() : 1;
    joins = scales > 1 || (settings.flip && kind->flip == Flip::joins);
    if (kind->limits_itself && settings.max_per_class)
        settings.peaks.most_per_class = *settings.max_per_class;
    if (settings.flip) merged = merged_settings(settings);
}

Decoder::Decoder(std::string_view settings)
    : state_(std::make_shared<const DecoderState>(parse_settings(settings))) {}

std::string Decoder::settings() const { return write_settings(state_->settings); }

const std::vector<std::string>& Decoder::heads() const noexcept { return state_->settings.heads; }

HeadForm Decoder::form(std::size_t /*head*/) const noexcept { return state_->kind->form; }

Layout Decoder::layout() const noexcept { return state_->settings.layout; }

const char* Decoder::kind() const noexcept {
    for (const auto& choice : choices<DecoderKind>())
        if (choice.value == state_->settings.decoder) return choice.word;
    return "";
}

std::size_t Decoder::top_k() const noexcept { return state_->settings.peaks.top_k; }

bool Decoder::has_scales() const noexcept { return state_->settings.scales.has_value(); }

bool Decoder::has_flip() const noexcept { return state_->settings.flip; }

std::int64_t Decoder::num_images(const std::vector<BatchView>& heads) const {
    Memory memory;
    return Batch(*state_, name(state_->settings, heads, memory), memory).num_images();
}

std::int64_t Decoder::num_keypoints(const std::vector<BatchView>& heads) const {
    return format_of(heads).num_keypoints.value_or(0);
}

std::vector<ColumnFormat> Decoder::columns(const std::vector<BatchView>& heads) const {
    return format_of(heads).columns;
}

DetectionFormat Decoder::format_of(const std::vector<BatchView>& heads) const {
    Memory memory;
    const Batch batch(*state_, name(state_->settings, heads, memory), memory);
    const Format& format = batch.format();
    const auto end = format.columns.begin() + static_cast<std::ptrdiff_t>(format.count);
    return {format.num_keypoints, {format.columns.begin(), end}, format.scores_keypoints};
}

DetectionFormat Decoder::format_of(const std::vector<std::int64_t>& channels) const {
    return centerdecode::format_of(*state_, channels);
}

void Decoder::decode(const std::vector<BatchView>& heads, std::int64_t image,
                     const Placement& placement, Scratch& scratch, Detections& found) const {
    Memory& memory = scratch.memory();
    Batch batch(*state_, name(state_->settings, heads, memory), memory);
    batch.require_image(image);
    Placements placements;
    if (placement.transform != nullptr) placements.transforms = {placement.transform, 1};
    if (placement.clip != nullptr) placements.clips = {placement.clip, 1};
    if (placement.input_size != nullptr) placements.input_sizes = {placement.input_size, 1};
    if (placement.camera != nullptr) placements.cameras = {placement.camera, 1};
    batch.place(&placements, 1);
    batch.decode(image, found);
}

std::size_t Decoder::decode(const std::vector<BatchView>& heads, const Placements& placements,
                            Scratch& scratch, std::vector<Detections>& found) const {
    Memory& memory = scratch.memory();
    return decode_batch(*state_, name(state_->settings, heads, memory), &placements, 1, memory,
                        found);
}

std::size_t Decoder::decode_scales(const std::vector<BatchView>& heads,
                                   const std::vector<Placements>& placements, Scratch& scratch,
                                   std::vector<Detections>& found) const {
    Memory& memory = scratch.memory();
    return decode_batch(*state_, name(state_->settings, heads, memory), placements.data(),
                        placements.size(), memory, found);
}

Scratch::Scratch() : memory_(std::make_unique<Memory>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&& other) noexcept = default;
Scratch& Scratch::operator=(Scratch&& other) noexcept = default;

void Scratch::shrink() {
    constexpr std::size_t most_kept = 1 << 16;    // of a list
    constexpr std::size_t most_mapped = 1 << 20;  // cells of maps
    const Memory& own = *memory_;
    if (own.peaks.capacity() > most_kept || own.pose.peaks.capacity() > most_kept ||
        own.pose.candidates.capacity() > most_kept ||
        own.unsorted.keypoints.capacity() > most_kept ||
        own.triplets.matches.capacity() > most_kept || own.extreme.map.capacity() > most_mapped ||
        own.extreme.scratch.row_scores.capacity() > most_mapped)
        memory_ = std::make_unique<Memory>();

    constexpr std::size_t most_merged = std::size_t{1} << 23;  // numbers of all heads
    std::size_t merged = 0;
    for (const auto& scale : memory_->merged)
        for (const std::vector<float>& map : scale) merged += map.capacity();
    if (merged > most_merged) memory_->merged = {};
}

}  // namespace centerdecode
