#include "settings/settings_text.hpp"

#include <algorithm>
#include <utility>

namespace centerdecode {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blank = " \t\r";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// The part up to the first of `separators`, which is taken off `text` with it.
std::string_view next_part(std::string_view& text, std::string_view separators) noexcept {
    const std::size_t end = text.find_first_of(separators);
    const std::string_view part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return trimmed(part);
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

Entries::Entries(std::string_view text) {
    while (!text.empty()) {
        const std::string_view entry = next_part(text, ";\n");
        if (entry.empty()) continue;
        const std::size_t equals = entry.find('=');
        if (equals == std::string_view::npos)
            throw std::invalid_argument("settings must be key=value, separated by ;, got " +
                                        quoted(entry));
        const std::string key(trimmed(entry.substr(0, equals)));
        if (!values_.emplace(key, trimmed(entry.substr(equals + 1))).second)
            throw std::invalid_argument("settings must have each key once, got another " +
                                        quoted(entry));
    }
}

std::optional<std::string> Entries::take(const std::string& key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    std::string value = std::move(found->second);
    values_.erase(found);
    return value;
}

bool Entries::has_any(const std::string& prefix) const {
    const auto found = values_.lower_bound(prefix);
    return found != values_.end() && found->first.compare(0, prefix.size(), prefix) == 0;
}

void Entries::require_all_taken(const std::string& decoder) const {
    if (values_.empty()) return;
    throw std::invalid_argument("settings must have keys that decoder " + quoted(decoder) +
                                " with these heads knows, got " + quoted(values_.begin()->first));
}

void Entries::refuse(const std::string& entry, const std::string& rule) {
    throw std::invalid_argument("settings, at " + quoted(entry) + ": " + rule);
}

std::vector<std::string> words_of(const std::string& value) {
    std::vector<std::string> words;
    if (value.empty()) return words;
    for (std::size_t first = 0; first <= value.size();) {
        const std::size_t end = std::min(value.find(',', first), value.size());
        words.emplace_back(trimmed(std::string_view(value).substr(first, end - first)));
        if (words.back().empty())
            throw std::invalid_argument("must have something between commas, got " + quoted(value));
        first = end + 1;
    }
    return words;
}

}  // namespace centerdecode
