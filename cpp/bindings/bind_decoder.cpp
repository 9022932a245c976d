// The decoder: heads in, arrays out that NumPy owns.
#include "calls/decode_call.hpp"
#include "calls/rows.hpp"

#include "settings/settings.hpp"

#include <pybind11/stl.h>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

BoundDecoder make_decoder(const Options& options, std::vector<std::string> names,
                          std::string element_type) {
    Entries entries(options);
    return {std::make_shared<const DecoderState>(read_settings(entries)), std::move(names),
            std::move(element_type)};
}

// A tuple of columns for each image; or one alone where `unwrap` and the heads are of no batch.
py::object images_of(DecodeCall& call, bool unwrap) {
    const std::vector<Detections>& found = call.run();
    if (unwrap && !call.is_batched()) return rows_of(found[0], call.format());
    py::list images(call.count());
    for (std::size_t i = 0; i < call.count(); ++i) images[i] = rows_of(found[i], call.format());
    return images;
}

py::object decode(const BoundDecoder& decoder, const py::sequence& heads,
                  const std::optional<Doubles>& transforms, const std::optional<Doubles>& clips,
                  const std::optional<Doubles>& input_sizes, const std::optional<Doubles>& cameras,
                  bool unwrap) {
    DecodeCall call(decoder, heads);
    call.place(transforms, clips, input_sizes, cameras);
    return images_of(call, unwrap);
}

// As decode, of several inputs of each image; a transform for each scale.
py::object decode_scales(const BoundDecoder& decoder, const py::sequence& heads,
                         const std::vector<std::optional<Doubles>>& transforms,
                         const std::optional<Doubles>& clips, bool unwrap) {
    DecodeCall call(decoder, heads);
    call.place_scales(transforms, clips);
    return images_of(call, unwrap);
}

// Names of what is found besides boxes and keypoints, by heads of so many channels each.
std::vector<std::string> column_names(const BoundDecoder& decoder,
                                      const std::vector<std::int64_t>& channels) {
    std::vector<std::string> names;
    for (const ColumnFormat& column : format_of(*decoder.state, channels).columns)
        names.push_back(column.name);
    return names;
}

}  // namespace

void bind_decoder(py::module_& m) {
    py::class_<BoundDecoder>(m, "Decoder")
        .def(py::init(&make_decoder))
        .def("__call__", &decode)
        .def("decode_scales", &decode_scales)
        .def("column_names", &column_names)
        .def_property_readonly("joins", [](const BoundDecoder& self) { return self.state->joins; })
        .def("settings",
             [](const BoundDecoder& self) { return write_settings(self.state->settings); });
}
