#include "calls/thread_scratch.hpp"

#include <algorithm>
#include <utility>

namespace {

constexpr std::size_t most_kept = 1 << 16;  // numbers of an image's results

bool is_large(const centerdecode::Detections& found) noexcept {
    const auto is_long = [](const auto& column) { return column.bytes.capacity() > 4 * most_kept; };
    return found.keypoints.capacity() > most_kept ||
           std::any_of(found.columns.begin(), found.columns.end(), is_long);
}

}  // namespace

thread_local std::unique_ptr<ThreadScratch::Kept> ThreadScratch::kept;

ThreadScratch::ThreadScratch() : lent_(std::move(kept)) {
    if (!lent_) lent_ = std::make_unique<Kept>();
}

ThreadScratch::~ThreadScratch() {
    lent_->scratch.shrink();
    for (centerdecode::Detections& found : lent_->found)
        if (is_large(found)) found = {};
    kept = std::move(lent_);
}
