// Every kind of decoder, each from its own file.
#pragma once

#include "decoder/kind.hpp"
#include "decoder/memory.hpp"

#include <vector>

namespace centerdecode {

const Kind& boxes_kind();
const Kind& poses_kind();
const Kind& faces_kind();
const Kind& pose_tasks_kind();
const Kind& boxes3d_kind();
const Kind& bev_kind();
const Kind& levels_kind();
const Kind& extreme_points_kind();
const Kind& triplets_kind();
const Kind& detection_output_kind();
const Kind& zoo_kind();
const Kind& embedded_kind();

const std::vector<const Kind*>& all_kinds();

}  // namespace centerdecode
