// The one dispatch table in use.
#pragma once

#include "kernels/kernels.hpp"

namespace centerdecode {

// Throws std::invalid_argument where CENTERDECODE_ISA names an ISA that does
// not run here.
const kernels::Table& active_table();

}  // namespace centerdecode
