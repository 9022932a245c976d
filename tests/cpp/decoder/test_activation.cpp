// raw_threshold is the boundary itself: no float below it reaches the score.
#include "support/check.hpp"
#include "support/heads.hpp"

#include <centerdecode/peaks.hpp>

#include <cmath>
#include <vector>

namespace {

using centerdecode::Activation;
using centerdecode::raw_threshold;
using centerdecode::score_of;

bool reaches(float raw, double threshold, Activation activation) {
    return static_cast<double>(score_of(raw, activation)) >= threshold;
}

// Steps over the floats around the boundary, too: the score may not fall again.
void check_boundary(double threshold, Activation activation) {
    const bool sigmoid = activation == Activation::sigmoid;
    const float raw = raw_threshold(threshold, activation);
    CHECK(reaches(raw, threshold, activation), threshold, raw, sigmoid);
    float above = raw;
    float below = raw;
    for (int i = 0; i < 100; ++i) {
        above = std::nextafter(above, heads::inf);
        below = std::nextafter(below, -heads::inf);
        CHECK(reaches(above, threshold, activation), threshold, raw, above, sigmoid);
        CHECK(below == raw || !reaches(below, threshold, activation), threshold, raw, below,
              sigmoid);
        if (below == -heads::inf) break;
    }
}

// Thresholds as people write them, and as no float holds them.
std::vector<double> scores() {
    std::vector<double> scores = {1e-300, 1e-45, 1e-30, 1e-7, 0.5, 0.999999, 1.0 - 0x1p-24, 1.0};
    for (int i = 1; i < 300; ++i) scores.push_back(i / 300.0);
    for (int i = 1; i < 100; ++i)
        scores.push_back(static_cast<double>(static_cast<float>(i) / 100));
    return scores;
}

void check_ends() {
    CHECK(raw_threshold(0.0, Activation::sigmoid) == -heads::inf);
    CHECK(raw_threshold(-1.0, Activation::sigmoid) == -heads::inf);
    CHECK(raw_threshold(-HUGE_VAL, Activation::none) == -heads::inf);
    CHECK(raw_threshold(HUGE_VAL, Activation::none) == heads::inf);
    CHECK(raw_threshold(0.0, Activation::none) == 0.0F);
    CHECK(raw_threshold(0.25, Activation::none) == 0.25F);
    // No element reaches these.
    CHECK(std::isnan(raw_threshold(1.0 + 0x1p-52, Activation::sigmoid)));
    CHECK(std::isnan(raw_threshold(heads::nan, Activation::sigmoid)));
    CHECK(std::isnan(raw_threshold(heads::nan, Activation::none)));
}

void check_scores() {
    CHECK(score_of(0.0F, Activation::sigmoid) == 0.5F);
    CHECK(score_of(-heads::inf, Activation::sigmoid) == 0.0F);
    CHECK(score_of(heads::inf, Activation::sigmoid) == 1.0F);
    CHECK(score_of(100.0F, Activation::sigmoid) == 1.0F);  // where exp(x) / (1 + exp(x)) is NaN
    CHECK(std::isnan(score_of(heads::nan, Activation::sigmoid)));
    CHECK(score_of(-3.5F, Activation::none) == -3.5F);
    for (int i = -2000; i <= 2000; ++i) {
        const float x = static_cast<float>(i) / 19.0F;
        const long double exact = 1.0L / (1.0L + std::exp(-static_cast<long double>(x)));
        CHECK(score_of(x, Activation::sigmoid) == static_cast<float>(exact), x);
    }
}

}  // namespace

int main() {
    for (const double threshold : scores()) {
        check_boundary(threshold, Activation::sigmoid);
        check_boundary(threshold, Activation::none);
        check_boundary(-threshold, Activation::none);
    }
    check_ends();
    check_scores();
    return check::result();
}
