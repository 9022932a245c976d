// Boxes of the levels of a feature pyramid: what is found on each, with its own stride.
#include "heads/levels.hpp"

#include "decoder/detections.hpp"
#include "decoder/kinds/kinds.hpp"
#include "peaks/elements.hpp"

#include <algorithm>
#include <stdexcept>

namespace centerdecode {
namespace {

const NamedHead* head_at(const BatchHeads& heads, std::size_t place) noexcept {
    if (place >= heads.given.size() || heads.given[place].view.first.data == nullptr)
        return nullptr;
    return &heads.given[place];
}

TensorView head_at(const ImageHeads& heads, std::size_t place) noexcept {
    return place < heads.given.size() ? heads.given[place] : TensorView{};
}

// "['wh_0', 'wh_1']", of the levels that `is_listed` picks.
template <class IsListed>
std::string list_heads(const char* name, std::size_t levels, const IsListed& is_listed) {
    std::string list;
    for (std::size_t i = 0; i < levels; ++i)
        if (is_listed(i))
            list +=
                (list.empty() ? "'" : ", '") + std::string(name) + "_" + std::to_string(i) + "'";
    return "[" + list + "]";
}

// Whether the levels have this head. A pyramid lacks none of them.
bool have(const BatchHeads& heads, std::size_t LevelPlaces::* place, const char* name) {
    const auto& levels = heads.settings.levels.places;
    const auto lacks = [&](std::size_t i) { return head_at(heads, levels[i].*place) == nullptr; };
    std::size_t lacking = 0;
    for (std::size_t i = 0; i < levels.size(); ++i)
        if (lacks(i)) ++lacking;
    if (lacking == 0 || lacking == levels.size()) return lacking == 0;
    const auto any = [](std::size_t) { return true; };
    throw std::invalid_argument("outputs must have all of " + list_heads(name, levels.size(), any) +
                                " or none, got no " + list_heads(name, levels.size(), lacks));
}

// The map that peaks are found on.
const NamedHead& map_of(const BatchHeads& heads, const LevelPlaces& level) noexcept {
    const NamedHead* heatmap = head_at(heads, level.heatmap);
    return heatmap != nullptr ? *heatmap : *head_at(heads, level.agnostic);
}

// All levels are of the same images and know the same classes.
void require_like(const NamedHead& first, const NamedHead& map) {
    if (map.view.first.channels != first.view.first.channels)
        require_channels(map, first.view.first.channels,
                         (std::string("(the classes of ") + first.name + ")").c_str());
    if (map.batched == first.batched && map.view.batch == first.view.batch) return;
    throw std::invalid_argument(std::string(map.name) + " must have the batch of " + first.name +
                                " (" + got(first) + "), " + got(map));
}

void check(const BatchHeads& heads) {
    const bool has_heatmap = have(heads, &LevelPlaces::heatmap, "heatmap");
    const bool has_wh = have(heads, &LevelPlaces::wh, "wh");
    const bool has_agnostic = have(heads, &LevelPlaces::agnostic, "agnostic");
    if (!has_wh || (!has_heatmap && !has_agnostic))
        throw std::invalid_argument("heatmaps or agnostic must be given, and ltrbs");
    const auto& levels = heads.settings.levels.places;
    for (const LevelPlaces& level : levels) {
        const NamedHead& map = map_of(heads, level);
        const NamedHead& wh = *head_at(heads, level.wh);
        if (const NamedHead* agnostic = head_at(heads, level.agnostic)) {
            require_channels(*agnostic, 1, "(whether there is an object)");
            require_same_grid(map, *agnostic);
        }
        require_same_grid(map, wh);
        require_channels(wh, box_channels(BoxEncoding::ltrb), "(all classes share them)");
        require_like(map_of(heads, levels[0]), map);
        require_classes(map, heads.settings.peaks);
    }
}

void describe(const ImageHeads& /*heads*/, Format& /*format*/) {}

// Adds what is found on one level, strongest first.
void add_level(const LevelHeads& heads, const BoxRule& rule, const Input& input, Memory& memory,
               Detections& found) {
    const Settings& settings = input.heads.settings;
    find_level_peaks(heads, settings.levels.peaks, settings.peaks.activation, memory.level,
                     memory.peaks);
    std::size_t row = found.scores.size();
    resize(found, row + memory.peaks.size(), input.format);
    for (const Peak& peak : memory.peaks) {
        const Cell cell = cell_of(score_map(heads), peak);
        place_box(input.placement, read_level_box(heads, rule, cell), &found.xyxy[4 * row]);
        found.scores[row] = peak.value;
        found.class_ids[row++] = cell.class_id;
    }
}

void decode(const Input& input, Memory& memory, Detections& found) {
    const Settings& settings = input.heads.settings;
    BoxRule rule = settings.box;
    rule.encoding = BoxEncoding::ltrb;
    rule.center_shift = settings.center_shift.value_or(0.5);
    resize(found, 0, input.format);
    for (std::size_t i = 0; i < settings.levels.strides.size(); ++i) {
        const LevelPlaces& level = settings.levels.places[i];
        rule.stride = settings.levels.strides[i];
        add_level({{head_at(input.heads, level.heatmap), head_at(input.heads, level.wh), {}},
                   head_at(input.heads, level.agnostic)},
                  rule, input, memory, found);
    }
    sort_by_score(memory, found);
}

}  // namespace

const Kind& levels_kind() {
    static const Kind kind = [] {
        Kind levels;
        levels.kind = DecoderKind::levels;
        levels.known = {"heatmap_*", "wh_*", "agnostic_*"};
        levels.needed = {{"wh_0"}};
        levels.check = check;
        levels.num_images = images_of_first_head;
        levels.describe = describe;
        levels.decode = decode;
        return levels;
    }();
    return kind;
}

}  // namespace centerdecode
