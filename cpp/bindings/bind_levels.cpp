#include "arrays.hpp"
#include "options.hpp"
#include "peak_scratch.hpp"
#include "placements.hpp"

#include <centerdecode/levels.hpp>

#include <pybind11/stl.h>

#include <utility>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Objects = std::vector<py::object>;

struct Level {
    std::optional<Head> heatmap;
    std::optional<Head> agnostic;  // one of both, at least
    Head wh;
    BoxRule rule;

    const Head& map() const noexcept { return heatmap ? *heatmap : *agnostic; }

    LevelHeads item(py::ssize_t i) const noexcept {
        return {{heatmap ? heatmap->item(i) : TensorView{}, wh.item(i), {}},
                agnostic ? agnostic->item(i) : TensorView{}};
    }
};

// The heads of level i, as messages call them: "heatmaps[0]".
Level view_level(const std::optional<Objects>& heatmaps, const std::optional<Objects>& agnostics,
                 const Objects& whs, const HeadFormat& format, const BoxFormat& box,
                 std::size_t i) {
    const auto view = [&](const Objects& objects, const char* name) {
        const std::string full = std::string(name) + "[" + std::to_string(i) + "]";
        return view_head(objects[i], full.c_str(), format.layout, format.element_type);
    };
    Level level{std::nullopt, std::nullopt, view(whs, "ltrbs"), box.rule};
    if (heatmaps) level.heatmap = view(*heatmaps, "heatmaps");
    if (agnostics) {
        level.agnostic = view(*agnostics, "agnostic");
        require_channels(*level.agnostic, 1, "(whether there is an object)");
        require_same_grid(level.map(), *level.agnostic);
    }
    require_same_grid(level.map(), level.wh);
    require_channels(level.wh, box_channels(box.rule.encoding), "(all classes share them)");
    level.rule.center_shift = box.center_shift.value_or(0.5);
    return level;
}

// All levels are of the same images and know the same classes.
void require_like(const Head& first, const Head& head) {
    require_channels(head, first.first.channels, "(the classes of " + first.array.name + ")");
    if (head.batched == first.batched && head.batch == first.batch) return;
    throw py::value_error(head.array.name + " must have the batch of " + first.array.name + " (" +
                          first.array.got() + "), " + head.array.got());
}

std::vector<Level> view_levels(const std::optional<Objects>& heatmaps,
                               const std::optional<Objects>& agnostics, const Objects& whs,
                               const HeadFormat& format, const std::vector<BoxFormat>& boxes,
                               const PeakOptions& options) {
    std::vector<Level> levels;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        levels.push_back(view_level(heatmaps, agnostics, whs, format, boxes[i], i));
        require_like(levels[0].map(), levels[i].map());
        require_classes(named(levels[i].map()), options);
    }
    return levels;
}

// xyxy, scores, class_ids.
py::tuple arrays_of(const LevelHeads& heads, const BoxRule& rule, const Placement& placement,
                    const std::vector<Peak>& peaks) {
    const auto n = static_cast<py::ssize_t>(peaks.size());
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    for (py::ssize_t i = 0; i < n; ++i) {
        const Peak& peak = peaks[static_cast<std::size_t>(i)];
        const Cell cell = cell_of(score_map(heads), peak);
        place_box(placement, read_level_box(heads, rule, cell), xyxy.mutable_data() + 4 * i);
        scores.mutable_data()[i] = peak.value;
        class_ids.mutable_data()[i] = cell.class_id;
    }
    return py::make_tuple(xyxy, scores, class_ids);
}

// For each image a list of arrays, a tuple for each level; and whether it is a batch.
// There are as many heads of each kind as boxes.
py::tuple decode_levels(const std::optional<Objects>& heatmaps,
                        const std::optional<Objects>& agnostics, const Objects& whs,
                        const HeadFormat& format, const PeakOptions& options,
                        const std::vector<BoxFormat>& boxes,
                        const std::optional<Doubles>& transforms,
                        const std::optional<Doubles>& clips) {
    const std::vector<Level> levels = view_levels(heatmaps, agnostics, whs, format, boxes, options);
    const Head& map = levels[0].map();
    Placements placements(transforms, clips, map.batch);
    py::list found;
    for (py::ssize_t i = 0; i < map.batch; ++i) {
        std::vector<std::vector<Peak>> peaks(levels.size());
        {
            const py::gil_scoped_release nogil;
            for (std::size_t k = 0; k < levels.size(); ++k)
                find_level_peaks(levels[k].item(i), options, peaks[k]);
        }
        py::list parts;
        for (std::size_t k = 0; k < levels.size(); ++k)
            parts.append(arrays_of(levels[k].item(i), levels[k].rule, placements.of(i), peaks[k]));
        found.append(parts);
    }
    return py::make_tuple(found, map.batched);
}

}  // namespace

void bind_levels(py::module_& m) { m.def("decode_levels", &decode_levels); }
