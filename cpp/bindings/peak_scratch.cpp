#include "peak_scratch.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// A list that once needed more than this is not kept.
constexpr std::size_t kept_peaks = 1 << 16;

// Bytes of a heatmap that are read in the few microseconds that others can wait for the
// GIL. To get it back may take a thread that decodes in a callback longer.
constexpr std::int64_t soon_read = 1 << 17;

std::int64_t bytes_of(const Head& heatmap) noexcept {
    const TensorView& map = heatmap.first;
    const std::int64_t size = map.type == ElementType::f32 ? 4 : 2;
    return size * map.channels * map.height * map.width * heatmap.batch;
}

thread_local std::vector<std::vector<Peak>> kept;

}  // namespace

PeakScratch::PeakScratch(const Head& heatmap, const PeakOptions& options) {
    require_classes(named(heatmap), options);
    lists_ = std::exchange(kept, {});
    std::optional<py::gil_scoped_release> nogil;
    if (bytes_of(heatmap) > soon_read) nogil.emplace();
    const auto batch = static_cast<std::size_t>(heatmap.batch);
    if (lists_.size() < batch) lists_.resize(batch);
    for (std::size_t i = 0; i < batch; ++i)
        find_peaks(heatmap.item(static_cast<py::ssize_t>(i)), options, lists_[i]);
}

PeakScratch::~PeakScratch() {
    for (std::vector<Peak>& list : lists_)
        if (list.capacity() > kept_peaks) list = {};
    kept = std::move(lists_);
}

const std::vector<Peak>& PeakScratch::of(py::ssize_t image) const noexcept {
    return lists_[static_cast<std::size_t>(image)];
}
