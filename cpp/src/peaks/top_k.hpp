// The k strongest peaks of a stream of them, in bounded memory.
#pragma once

#include <centerdecode/peaks.hpp>

#include <cstddef>
#include <limits>
#include <vector>

namespace centerdecode {

// The order of all results: the greater value, of equal ones the lower index. A
// lambda, because sorting does not inline functions.
inline constexpr auto is_stronger = [](const Peak& a, const Peak& b) noexcept {
    return a.value > b.value || (a.value == b.value && a.index < b.index);
};

// Peaks are written where room() says and counted in by commit(). Whenever the
// room is nearly used up, all but the k strongest are dropped, and threshold()
// rises above the weakest of those. That is exact, because peaks must come in
// ascending index: of two equal values the later one loses.
class TopK {
public:
    // Takes `peaks` over, content and all. `cells` bounds how many peaks can come.
    TopK(std::size_t k, std::size_t cells, float threshold, std::vector<Peak>& peaks);

    std::size_t wanted() const noexcept { return k_; }

    Peak* room() noexcept { return peaks_.data() + size_; }
    std::size_t room_size() const noexcept { return peaks_.size() - size_; }
    void commit(std::size_t count);

    // What a peak must reach to matter; NaN when nothing can any more.
    float threshold() const noexcept { return threshold_; }

    // Are there more peaks than were looked for? Then a guess at a higher
    // threshold may pay.
    bool overflows() const noexcept { return overflows_; }
    void guess(float threshold) noexcept;

    // Leaves the k strongest in the vector, strongest first. False: the guess was
    // too high, there may be peaks below it that belong to them.
    bool finish();

private:
    void keep_strongest() noexcept;

    std::size_t k_;
    std::size_t most_;
    float threshold_;
    bool overflows_ = false;
    float guess_ = -std::numeric_limits<float>::infinity();
    std::size_t size_ = 0;
    std::vector<Peak>& peaks_;
};

}  // namespace centerdecode
