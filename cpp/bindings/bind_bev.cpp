#include "box_inputs.hpp"
#include "peak_scratch.hpp"
#include "placements.hpp"

#include <centerdecode/bev.hpp>

#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <utility>

namespace py = pybind11;
using namespace centerdecode;

namespace {

struct Inputs {
    BoxInputs box;
    Head height;
    Head dimensions;
    Head heading;
    std::optional<Head> velocity;

    BevHeads item(py::ssize_t i) const noexcept {
        return {box.item(i), height.item(i), dimensions.item(i), heading.item(i),
                velocity ? velocity->item(i) : TensorView{}};
    }
};

Inputs view_heads(BoxInputs box, py::handle height, py::handle dimensions, py::handle heading,
                  py::handle velocity, const HeadFormat& format) {
    const auto view = [&](py::handle object, const char* name, std::int64_t channels,
                          const char* why) {
        return view_beside(box.heatmap, object, name, format, channels, why);
    };
    Head z = view(height, "height", 1, "(z of the center)");
    Head sizes = view(dimensions, "dimensions", 3, "(along x, y and z)");
    Head turn = view(heading, "heading", 2, "(sine and cosine)");
    std::optional<Head> motion;
    if (!velocity.is_none()) motion = view(velocity, "velocity", 2, "(one for each axis)");
    return {std::move(box), std::move(z), std::move(sizes), std::move(turn), std::move(motion)};
}

// xyxy, scores, class_ids, location, dimensions, yaw, corners, velocity or None, ys, xs.
py::tuple arrays_of(const std::vector<BevBox>& boxes, const Placement& placement, bool moves) {
    const auto n = static_cast<py::ssize_t>(boxes.size());
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<std::int32_t> ys(n);
    py::array_t<std::int32_t> xs(n);
    py::array_t<float> locations({n, py::ssize_t{3}});
    py::array_t<float> dimensions({n, py::ssize_t{3}});
    py::array_t<float> yaws(n);
    py::array_t<float> corners({n, py::ssize_t{4}, py::ssize_t{2}});
    py::array_t<float> velocities({n, py::ssize_t{2}});
    for (py::ssize_t i = 0; i < n; ++i) {
        const BevBox& box = boxes[static_cast<std::size_t>(i)];
        place_footprint(placement, box, xyxy.mutable_data() + 4 * i);
        scores.mutable_data()[i] = box.score;
        class_ids.mutable_data()[i] = box.cell.class_id;
        ys.mutable_data()[i] = box.cell.y;
        xs.mutable_data()[i] = box.cell.x;
        std::copy_n(box.location, 3, locations.mutable_data() + 3 * i);
        std::copy_n(box.dimensions, 3, dimensions.mutable_data() + 3 * i);
        yaws.mutable_data()[i] = box.yaw;
        std::copy_n(&box.corners[0][0], 8, corners.mutable_data() + 8 * i);
        std::copy_n(box.velocity, 2, velocities.mutable_data() + 2 * i);
    }
    return py::make_tuple(xyxy, scores, class_ids, locations, dimensions, yaws, corners,
                          moves ? py::object(velocities) : py::object(py::none()), ys, xs);
}

// A tuple of arrays, or a list of them for a batch.
py::object decode_bev(py::handle heatmap, py::handle offset, py::handle height,
                      py::handle dimensions, py::handle heading, py::handle velocity,
                      const HeadFormat& format, const PeakOptions& options, const BoxFormat& box,
                      const BevRule& bev, const std::optional<Doubles>& transforms,
                      const std::optional<Doubles>& clips) {
    const Inputs inputs =
        view_heads(view_box_heads(heatmap, py::none(), offset, format, box, NoBoxes::fine), height,
                   dimensions, heading, velocity, format);
    const Head& map = inputs.box.heatmap;
    require_classes(named(map), options);
    BevRule rule = bev;
    rule.box = inputs.box.rule;
    Placements placements(transforms, clips, map.batch);
    std::vector<std::vector<BevBox>> boxes(static_cast<std::size_t>(map.batch));
    {
        const py::gil_scoped_release nogil;
        std::vector<Peak> peaks;
        for (std::size_t i = 0; i < boxes.size(); ++i)
            find_bev_boxes(inputs.item(static_cast<py::ssize_t>(i)), rule, options, peaks,
                           boxes[i]);
    }
    py::list found;
    for (std::size_t i = 0; i < boxes.size(); ++i)
        found.append(arrays_of(boxes[i], placements.of(static_cast<py::ssize_t>(i)),
                               inputs.velocity.has_value()));
    return map.batched ? py::object(found) : py::object(found[0]);
}

// What BoxRule it has is known with the heads.
BevRule make_bev_rule(const std::array<double, 2>& voxel, const std::array<double, 2>& origin,
                      const std::array<double, 6>& range, bool clockwise) {
    return {{},
            {voxel[0], voxel[1]},
            {origin[0], origin[1]},
            {range[0], range[1], range[2]},
            {range[3], range[4], range[5]},
            clockwise};
}

}  // namespace

void bind_bev(py::module_& m) {
    py::class_<BevRule>(m, "BevRule").def(py::init(&make_bev_rule));
    m.def("decode_bev", &decode_bev);
}
