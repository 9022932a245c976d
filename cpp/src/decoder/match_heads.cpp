// Which output is which head.
#include <centerdecode/decoder.hpp>

#include <algorithm>

namespace centerdecode {
namespace {

using Names = std::vector<std::string>;

// A name without the number that some frameworks add: "tower/hm:0" is "tower/hm".
std::string_view stem_of(std::string_view name) noexcept {
    const std::size_t colon = name.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == name.size()) return name;
    const bool numbered = name.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
    return numbered ? name.substr(0, colon) : name;
}

bool is_tail(std::string_view tail, std::string_view path) noexcept {
    if (tail.empty() || tail.size() > path.size()) return false;
    const std::size_t first = path.size() - tail.size();
    return path.substr(first) == tail && (first == 0 || path[first - 1] == '/');
}

bool is_called(const Names& output, std::string_view wanted) {
    return std::any_of(output.begin(), output.end(), [&](const std::string& own) {
        return own == wanted || is_tail(wanted, stem_of(own));
    });
}

std::optional<std::size_t> match(const Names& wanted, const std::vector<Names>& outputs) {
    for (const std::string& name : wanted) {
        const auto has_name = [&](const Names& output) { return is_called(output, name); };
        const auto first = std::find_if(outputs.begin(), outputs.end(), has_name);
        if (first == outputs.end()) continue;
        if (std::any_of(first + 1, outputs.end(), has_name)) return std::nullopt;
        return static_cast<std::size_t>(first - outputs.begin());
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::optional<std::size_t>> Decoder::match_heads(
    const std::vector<Names>& outputs) const {
    std::vector<std::optional<std::size_t>> found;
    for (const Names& wanted : settings_->names) found.push_back(match(wanted, outputs));
    return found;
}

}  // namespace centerdecode
