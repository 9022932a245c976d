// The entries of a decoder that tell of keypoints.
#pragma once

#include <centerdecode/keypoints.hpp>

#include "settings/settings_text.hpp"

namespace centerdecode {

// peaks: those of the heatmap, whose activation and plateaus hold for keypoints, too,
// as do the axes of pose.box.
void read_keypoints(Entries& entries, const PeakOptions& peaks, PoseRule& pose);

}  // namespace centerdecode
