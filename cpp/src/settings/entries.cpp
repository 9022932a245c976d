#include "settings/entries.hpp"

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

// "refinement.box_scale" is an option `box_scale` to whoever gave it.
std::string option_of(const std::string& key) { return key.substr(key.rfind('.') + 1); }

}  // namespace

Entries::Entries(std::string_view text) : is_text_(true) {
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

Entries::Entries(const std::vector<std::pair<std::string, std::string>>& options)
    : values_(options.begin(), options.end()), is_text_(false) {}

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

void Entries::refuse(const std::string& key, const std::string& value,
                     const std::string& rule) const {
    if (is_text_)
        throw std::invalid_argument("settings, at " + quoted(key + "=" + value) + ": " + rule);
    // A rule of words begins with the option's name; one of numbers does not, and quotes what
    // came, which is no text to whoever gave it.
    if (rule.rfind("must ", 0) != 0) throw std::invalid_argument(rule);
    std::string message = option_of(key) + " " + rule;
    const std::string tail = ", got " + quoted(value);
    const std::size_t at = message.size() - std::min(message.size(), tail.size());
    if (message.compare(at, tail.size(), tail) == 0)
        message.replace(at, tail.size(), ", got " + value);
    throw std::invalid_argument(message);
}

}  // namespace centerdecode
