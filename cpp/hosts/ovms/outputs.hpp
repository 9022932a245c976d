// Tensors that the server hands to `release`, piece by piece, which calls free.
#pragma once

#include "custom_node.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace centerdecode::ovms {

struct Free {
    void operator()(void* memory) const noexcept { std::free(memory); }
};

template <class T>
using Malloced = std::unique_ptr<T[], Free>;

// `count` zeros, and never nullptr. Throws std::bad_alloc.
template <class T>
Malloced<T> allocate(std::size_t count) {
    Malloced<T> memory(static_cast<T*>(std::calloc(std::max<std::size_t>(count, 1), sizeof(T))));
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

// Holds what it allocates until it hands it over.
class Outputs {
public:
    // A tensor of zeros, of elements of T. The name must outlive the outputs. Throws
    // std::bad_alloc.
    template <class T>
    T* add(const char* name, Precision precision, const std::vector<std::uint64_t>& dims) {
        return reinterpret_cast<T*>(add_bytes(name, precision, dims, sizeof(T)));
    }

    std::size_t size() const noexcept { return tensors_.size(); }

    // All tensors, in the order in which they came.
    Malloced<Tensor> hand_over();

private:
    std::uint8_t* add_bytes(const char* name, Precision precision,
                            const std::vector<std::uint64_t>& dims, std::size_t element_size);

    std::vector<Tensor> tensors_;
    std::vector<Malloced<std::uint8_t>> data_;
    std::vector<Malloced<std::uint64_t>> dims_;
};

}  // namespace centerdecode::ovms
