// What a head is stored as, which Python says once and hands in with every call.
#pragma once

#include <centerdecode/tensor_view.hpp>

#include <string>

struct HeadFormat {
    centerdecode::Layout layout;
    std::string element_type;  // empty: what the arrays say of themselves
};
