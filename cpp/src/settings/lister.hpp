// The keys of all decoders, with what their values are.
#pragma once

#include <string>
#include <vector>

namespace centerdecode {

struct OptionKey {
    std::string key;   // names of extras and tasks are "*"
    const char* kind;  // "number", "count", "flag", "word" or "list"
    bool may_be_none;
    std::string value;  // the default
};

std::vector<OptionKey> list_options();

}  // namespace centerdecode
