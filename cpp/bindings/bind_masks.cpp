// Masks of boxes that are given.
#include "arrays/arrays.hpp"
#include "calls/options.hpp"
#include "masks/masks.hpp"
#include "settings/choices.hpp"

#include <pybind11/stl.h>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// Boxes (n, 4), in the units that the rule says, and class ids (n,) of one image.
template <class T>
using Array = py::array_t<T, py::array::c_style>;
using Rows = std::tuple<Array<double>, Array<std::int32_t>>;
// Height, width, score threshold, activation, the class of parts or -1, and stride or None.
using Rule = std::tuple<std::int64_t, std::int64_t, double, std::string, std::int64_t,
                        std::optional<double>>;

void require_rows(const Head& segmentation, const Rows& rows) {
    const auto& [xyxy, class_ids] = rows;
    const bool are_rows = xyxy.ndim() == 2 && xyxy.shape(1) == 4 && class_ids.ndim() == 1;
    if (!are_rows || class_ids.size() != xyxy.shape(0))
        throw py::value_error(
            py::str("xyxy must be of shape (n, 4) and class_ids of shape (n,), got {} and {}")
                .format(xyxy.attr("shape"), class_ids.attr("shape"))
                .cast<std::string>());
    require_mask_classes(named(segmentation), class_ids.data(), std::size_t(class_ids.size()));
}

// (n, height, width) masks, and (n, height, width, 2) surface coordinates or None.
py::tuple arrays_of(const MaskHeads& heads, const Rows& rows, const MaskRule& rule) {
    const auto& [xyxy, class_ids] = rows;
    const py::ssize_t n = class_ids.size();
    py::array_t<std::uint8_t> masks({n, py::ssize_t{rule.height}, py::ssize_t{rule.width}});
    std::optional<py::array_t<float>> surface;
    const std::vector<py::ssize_t> shape{n, rule.height, rule.width, 2};
    if (heads.parts.data != nullptr) surface.emplace(shape);
    const std::int64_t pixels = rule.height * rule.width;
    std::uint8_t* mask = masks.mutable_data();
    float* coords = surface ? surface->mutable_data() : nullptr;
    const double* at = xyxy.data();
    MaskScratch scratch;
    {
        const py::gil_scoped_release nogil;
        for (py::ssize_t i = 0; i < n; ++i, at += 4)
            cut_mask(heads, rule, {{at[0], at[1]}, {at[2], at[3]}}, class_ids.data()[i], scratch,
                     mask + pixels * i, coords == nullptr ? nullptr : coords + 2 * pixels * i);
    }
    return py::make_tuple(masks, surface);
}

// A tuple of arrays for each image.
py::list cut_masks(py::handle segmentation, py::handle parts, py::handle surface_coords,
                   const HeadFormat& format, const std::vector<Rows>& rows, const Rule& given) {
    const auto& [height, width, least, activation, part_class, stride] = given;
    const MaskRule rule{height,     width, least, choice_of<Activation>(activation),
                        part_class, stride};
    const auto view = [&](py::handle object, const char* name) -> std::optional<Head> {
        if (object.is_none()) return std::nullopt;
        return view_head(object, name, format.layout, format.element_type);
    };
    const auto item = [](const auto& head, auto i) { return head ? head->item(i) : TensorView{}; };
    const Head map = view_head(segmentation, "segmentation", format.layout, format.element_type);
    const auto told = view(parts, "parts");
    const auto coords = view(surface_coords, "surface_coords");
    check_mask_heads({named(map), named(told), named(coords)}, py::ssize_t(rows.size()));
    for (const Rows& of_image : rows) require_rows(map, of_image);
    py::list found;
    for (py::ssize_t i = 0; i < map.batch; ++i)
        found.append(arrays_of({map.item(i), item(told, i), item(coords, i)},
                               rows[static_cast<std::size_t>(i)], rule));
    return found;
}

}  // namespace

void bind_masks(py::module_& m) { m.def("cut_masks", &cut_masks); }
