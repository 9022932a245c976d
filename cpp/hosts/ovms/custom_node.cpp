#include "custom_node.hpp"

#include "node.hpp"
#include "outputs.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

using centerdecode::ovms::Node;
using centerdecode::ovms::Port;
using centerdecode::ovms::Tensor;
using centerdecode::ovms::TensorInfo;

// Nothing is thrown at the server. It knows a number alone, so the log gets the words.
template <class Work>
int status_of(const char* function, Work work) noexcept {
    try {
        work();
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "centerdecode: " << function << ": " << error.what() << '\n';
    } catch (...) {
        std::cerr << "centerdecode: " << function << ": failed\n";
    }
    return 1;
}

const Node& node_of(void* manager) {
    if (manager == nullptr) throw std::runtime_error("the node was not initialized");
    return *static_cast<const Node*>(manager);
}

using Owned = std::unique_ptr<Node>;

// The node goes with what this gives.
Owned owned(void* manager) { return Owned(static_cast<Node*>(manager)); }

void give_info(const std::vector<Port>& ports, TensorInfo** info, int* count) {
    auto all = centerdecode::ovms::allocate<TensorInfo>(ports.size());
    std::vector<centerdecode::ovms::Malloced<std::uint64_t>> dims;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Port& port = ports[i];
        dims.push_back(centerdecode::ovms::allocate<std::uint64_t>(port.dims.size()));
        std::copy(port.dims.begin(), port.dims.end(), dims.back().get());
        all[i] = {port.name, dims.back().get(), port.dims.size(), port.precision};
    }
    for (auto& one : dims) static_cast<void>(one.release());
    *count = static_cast<int>(ports.size());
    *info = all.release();
}

}  // namespace

int initialize(void** manager, const centerdecode::ovms::Param* params, int num_params) {
    return status_of("initialize", [&] {
        auto node = std::make_unique<Node>(centerdecode::ovms::options_of(params, num_params));
        // There is one already where a pipeline is loaded anew; nobody executes meanwhile.
        const Owned last = owned(*manager);
        *manager = node.release();
    });
}

int deinitialize(void* manager) {
    const Owned last = owned(manager);
    return 0;
}

int execute(const Tensor* inputs, int num_inputs, Tensor** outputs, int* num_outputs,
            const centerdecode::ovms::Param* /*params*/, int /*num_params*/, void* manager) {
    return status_of("execute",
                     [&] { node_of(manager).execute(inputs, num_inputs, outputs, num_outputs); });
}

int getInputsInfo(TensorInfo** info, int* count, const centerdecode::ovms::Param* /*params*/,
                  int /*num_params*/, void* manager) {
    return status_of("getInputsInfo", [&] { give_info(node_of(manager).inputs(), info, count); });
}

int getOutputsInfo(TensorInfo** info, int* count, const centerdecode::ovms::Param* /*params*/,
                   int /*num_params*/, void* manager) {
    return status_of("getOutputsInfo", [&] { give_info(node_of(manager).outputs(), info, count); });
}

int release(void* memory, void* /*manager*/) {
    centerdecode::ovms::Free()(memory);
    return 0;
}
