// What the values of settings say.
#include "settings/settings_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace centerdecode {
namespace {

constexpr std::int64_t most_numbers = std::int64_t{1} << 62;

// All of the value is a number of this kind that it can hold.
template <class T>
bool holds(const std::string& value, T& number) {
    const char* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, number);
    return error == std::errc{} && rest == end;
}

[[noreturn]] void refuse(const std::string& rule, const std::string& value) {
    throw std::invalid_argument("must be " + rule + ", got \"" + value + "\"");
}

std::int64_t whole_number_of(const std::string& value, std::int64_t least, std::int64_t most) {
    std::int64_t number = 0;
    if (holds(value, number) && number >= least && number <= most) return number;
    refuse("a whole number from " + std::to_string(least) + " to " + std::to_string(most), value);
}

}  // namespace

double number_of(const std::string& value) {
    double number = 0.0;
    if (holds(value, number) && !std::isnan(number)) return number;
    refuse("a number", value);
}

double finite_of(const std::string& value) {
    const double number = number_of(value);
    if (std::isfinite(number)) return number;
    refuse("finite", value);
}

double positive_of(const std::string& value) {
    const double number = number_of(value);
    if (number > 0.0 && std::isfinite(number)) return number;
    refuse("positive", value);
}

double fraction_of(const std::string& value) {
    const double number = number_of(value);
    if (number >= 0.0 && number <= 1.0) return number;
    refuse("from 0 to 1", value);
}

double score_of_text(const std::string& value) {
    return static_cast<double>(static_cast<float>(number_of(value)));
}

std::size_t count_of(const std::string& value) {
    return static_cast<std::size_t>(whole_number_of(value, 0, most_numbers));
}

std::int64_t window_of(const std::string& value) {
    const std::int64_t window = whole_number_of(value, 1, std::numeric_limits<std::int32_t>::max());
    if (window % 2 == 1) return window;
    refuse("odd", value);
}

bool flag_of(const std::string& value) {
    if (value == "0" || value == "1") return value == "1";
    refuse("0 or 1", value);
}

std::vector<double> real_numbers_of(const std::string& value) {
    std::vector<double> numbers;
    for (const std::string& word : words_of(value)) numbers.push_back(number_of(word));
    return numbers;
}

std::vector<std::int64_t> classes_of(const std::string& value) {
    std::vector<std::int64_t> classes;
    for (const std::string& word : words_of(value))
        classes.push_back(whole_number_of(word, 0, most_numbers));
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    return classes;
}

}  // namespace centerdecode
