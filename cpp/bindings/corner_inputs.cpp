#include "corner_inputs.hpp"

#include "peak_scratch.hpp"

namespace py = pybind11;
using namespace centerdecode;

CornerHeads CornerInput::item(py::ssize_t i) const noexcept {
    return {heatmap.item(i), tag ? tag->item(i) : TensorView{},
            offset ? offset->item(i) : TensorView{}};
}

CornerInput view_corner_heads(const std::array<py::object, 3>& objects, const std::string& name,
                              const HeadFormat& format, Tags tags, const Head* like) {
    const auto view = [&](std::size_t i, const char* kind) {
        return view_head(objects[i], (name + kind).c_str(), format.layout, format.element_type);
    };
    CornerInput input{view(0, ""), std::nullopt, std::nullopt};
    if (like != nullptr) {
        require_same_grid(*like, input.heatmap);
        require_channels(input.heatmap, like->first.channels,
                         "(the classes of " + like->array.name + ")");
    }
    if (tags == Tags::needed) {
        input.tag = view(1, "_tag");
        require_same_grid(input.heatmap, *input.tag);
        require_channels(*input.tag, 1, "(all classes share it)");
    }
    if (!objects[2].is_none()) {
        input.offset = view(2, "_offset");
        require_same_grid(input.heatmap, *input.offset);
        require_channels(*input.offset, 2, "(one for each axis)");
    }
    return input;
}

std::vector<std::vector<Corner>> find_corners(const CornerInput& input, const PeakOptions& options,
                                              const BoxRule& rule) {
    std::vector<std::vector<Corner>> corners(static_cast<std::size_t>(input.heatmap.batch));
    const PeakScratch peaks(input.heatmap, options);
    for (std::size_t i = 0; i < corners.size(); ++i) {
        const auto image = static_cast<py::ssize_t>(i);
        read_corners(input.item(image), peaks.of(image), options.activation, rule, corners[i]);
    }
    return corners;
}
