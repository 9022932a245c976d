// Values of entries: what a text stands for, and the text that stands for a value.
#pragma once

#include "settings/choices.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace centerdecode {

// Each throws std::invalid_argument with the rule, and what came.
double number_of(const std::string& value);
double finite_of(const std::string& value);
double positive_of(const std::string& value);      // and finite
double not_negative_of(const std::string& value);  // and finite
double fraction_of(const std::string& value);      // from 0 to 1
double score_of_text(const std::string& value);    // rounded to the float that scores are
std::size_t count_of(const std::string& value);
std::int64_t index_of_text(const std::string& value);   // from 0 up
std::int64_t extent_of_text(const std::string& value);  // from 1 up
std::int64_t window_of(const std::string& value);
bool flag_of(const std::string& value);
ImageSize size_of_text(const std::string& value);  // positive height and width

// Lists, between commas; an empty value is an empty list.
std::vector<std::string> words_of(const std::string& value);
std::vector<std::string> names_of(const std::string& value);  // one at least
std::vector<std::string> heads_of(const std::string& value);  // each once
std::vector<double> real_numbers_of(const std::string& value);
std::vector<double> positives_of(const std::string& value);      // one at least
std::vector<double> scales_of(const std::string& value);         // one at least
std::vector<std::int64_t> classes_of(const std::string& value);  // ascending, each once
std::vector<std::int64_t> indices_of(const std::string& value);
std::vector<KeypointPair> pairs_of(const std::string& value);
std::vector<double> calibration_of(const std::string& value);

// So many finite numbers.
template <std::size_t count>
std::vector<double> finite_numbers_of(const std::string& value);

std::vector<double> voxel_size_of(const std::string& value);  // along x and y

// What `parse` makes of the value; nullopt for "none".
template <class Parse>
auto unless_none(const Parse& parse) {
    return [parse](const std::string& value) {
        using Value = decltype(parse(value));
        return value == "none" ? std::nullopt : std::optional<Value>(parse(value));
    };
}

// Numbers are written so that they are read back bit for bit.
std::string text_of(double number);
std::string text_of(std::size_t number);
std::string text_of(std::int64_t number);
std::string text_of(bool flag);
std::string text_of(const std::string& word);
std::string text_of(const ImageSize& size);
std::string text_of(const KeypointPair& pair);

template <class T, std::enable_if_t<std::is_enum_v<T>, int> = 0>
std::string text_of(T choice) {
    return word_of(choice);
}

template <class T>
std::string text_of(const std::vector<T>& list) {
    std::string text;
    for (const T& one : list) text += (text.empty() ? "" : ",") + text_of(one);
    return text;
}

template <class T>
std::string text_of(const std::optional<T>& value) {
    return value ? text_of(*value) : "none";
}

}  // namespace centerdecode
