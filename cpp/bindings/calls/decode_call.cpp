#include "calls/decode_call.hpp"

#include "peaks/elements.hpp"

#include <algorithm>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// Bytes of a head that are read in the few microseconds that others can wait for the
// GIL. To get it back may take a thread that decodes in a callback longer.
constexpr std::int64_t soon_read = 1 << 17;

std::int64_t bytes_of(const NamedHead& head) noexcept {
    const TensorView& map = head.view.first;
    return size_of(map.type) * map.channels * map.height * map.width * head.view.batch;
}

template <class T>
ForEach<T> for_each(const std::optional<Doubles>& values) {
    if (!values) return {};
    return {reinterpret_cast<const T*>(values->data()), static_cast<std::size_t>(values->shape(0))};
}

}  // namespace

DecodeCall::DecodeCall(const BoundDecoder& decoder, const py::sequence& heads) {
    const Settings& settings = decoder.state->settings;
    const std::size_t count = settings.heads.size();
    const std::size_t given = heads.size();
    const std::size_t wanted = settings.scales ? count * settings.scales->size() : count;
    const Kind& kind = *decoder.state->kind;
    heads_.reserve(given);  // what is named points into it
    named_.resize(wanted);
    for (std::size_t i = 0; i < std::min(given, wanted); ++i) {
        const py::object head = heads[i];
        if (head.is_none() || !decoder.state->is_read[i % count]) continue;
        const char* const name = decoder.names[i % count].c_str();
        heads_.push_back(
            kind.form == HeadForm::table
                ? view_table(head, name)
                : view_head(head, name, settings.layout, decoder.element_type, kind.shape));
        named_[i] = named(heads_.back());
    }
    const auto first = std::find_if(named_.begin(), named_.end(), [](const NamedHead& head) {
        return head.view.first.data != nullptr;
    });
    is_batched_ = first != named_.end() && first->batched;
    is_long_ = std::any_of(named_.begin(), named_.end(),
                           [](const NamedHead& head) { return bytes_of(head) > soon_read; });
    needs_input_size_ = kind.needs_input_size && !settings.input_size;
    try {
        batch_.emplace(*decoder.state, named_, scratch_.memory());
    } catch (const MissingHead& missing) {
        // None in its place is refused as any other object that is no tensor.
        const auto at = std::find(settings.heads.begin(), settings.heads.end(), missing.head);
        if (at == settings.heads.end()) throw;
        const auto i = static_cast<std::size_t>(at - settings.heads.begin());
        view_head(py::none(), decoder.names[i].c_str(), settings.layout, decoder.element_type);
    }
}

void DecodeCall::place(const std::optional<Doubles>& transforms,
                       const std::optional<Doubles>& clips,
                       const std::optional<Doubles>& input_sizes,
                       const std::optional<Doubles>& cameras) {
    if (!input_sizes && needs_input_size_)
        throw py::value_error("input_size must be given: the boxes are fractions of it");
    if (!transforms && !clips && !input_sizes && !cameras) return;
    const Placements placements{for_each<Transform>(transforms), for_each<ImageSize>(clips),
                                for_each<ImageSize>(input_sizes), for_each<Camera>(cameras)};
    batch_->place(&placements, 1);
}

void DecodeCall::place_scales(const std::vector<std::optional<Doubles>>& transforms,
                              const std::optional<Doubles>& clips) {
    std::vector<Placements> placements;
    for (const std::optional<Doubles>& one : transforms)
        placements.push_back({for_each<Transform>(one), for_each<ImageSize>(clips), {}, {}});
    batch_->place(placements.data(), placements.size());
}

const std::vector<Detections>& DecodeCall::run() {
    std::vector<Detections>& found = scratch_.found();
    std::optional<py::gil_scoped_release> nogil;
    if (is_long_) nogil.emplace();
    if (found.size() < count()) found.resize(count());
    for (std::size_t i = 0; i < count(); ++i)
        batch_->decode(static_cast<std::int64_t>(i), found[i]);
    return found;
}
