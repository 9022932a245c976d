// The list of all kinds, and what they share.
#include "decoder/kinds/kinds.hpp"

#include "peaks/elements.hpp"
#include "settings/choices.hpp"

#include <algorithm>
#include <stdexcept>

namespace centerdecode {
namespace {

// "heatmap_0" is "heatmap_*", and "person/keypoints" is "*/keypoints".
bool is_called(std::string_view head, std::string_view pattern) noexcept {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return head == pattern;
    const std::string_view first = pattern.substr(0, star);
    const std::string_view last = pattern.substr(star + 1);
    return head.size() >= first.size() + last.size() && head.substr(0, first.size()) == first &&
           head.substr(head.size() - last.size()) == last;
}

}  // namespace

MissingHead::MissingHead(std::string_view name)
    : std::invalid_argument("heads must have " + std::string(name)), head(name) {}

const NamedHead* BatchHeads::find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < given.size(); ++i)
        if (settings.heads[i] == name)
            return given[i].view.first.data == nullptr ? nullptr : &given[i];
    return nullptr;
}

std::optional<NamedHead> BatchHeads::optional(std::string_view name) const noexcept {
    const NamedHead* head = find(name);
    return head == nullptr ? std::nullopt : std::optional(*head);
}

const NamedHead& BatchHeads::need(std::string_view name) const {
    if (const NamedHead* head = find(name)) return *head;
    throw MissingHead(name);
}

TensorView ImageHeads::find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < given.size(); ++i)
        if (settings.heads[i] == name) return given[i];
    return {};
}

void Format::clear() noexcept {
    num_keypoints.reset();
    count = 0;
    own = 0;
    scores_keypoints = true;
    late = 0;
}

void Format::add(const char* name, ColumnType type, std::initializer_list<std::int64_t> shape) {
    if (columns.size() == count) columns.emplace_back();
    ColumnFormat& column = columns[count++];
    column.name = name;
    column.type = type;
    column.rank = shape.size();
    std::copy(shape.begin(), shape.end(), column.shape.begin());
}

std::size_t numbers_of(const ColumnFormat& format) noexcept {
    std::size_t numbers = 1;
    for (std::size_t axis = 0; axis < format.rank; ++axis)
        numbers *= static_cast<std::size_t>(format.shape[axis]);
    return numbers;
}

void require_own_names(const Format& format) {
    for (std::size_t i = 0; i < format.count; ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (format.columns[i].name == format.columns[j].name)
                throw std::invalid_argument("extras must have names of their own, got another '" +
                                            format.columns[i].name + "'");
}

void require_shapes(const std::optional<NmsRule>& nms, const Format& format) {
    if (!nms || nms->shape == NmsShape::box) return;
    const bool is_circle = nms->shape == NmsShape::circle;
    const std::string wanted = is_circle ? "location" : "corners";
    const std::string shape = word_of(nms->shape);
    for (std::size_t i = 0; i < format.count; ++i) {
        const ColumnFormat& column = format.columns[i];
        const std::size_t numbers = numbers_of(column);
        if (column.name != wanted) continue;
        // A circle's center is the first two numbers; extra ones may have that name, too.
        if (is_circle ? numbers >= 2 : numbers == numbers_of(nms->shape)) return;
        throw std::invalid_argument(wanted + " must have " + (is_circle ? "2" : "8") +
                                    " numbers for nms of shape \"" + shape + "\", got " +
                                    std::to_string(numbers));
    }
    std::string names;
    for (std::size_t i = 0; i < format.count; ++i)
        names += (i == 0 ? "'" : ", '") + format.columns[i].name + "'";
    throw std::invalid_argument("detections must have the extra '" + wanted +
                                "' for nms of shape \"" + shape + "\", got [" + names + "]");
}

bool reads(const Kind& kind, const Settings& settings, std::string_view head) {
    const auto& known = kind.known;
    const auto is_known = [&](const std::string& pattern) { return is_called(head, pattern); };
    if (std::any_of(known.begin(), known.end(), is_known)) return true;
    const auto& extras = settings.extras;
    const auto is_extra = [&](const ExtraRule& extra) { return extra.name == head; };
    if (std::any_of(extras.begin(), extras.end(), is_extra)) return true;
    return settings.masks.has_value() &&
           (head == "segmentation" || head == "parts" || head == "surface_coords");
}

const std::vector<const Kind*>& all_kinds() {
    static const std::vector<const Kind*> kinds = {
        &boxes_kind(),    &poses_kind(),
        &faces_kind(),    &pose_tasks_kind(),
        &boxes3d_kind(),  &bev_kind(),
        &levels_kind(),   &extreme_points_kind(),
        &triplets_kind(), &detection_output_kind(),
        &zoo_kind(),      &embedded_kind(),
    };
    return kinds;
}

const Kind& kind_of(DecoderKind kind) {
    for (const Kind* one : all_kinds())
        if (one->kind == kind) return *one;
    throw std::invalid_argument("decoder must be one of those that there are");
}

void require_needed(const BatchHeads& heads, const Kind& kind) {
    const auto is_there = [&](const std::string& head) { return heads.find(head) != nullptr; };
    for (const auto& any : kind.needed)
        if (std::none_of(any.begin(), any.end(), is_there)) throw MissingHead(any.front());
}

void require_readable(const BatchHeads& heads, const Kind& kind) {
    const bool is_table = kind.form == HeadForm::table;
    const char* rule = is_table ? " must be f32 or whole numbers, " : " must be f32, f16 or bf16, ";
    for (const NamedHead& head : heads.given) {
        const ElementType type = head.view.first.type;
        if (is_table ? is_half(type) : !is_float(type))
            throw std::invalid_argument(head.name + (rule + got(head)));
    }
}

std::int64_t images_of_first_head(const BatchHeads& heads) {
    for (const NamedHead& head : heads.given)
        if (head.view.first.data != nullptr) return head.view.batch;
    return 0;
}

}  // namespace centerdecode
