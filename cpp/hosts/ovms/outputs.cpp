#include "outputs.hpp"

#include <algorithm>
#include <limits>

namespace centerdecode::ovms {

std::uint8_t* Outputs::add_bytes(const char* name, Precision precision,
                                 const std::vector<std::uint64_t>& dims, std::size_t element_size) {
    std::size_t size = element_size;
    for (const std::uint64_t extent : dims) {
        if (extent != 0 && size > std::numeric_limits<std::size_t>::max() / extent)
            throw std::bad_alloc();
        size *= extent;
    }
    data_.push_back(allocate<std::uint8_t>(size));
    dims_.push_back(allocate<std::uint64_t>(dims.size()));
    std::copy(dims.begin(), dims.end(), dims_.back().get());
    tensors_.push_back(
        {name, data_.back().get(), size, dims_.back().get(), dims.size(), precision});
    return data_.back().get();
}

Malloced<Tensor> Outputs::hand_over() {
    Malloced<Tensor> all = allocate<Tensor>(tensors_.size());
    std::copy(tensors_.begin(), tensors_.end(), all.get());
    for (auto& data : data_) static_cast<void>(data.release());
    for (auto& dims : dims_) static_cast<void>(dims.release());
    return all;
}

}  // namespace centerdecode::ovms
