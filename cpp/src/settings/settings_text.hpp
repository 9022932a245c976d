// Text as entries, and what their values say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace centerdecode {

// Entries `key=value`, each of which must be asked for once.
class Entries {
public:
    // Throws std::invalid_argument: an entry without "=", or a key twice.
    explicit Entries(std::string_view text);

    // Sets `field` to what `parse` makes of the value, where there is such a key.
    // Throws std::invalid_argument: what `parse` threw, after the entry.
    template <class T, class Parse>
    void read(const std::string& key, T& field, const Parse& parse) {
        const std::optional<std::string> value = take(key);
        if (!value) return;
        try {
            field = parse(*value);
        } catch (const std::invalid_argument& error) {
            refuse(key + "=" + *value, error.what());
        }
    }

    std::optional<std::string> take(const std::string& key);
    bool has_any(const std::string& prefix) const;

    // Throws std::invalid_argument where an entry has not been asked for.
    void require_all_taken(const std::string& decoder) const;

private:
    [[noreturn]] static void refuse(const std::string& entry, const std::string& rule);

    std::map<std::string, std::string> values_;
};

// Each throws std::invalid_argument with the rule, and what came.
double number_of(const std::string& value);
double finite_of(const std::string& value);
double positive_of(const std::string& value);    // and finite
double fraction_of(const std::string& value);    // from 0 to 1
double score_of_text(const std::string& value);  // rounded to the float that scores are
std::size_t count_of(const std::string& value);
std::int64_t window_of(const std::string& value);
bool flag_of(const std::string& value);

// Lists, between commas; an empty value is an empty list.
std::vector<std::string> words_of(const std::string& value);
std::vector<double> real_numbers_of(const std::string& value);
std::vector<std::int64_t> classes_of(const std::string& value);  // ascending, each once

// What `parse` makes of the value; nullopt for "none".
template <class Parse>
auto unless_none(const Parse& parse) {
    return [parse](const std::string& value) {
        using Value = decltype(parse(value));
        return value == "none" ? std::nullopt : std::optional<Value>(parse(value));
    };
}

}  // namespace centerdecode
