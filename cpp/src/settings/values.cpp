#include "settings/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string_view>
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

// The same of a list, as whoever gave it writes it.
[[noreturn]] void refuse_list(const std::string& rule, const std::string& value) {
    const std::vector<std::string> words = words_of(value);
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
    if (words.size() == 1) list += ",";
    throw std::invalid_argument("must be " + rule + ", got (" + list + ")");
}

std::int64_t whole_number_of(const std::string& value, std::int64_t least, std::int64_t most) {
    std::int64_t number = 0;
    if (holds(value, number) && number >= least && number <= most) return number;
    refuse("a whole number from " + std::to_string(least) + " to " + std::to_string(most), value);
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blank = " \t\r";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// What `parse` makes of each word of a list.
template <class Parse>
auto each_of(const std::string& value, const Parse& parse) {
    std::vector<decltype(parse(value))> numbers;
    for (const std::string& word : words_of(value)) numbers.push_back(parse(word));
    return numbers;
}

std::string count_of_numbers(std::size_t count) {
    return std::to_string(count) + " finite numbers";
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
    // A window wider than any map is as good as the widest.
    constexpr std::int64_t widest = std::numeric_limits<std::int32_t>::max();
    const std::int64_t window = whole_number_of(value, 1, most_numbers);
    if (window % 2 == 1) return std::min(window, widest);
    refuse("odd", value);
}

bool flag_of(const std::string& value) {
    if (value == "0" || value == "1") return value == "1";
    refuse("0 or 1", value);
}

double not_negative_of(const std::string& value) {
    const double number = number_of(value);
    if (number >= 0.0 && std::isfinite(number)) return number;
    throw std::invalid_argument("must not be negative, got \"" + value + "\"");
}

std::int64_t index_of_text(const std::string& value) {
    return whole_number_of(value, 0, most_numbers);
}

std::int64_t extent_of_text(const std::string& value) {
    return whole_number_of(value, 1, most_numbers);
}

ImageSize size_of_text(const std::string& value) {
    const std::vector<std::string> extents = words_of(value);
    if (extents.size() == 2) return {positive_of(extents[0]), positive_of(extents[1])};
    refuse("a height and a width", value);
}

std::vector<std::string> words_of(const std::string& value) {
    std::vector<std::string> words;
    if (value.empty()) return words;
    for (std::size_t first = 0; first <= value.size();) {
        const std::size_t end = std::min(value.find(',', first), value.size());
        words.emplace_back(trimmed(std::string_view(value).substr(first, end - first)));
        if (words.back().empty())
            throw std::invalid_argument("must have something between commas, got \"" + value +
                                        "\"");
        first = end + 1;
    }
    return words;
}

std::vector<std::string> names_of(const std::string& value) {
    std::vector<std::string> names = words_of(value);
    if (names.empty()) throw std::invalid_argument("must be a name or several, got none");
    return names;
}

std::vector<std::string> heads_of(const std::string& value) {
    std::vector<std::string> heads = words_of(value);
    for (const std::string& head : heads)
        if (std::count(heads.begin(), heads.end(), head) > 1)
            throw std::invalid_argument("must have each head once, got another " + head);
    return heads;
}

std::vector<double> real_numbers_of(const std::string& value) { return each_of(value, number_of); }

std::vector<double> positives_of(const std::string& value) {
    std::vector<double> numbers = each_of(value, number_of);
    const auto is_positive = [](double number) { return number > 0.0 && std::isfinite(number); };
    if (numbers.empty() || !std::all_of(numbers.begin(), numbers.end(), is_positive))
        refuse_list("positive, one for each level", value);
    return numbers;
}

std::vector<double> scales_of(const std::string& value) {
    std::vector<double> scales = each_of(value, positive_of);
    if (scales.empty()) refuse("positive, one at least", value);
    return scales;
}

std::vector<std::int64_t> indices_of(const std::string& value) {
    return each_of(value, index_of_text);
}

std::vector<std::int64_t> classes_of(const std::string& value) {
    std::vector<std::int64_t> classes = indices_of(value);
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    return classes;
}

std::vector<KeypointPair> pairs_of(const std::string& value) {
    const std::vector<std::int64_t> numbers = indices_of(value);
    if (numbers.size() % 2 != 0) refuse("pairs of keypoints", value);
    std::vector<KeypointPair> pairs;
    for (std::size_t i = 0; i < numbers.size(); i += 2)
        pairs.push_back({numbers[i], numbers[i + 1]});
    return pairs;
}

std::vector<double> calibration_of(const std::string& value) {
    std::vector<double> numbers = each_of(value, finite_of);
    if (numbers.empty() || numbers.size() % 12 != 0) refuse("matrices of 3 x 4 numbers", value);
    for (std::size_t i = 0; i < numbers.size(); i += 12)
        if (numbers[i] == 0.0 || numbers[i + 5] == 0.0) refuse("of focal lengths", value);
    return numbers;
}

template <std::size_t count>
std::vector<double> finite_numbers_of(const std::string& value) {
    std::vector<double> numbers = each_of(value, finite_of);
    if (numbers.size() != count) refuse(count_of_numbers(count), value);
    return numbers;
}

template std::vector<double> finite_numbers_of<2>(const std::string& value);
template std::vector<double> finite_numbers_of<6>(const std::string& value);

std::vector<double> voxel_size_of(const std::string& value) {
    std::vector<double> size = finite_numbers_of<2>(value);
    if (std::min(size[0], size[1]) <= 0.0) refuse("positive", value);
    return size;
}

std::string text_of(double number) {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    std::string text(buffer.data(), error == std::errc{} ? end : buffer.data());
    const bool is_whole = text.find_first_not_of("-0123456789") == std::string::npos;
    return is_whole ? text + ".0" : text;
}

std::string text_of(std::size_t number) { return std::to_string(number); }

std::string text_of(std::int64_t number) { return std::to_string(number); }

std::string text_of(bool flag) { return flag ? "1" : "0"; }

std::string text_of(const std::string& word) { return word; }

std::string text_of(const ImageSize& size) {
    return text_of(size.height) + "," + text_of(size.width);
}

std::string text_of(const KeypointPair& pair) { return text_of(pair[0]) + "," + text_of(pair[1]); }

}  // namespace centerdecode
