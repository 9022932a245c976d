// The memory of a thread, lent to a call.
#pragma once

#include <centerdecode/decoder.hpp>

#include <memory>
#include <vector>

// A finaliser may decode while the results of a call are made, so the memory is taken from
// the thread for that time, and another call makes its own.
class ThreadScratch {
public:
    ThreadScratch();
    ~ThreadScratch();
    ThreadScratch(const ThreadScratch&) = delete;
    ThreadScratch& operator=(const ThreadScratch&) = delete;

    centerdecode::Memory& memory() noexcept { return lent_->scratch.memory(); }
    std::vector<centerdecode::Detections>& found() noexcept { return lent_->found; }

private:
    struct Kept {
        centerdecode::Scratch scratch;
        std::vector<centerdecode::Detections> found;
    };

    static thread_local std::unique_ptr<Kept> kept;

    std::unique_ptr<Kept> lent_;
};
