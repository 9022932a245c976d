#include "peaks/top_k.hpp"

#include "kernels/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace centerdecode {
namespace {

// More than k, so that a rise of the threshold is worth its partial sort.
constexpr std::size_t least_spare = 4 * kernels::largest_block;

}  // namespace

TopK::TopK(std::size_t k, std::size_t cells, float threshold, std::vector<Peak>& peaks)
    : k_(std::min(k, cells)),
      most_(k_ + std::max(k_, least_spare)),
      threshold_(k_ == 0 ? std::numeric_limits<float>::quiet_NaN() : threshold),
      peaks_(peaks) {
    peaks_.resize(std::min(most_, 2 * kernels::largest_block));
}

void TopK::commit(std::size_t count) {
    size_ += count;
    if (room_size() >= kernels::largest_block) return;
    if (peaks_.size() < most_)
        peaks_.resize(std::min(most_, 2 * peaks_.size()));
    else
        keep_strongest();
}

void TopK::keep_strongest() noexcept {
    const auto begin = peaks_.begin();
    const auto kth = begin + static_cast<std::ptrdiff_t>(k_ - 1);
    std::nth_element(begin, kth, begin + static_cast<std::ptrdiff_t>(size_), is_stronger);
    size_ = k_;
    overflows_ = true;
    constexpr float inf = std::numeric_limits<float>::infinity();
    threshold_ = kth->value == inf ? std::numeric_limits<float>::quiet_NaN()
                                   : std::max(threshold_, std::nextafter(kth->value, inf));
}

void TopK::guess(float threshold) noexcept {
    if (!(threshold > threshold_)) return;
    threshold_ = threshold;
    guess_ = threshold;
}

bool TopK::finish() {
    if (size_ > k_) keep_strongest();
    peaks_.resize(size_);
    std::sort(peaks_.begin(), peaks_.end(), is_stronger);
    constexpr float inf = std::numeric_limits<float>::infinity();
    return guess_ == -inf || (size_ == k_ && peaks_.back().value >= guess_);
}

}  // namespace centerdecode
