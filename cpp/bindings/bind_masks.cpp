#include "arrays.hpp"
#include "options.hpp"

#include <centerdecode/choices.hpp>
#include <centerdecode/masks.hpp>

#include <pybind11/stl.h>

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Doubles = py::array_t<double, py::array::c_style>;
using Ints = py::array_t<std::int32_t, py::array::c_style>;

// Boxes (n, 4) and class ids (n,) of one image.
using Rows = std::tuple<Doubles, Ints>;

struct Inputs {
    Head segmentation;
    std::optional<Head> parts;  // with surface_coords, or neither
    std::optional<Head> surface_coords;

    MaskHeads item(py::ssize_t i) const noexcept {
        if (!parts) return {segmentation.item(i), {}, {}};
        return {segmentation.item(i), parts->item(i), surface_coords->item(i)};
    }
};

Inputs view_heads(py::handle segmentation, py::handle parts, py::handle surface_coords,
                  const HeadFormat& format) {
    const auto view = [&](py::handle object, const char* name) {
        return view_head(object, name, format.layout, format.element_type);
    };
    Inputs inputs{view(segmentation, "segmentation"), std::nullopt, std::nullopt};
    if (parts.is_none() != surface_coords.is_none())
        throw py::value_error("parts and surface_coords must be given together, or neither");
    if (parts.is_none()) return inputs;
    const Head& told = inputs.parts.emplace(view(parts, "parts"));
    const Head& coords = inputs.surface_coords.emplace(view(surface_coords, "surface_coords"));
    require_same_grid(inputs.segmentation, told);
    require_same_grid(inputs.segmentation, coords);
    const std::int64_t count = told.first.channels;
    if (count < 1 || count > 255)  // their numbers are bytes
        throw py::value_error("parts must have 1 to 255 channels, " + told.array.got());
    require_channels(coords, 2 * count, "(v and u of each part)");
    return inputs;
}

void require_rows(const Head& segmentation, const Rows& rows) {
    const auto& [xyxy, class_ids] = rows;
    if (xyxy.ndim() != 2 || xyxy.shape(1) != 4 || class_ids.ndim() != 1 ||
        class_ids.size() != xyxy.shape(0))
        throw py::value_error("xyxy must be of shape (n, 4) and class_ids of shape (n,), got " +
                              py::str("{} and {}")
                                  .format(xyxy.attr("shape"), class_ids.attr("shape"))
                                  .cast<std::string>());
    const std::int32_t* end = class_ids.data() + class_ids.size();
    const std::int32_t* lacking = std::find_if(class_ids.data(), end, [&](std::int32_t id) {
        return id < 0 || id >= segmentation.first.channels;
    });
    if (lacking == end) return;
    throw py::value_error("class_ids must be channels of segmentation, got " +
                          std::to_string(*lacking) + " and " + segmentation.array.got());
}

// (n, height, width) masks, and (n, height, width, 2) surface coordinates or None.
py::tuple arrays_of(const MaskHeads& heads, const Rows& rows, const MaskRule& rule) {
    const auto& [xyxy, class_ids] = rows;
    const py::ssize_t n = class_ids.size();
    py::array_t<std::uint8_t> masks({n, py::ssize_t{rule.height}, py::ssize_t{rule.width}});
    const py::ssize_t pixels = n == 0 ? 0 : masks.size() / n;
    std::optional<py::array_t<float>> surface;
    if (heads.parts.data != nullptr)
        surface.emplace(std::vector<py::ssize_t>{n, rule.height, rule.width, 2});
    std::uint8_t* mask = masks.mutable_data();
    float* coords = surface ? surface->mutable_data() : nullptr;
    const double* corners = xyxy.data();
    const std::int32_t* class_id = class_ids.data();
    {
        const py::gil_scoped_release nogil;
        MaskScratch scratch;
        for (py::ssize_t i = 0; i < n; ++i, corners += 4, mask += pixels) {
            const Box box{{corners[0], corners[1]}, {corners[2], corners[3]}};
            cut_mask(heads, rule, box, class_id[i], scratch, mask, coords);
            if (coords != nullptr) coords += 2 * pixels;
        }
    }
    return py::make_tuple(masks, surface);
}

// A tuple of arrays for each image. rows: as many corners x1 y1 x2 y2, in the units that
// the rule says, and class ids.
py::list cut_masks(py::handle segmentation, py::handle parts, py::handle surface_coords,
                   const HeadFormat& format, const std::vector<Rows>& rows, const MaskRule& rule) {
    const Inputs inputs = view_heads(segmentation, parts, surface_coords, format);
    const Head& map = inputs.segmentation;
    if (static_cast<py::ssize_t>(rows.size()) != map.batch)
        throw py::value_error("xyxy must be one array for each image, got " +
                              std::to_string(rows.size()) + " and " + map.array.got());
    for (const Rows& of_image : rows) require_rows(map, of_image);
    py::list found;
    for (std::size_t i = 0; i < rows.size(); ++i)
        found.append(arrays_of(inputs.item(static_cast<py::ssize_t>(i)), rows[i], rule));
    return found;
}

MaskRule make_rule(std::int64_t height, std::int64_t width, double score_threshold,
                   const std::string& activation, std::int64_t part_class,
                   std::optional<double> stride) {
    return {height, width, score_threshold, activation_named(activation), part_class, stride};
}

}  // namespace

void bind_masks(py::module_& m) {
    py::class_<MaskRule>(m, "MaskRule").def(py::init(&make_rule));
    m.def("cut_masks", &cut_masks);
}
