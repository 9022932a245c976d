#include "groups/center_rows.hpp"

#include "peaks/elements.hpp"

#include <algorithm>
#include <limits>

namespace centerdecode {
namespace {

constexpr float nothing = -std::numeric_limits<float>::infinity();

}  // namespace

CenterRows::CenterRows(const CenterMap& map, ExtremeScratch& memory) : map_(map), memory_(memory) {
    const std::int64_t groups = map.class_agnostic ? 1 : map.view.channels;
    memory.row_numbers.assign(static_cast<std::size_t>(groups * map.view.height), -1);
    memory.row_scores.clear();
    memory.row_bests.clear();
    memory.row_class_ids.clear();
}

CenterRows::Row CenterRows::row(std::int32_t class_id, std::int32_t y) {
    const std::int64_t group = map_.class_agnostic ? 0 : class_id;
    std::int32_t& number =
        memory_.row_numbers[static_cast<std::size_t>(group * map_.view.height + y)];
    if (number < 0) {
        number = static_cast<std::int32_t>(memory_.row_bests.size());
        read(class_id, y);
    }
    const auto i = static_cast<std::size_t>(number);
    return {i * static_cast<std::size_t>(map_.view.width), memory_.row_bests[i]};
}

void CenterRows::read(std::int32_t class_id, std::int32_t y) {
    const auto width = static_cast<std::size_t>(map_.view.width);
    const std::size_t first = memory_.row_scores.size();
    memory_.row_scores.resize(first + width, nothing);
    memory_.row_class_ids.resize(first + width, map_.class_agnostic ? 0 : class_id);
    float* const scores = memory_.row_scores.data() + first;
    std::int32_t* const class_ids = memory_.row_class_ids.data() + first;
    const auto read_class = [&](std::int64_t c) {
        for (std::size_t x = 0; x < width; ++x) {
            const float value = read_element(map_.view, c, y, static_cast<std::int64_t>(x));
            if (!(value > scores[x])) continue;  // of equal classes the first
            scores[x] = value;
            class_ids[x] = static_cast<std::int32_t>(c);
        }
    };
    if (!map_.class_agnostic)
        read_class(class_id);
    else if (map_.classes != nullptr)
        for (const std::int64_t c : *map_.classes) read_class(c);
    else
        for (std::int64_t c = 0; c < map_.view.channels; ++c) read_class(c);
    for (std::size_t x = 0; x < width; ++x) scores[x] = score_of(scores[x], map_.activation);
    memory_.row_bests.push_back(*std::max_element(scores, scores + width));
}

float CenterRows::score(Row row, std::int32_t x) const noexcept {
    return memory_.row_scores[row.first + static_cast<std::size_t>(x)];
}

std::int32_t CenterRows::class_id(Row row, std::int32_t x) const noexcept {
    return memory_.row_class_ids[row.first + static_cast<std::size_t>(x)];
}

}  // namespace centerdecode
