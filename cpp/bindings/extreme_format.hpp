// How extreme points are grouped: an option object that Python builds once.
#pragma once

#include "options.hpp"

#include <centerdecode/extreme_points.hpp>

struct ExtremeFormat {
    centerdecode::ExtremeRule rule;
    bool class_agnostic;
    float edge_weight;  // 0: no edge aggregation
};

struct ExtremeMemory {
    centerdecode::ExtremePoints points;
    centerdecode::ExtremeScratch scratch;
    std::vector<float> map;
};
