#include "arrays.hpp"
#include "extreme_format.hpp"
#include "peak_scratch.hpp"
#include "placements.hpp"

#include <pybind11/stl.h>

#include <array>

namespace py = pybind11;
using namespace centerdecode;

namespace {

constexpr std::array<const char*, 4> side_names = {"top", "left", "bottom", "right"};
constexpr std::array<const char*, 4> offset_names = {"top_offset", "left_offset", "bottom_offset",
                                                     "right_offset"};

using Objects = std::array<py::object, 4>;
using Heads = std::array<Head, 4>;

struct Inputs {
    Head center;
    Heads sides;
    std::optional<Heads> offsets;
};

Inputs view_heads(const Objects& sides, const py::object& center,
                  const std::optional<Objects>& offsets, const HeadFormat& format,
                  bool class_agnostic) {
    const Head map = view_head(center, "center", format.layout, format.element_type);
    const auto view = [&](const Objects& objects, const std::array<const char*, 4>& names,
                          std::size_t i) {
        Head head = view_head(objects[i], names[i], format.layout, format.element_type);
        require_same_grid(map, head);
        return head;
    };
    const auto four = [&](const Objects& objects, const std::array<const char*, 4>& names) {
        return Heads{view(objects, names, 0), view(objects, names, 1), view(objects, names, 2),
                     view(objects, names, 3)};
    };
    Inputs inputs{map, four(sides, side_names), std::nullopt};
    for (const Head& side : inputs.sides)
        if (!class_agnostic) require_channels(side, map.first.channels, "(the classes of center)");
    if (!offsets) return inputs;
    inputs.offsets = four(*offsets, offset_names);
    for (const Head& offset : *inputs.offsets) require_channels(offset, 2, "(one for each axis)");
    return inputs;
}

// All that is done without Python, of one image.
std::vector<Quadruple> find_quadruples(const Inputs& inputs, const PeakOptions& options,
                                       const ExtremeFormat& extreme, ExtremeMemory& memory,
                                       py::ssize_t image) {
    PeakOptions side_options = options;
    CenterMap center{inputs.center.item(image), options.activation, extreme.class_agnostic,
                     nullptr};
    if (extreme.class_agnostic) {
        side_options.classes.reset();
        center.classes = options.classes ? &*options.classes : nullptr;
    }
    ExtremePoints& points = memory.points;
    const std::array<std::vector<ExtremePoint>*, 4> lists = {&points.top, &points.left,
                                                             &points.bottom, &points.right};
    for (std::size_t i = 0; i < 4; ++i) {
        TensorView map = inputs.sides[i].item(image);
        if (extreme.edge_weight > 0.0F) {
            const EdgeAxis axis = i % 2 == 0 ? EdgeAxis::row : EdgeAxis::column;
            map = aggregate_edges(map, options.activation, extreme.edge_weight, axis, memory.map);
            side_options.activation = Activation::none;
        }
        find_extreme_points(map, side_options, memory.scratch.ranked, *lists[i]);
    }
    std::vector<Quadruple> found;
    group_extreme_points(points, center, extreme.rule, memory.scratch, found);
    return found;
}

// xyxy, scores, class_ids, points (n, 4, 2), their scores (n, 4), centers' scores (n,).
py::tuple arrays_of(const Inputs& inputs, const BoxRule& rule, const ExtremePlacement& where,
                    const std::vector<Quadruple>& found, py::ssize_t image) {
    const auto n = static_cast<py::ssize_t>(found.size());
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<float> points({n, py::ssize_t{4}, py::ssize_t{2}});
    py::array_t<float> point_scores({n, py::ssize_t{4}});
    py::array_t<float> center_scores(n);
    for (py::ssize_t i = 0; i < n; ++i) {
        const Quadruple& quadruple = found[static_cast<std::size_t>(i)];
        scores.mutable_data()[i] = quadruple.score;
        class_ids.mutable_data()[i] = quadruple.class_id;
        center_scores.mutable_data()[i] = quadruple.center_score;
        std::array<TensorView, 4> offsets{};
        for (std::size_t side = 0; side < 4; ++side) {
            if (inputs.offsets) offsets[side] = (*inputs.offsets)[side].item(image);
            point_scores.mutable_data()[4 * i + static_cast<py::ssize_t>(side)] =
                quadruple.points[point_of_side(where, side)].score;
        }
        place_quadruple(quadruple, offsets.data(), rule, where, xyxy.mutable_data() + 4 * i,
                        points.mutable_data() + 8 * i);
    }
    return py::make_tuple(xyxy, scores, class_ids, points, point_scores, center_scores);
}

// Tuples of arrays, one for each image of the batch, and whether it is one. Where
// `flip`, every second image is the mirror image of the one before, and goes where
// that goes.
py::tuple decode_extreme_points(const Objects& sides, const py::object& center,
                                const std::optional<Objects>& offsets, const HeadFormat& format,
                                const PeakOptions& options, const BoxFormat& box,
                                const ExtremeFormat& extreme, bool flip,
                                const std::optional<Doubles>& transforms,
                                const std::optional<Doubles>& clips) {
    const Inputs inputs = view_heads(sides, center, offsets, format, extreme.class_agnostic);
    require_classes(named(inputs.center), options);
    if (flip) require_mirrored_pairs(inputs.center);
    const py::ssize_t batch = inputs.center.batch;
    Placements placements(transforms, clips, flip ? batch / 2 : batch);
    BoxRule rule = box.rule;
    rule.center_shift = box.center_shift.value_or(offsets ? 0.0 : 0.5);
    std::vector<std::vector<Quadruple>> found;
    {
        const py::gil_scoped_release nogil;
        ExtremeMemory memory;
        for (py::ssize_t i = 0; i < batch; ++i)
            found.push_back(find_quadruples(inputs, options, extreme, memory, i));
    }
    const double width = static_cast<double>(inputs.center.first.width) * rule.stride;
    py::list images;
    for (py::ssize_t i = 0; i < batch; ++i) {
        ExtremePlacement where{placements.of(flip ? i / 2 : i), std::nullopt};
        if (flip && i % 2 == 1) where.mirror = width;
        images.append(arrays_of(inputs, rule, where, found[static_cast<std::size_t>(i)], i));
    }
    return py::make_tuple(images, inputs.center.batched);
}

}  // namespace

void bind_extreme_points(py::module_& m) { m.def("decode_extreme_points", &decode_extreme_points); }
