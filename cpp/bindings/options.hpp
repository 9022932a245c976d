// The option objects that Python builds once and hands in with every call.
#pragma once

#include <centerdecode/boxes.hpp>
#include <centerdecode/peaks.hpp>

#include <optional>
#include <string>

struct HeadFormat {
    centerdecode::Layout layout;
    std::string element_type;  // empty: what the arrays say of themselves
};

// `rule` lacks what only the heads can tell: class_specific and center_shift.
struct BoxFormat {
    centerdecode::BoxRule rule;
    std::optional<double> center_shift;  // nullopt: 0 with an offset head, 0.5 without
};
