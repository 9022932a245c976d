// Entries `key=value`, each of which must be asked for once.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace centerdecode {

class Entries {
public:
    // Of a text: they are separated by `;` or new lines. Throws std::invalid_argument: an
    // entry without "=", or a key twice.
    explicit Entries(std::string_view text);

    // Of a caller's own options: messages name the option, and keys that the decoder has no
    // use for do not matter.
    explicit Entries(const std::vector<std::pair<std::string, std::string>>& options);

    // Sets `field` to what `parse` makes of the value, where there is such a key.
    // Throws std::invalid_argument: what `parse` threw, with the entry.
    template <class T, class Parse>
    void read(const std::string& key, T& field, const Parse& parse) {
        const std::optional<std::string> value = take(key);
        if (!value) return;
        try {
            field = parse(*value);
        } catch (const std::invalid_argument& error) {
            refuse(key, *value, error.what());
        }
    }

    std::optional<std::string> take(const std::string& key);
    bool has_any(const std::string& prefix) const;

    // Throws std::invalid_argument where an entry has not been asked for.
    void require_all_taken(const std::string& decoder) const;
    bool is_text() const noexcept { return is_text_; }

private:
    [[noreturn]] void refuse(const std::string& key, const std::string& value,
                             const std::string& rule) const;

    std::map<std::string, std::string> values_;
    bool is_text_;
};

}  // namespace centerdecode
