// Which instruction set the peak scan runs on. Results are the same bits on all.
#pragma once

#include <string>
#include <vector>

namespace centerdecode {

// Best first; "scalar" is always among them.
std::vector<std::string> supported_isas();
std::vector<std::string> compiled_isas();

// The best one, unless CENTERDECODE_ISA or set_isa chose another. Throws
// std::invalid_argument where CENTERDECODE_ISA names one that does not run here.
std::string active_isa();

// For the whole process. Throws std::invalid_argument, which lists those that
// do run here.
void set_isa(const std::string& name);

}  // namespace centerdecode
