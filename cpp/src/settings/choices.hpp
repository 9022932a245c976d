// Options that are words: the one place that knows which there are.
#pragma once

#include "settings/settings.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>

namespace centerdecode {

template <class T>
struct Word {
    const char* word;
    T value;
};

// The words of an option, in the order in which messages list them.
template <class T>
struct Choices {
    const char* option;
    const Word<T>* first;
    std::size_t count;

    const Word<T>* begin() const noexcept { return first; }
    const Word<T>* end() const noexcept { return first + count; }
};

// There is one for each of these types, in choices.cpp.
template <class T>
Choices<T> choices();
template <>
Choices<Layout> choices();
template <>
Choices<Activation> choices();
template <>
Choices<Plateaus> choices();
template <>
Choices<BoxEncoding> choices();
template <>
Choices<BoxUnits> choices();
template <>
Choices<BoxActivation> choices();
template <>
Choices<Axes> choices();
template <>
Choices<DepthActivation> choices();
template <>
Choices<KeypointOrder> choices();
template <>
Choices<KeypointFrame> choices();
template <>
Choices<KeypointActivation> choices();
template <>
Choices<Ranking> choices();
template <>
Choices<NmsKind> choices();
template <>
Choices<NmsShape> choices();
template <>
Choices<ExtraActivation> choices();
template <>
Choices<ExtraFrame> choices();
template <>
Choices<DecoderKind> choices();

// Throws std::invalid_argument, with the words that are known.
template <class T>
T choice_of(const std::string& word) {
    const Choices<T> known = choices<T>();
    std::string listed;
    for (const Word<T>& choice : known) {
        if (word == choice.word) return choice.value;
        listed += std::string(listed.empty() ? "\"" : ", \"") + choice.word + "\"";
    }
    throw std::invalid_argument(std::string(known.option) + " must be one of " + listed +
                                ", got \"" + word + "\"");
}

template <class T>
std::string word_of(T value) {
    for (const Word<T>& choice : choices<T>())
        if (choice.value == value) return choice.word;
    return {};
}

}  // namespace centerdecode
