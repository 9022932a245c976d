// CHECK(condition, values...): says where and with which values it failed, and
// counts. A program of checks ends with `return check::result();`.
#pragma once

#include <iostream>

namespace check {

inline int failures = 0;

// One broken rule fails thousands of cases; the first few of them tell.
constexpr int most_shown = 10;

template <class... Values>
void that(const char* file, int line, const char* text, bool holds, const Values&... values) {
    if (holds) return;
    if (++failures > most_shown) return;
    std::cerr << file << ':' << line << ": CHECK(" << text << ") failed";
    [[maybe_unused]] const char* separator = " with ";
    ((std::cerr << separator << values, separator = ", "), ...);
    std::cerr << '\n';
}

inline int result() {
    if (failures != 0) std::cerr << failures << " checks failed\n";
    return failures == 0 ? 0 : 1;
}

}  // namespace check

#define CHECK(...) check::that(__FILE__, __LINE__, #__VA_ARGS__, __VA_ARGS__)
