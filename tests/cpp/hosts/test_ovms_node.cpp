// The custom node of Model Server, opened and asked as the server does: information, many
// requests at once, requests that fail, and everything freed.
#include "support/check.hpp"

#include "../../../cpp/hosts/ovms/custom_node.hpp"

#include <dlfcn.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace centerdecode::ovms;

struct Library {
    void* handle = dlopen(OVMS_NODE, RTLD_LAZY | RTLD_LOCAL);

    template <class Function>
    Function* find(const char* name) const {
        return reinterpret_cast<Function*>(dlsym(handle, name));
    }
    decltype(initialize)* load = find<decltype(initialize)>("initialize");
    decltype(deinitialize)* unload = find<decltype(deinitialize)>("deinitialize");
    decltype(execute)* run = find<decltype(execute)>("execute");
    decltype(getInputsInfo)* inputs = find<decltype(getInputsInfo)>("getInputsInfo");
    decltype(getOutputsInfo)* outputs = find<decltype(getOutputsInfo)>("getOutputsInfo");
    decltype(release)* free = find<decltype(release)>("release");
};

const Library library;

const Param params[] = {
    {"settings", "decoder=boxes;heads=heatmap,wh;stride=4;activation=none;top_k=9"},
    {"score_threshold", "0.5"},
    {"top_k", "3"},
};
constexpr int num_params = 3;

// One peak of 0.75 at cell (1, 2) of image 0, which is 2 x 3 cells large.
struct Heads {
    std::vector<float> heatmap = std::vector<float>(2 * 20, 0.0F);
    std::vector<float> wh = std::vector<float>(2 * 2 * 20, 0.0F);
    std::uint64_t heatmap_dims[4] = {2, 1, 4, 5};
    std::uint64_t wh_dims[4] = {2, 2, 4, 5};
    Tensor tensors[2];

    Heads(const Heads&) = delete;
    Heads& operator=(const Heads&) = delete;
    Heads() {
        heatmap[1 * 5 + 2] = 0.75F;
        wh[1 * 5 + 2] = 2;
        wh[20 + 1 * 5 + 2] = 3;
        tensors[0] = tensor("wh", wh, wh_dims);
        tensors[1] = tensor("heatmap", heatmap, heatmap_dims);
    }
    static Tensor tensor(const char* name, std::vector<float>& values, std::uint64_t* dims) {
        return {name, reinterpret_cast<std::uint8_t*>(values.data()), values.size() * 4, dims, 4,
                fp32};
    }
};

void check_info(decltype(getInputsInfo)* ask, void* manager, const std::string& names) {
    TensorInfo* info = nullptr;
    int count = 0;
    CHECK(ask(&info, &count, params, num_params, manager) == 0);
    std::string found;
    for (int i = 0; i < count; ++i) {
        found += std::string(info[i].name) + " ";
        library.free(info[i].dims, manager);
    }
    library.free(info, manager);
    CHECK(found == names, found);
}

const Tensor& named(const Tensor* tensors, int count, const std::string& name) {
    for (int i = 0; i < count; ++i)
        if (tensors[i].name == name) return tensors[i];
    CHECK(false, name);
    return tensors[0];
}

void check_request(void* manager) {
    Heads heads;
    const auto before = heads.heatmap;
    Tensor* outputs = nullptr;
    int count = 0;
    CHECK(library.run(heads.tensors, 2, &outputs, &count, params, num_params, manager) == 0);
    CHECK(count == 4, count);
    const Tensor& boxes = named(outputs, count, "boxes");
    CHECK(boxes.num_dims == 3 && boxes.dims[0] == 2 && boxes.dims[1] == 3 && boxes.dims[2] == 4);
    // The center of the cell, 2.5 x 1.5 cells, and half of its size to each side.
    const float expected[] = {6, 0, 14, 12};
    const auto* box = reinterpret_cast<const float*>(boxes.data);
    for (int i = 0; i < 4; ++i) CHECK(box[i] == expected[i], i, box[i]);
    for (std::size_t i = 4; i < 24; ++i) CHECK(box[i] == 0, i, box[i]);
    const auto* counts =
        reinterpret_cast<const std::int32_t*>(named(outputs, count, "counts").data);
    CHECK(counts[0] == 1 && counts[1] == 0, counts[0], counts[1]);
    const auto* ids =
        reinterpret_cast<const std::int32_t*>(named(outputs, count, "class_ids").data);
    CHECK(ids[0] == 0 && ids[1] == -1 && ids[5] == -1, ids[0], ids[1]);
    for (int i = 0; i < count; ++i) {
        library.free(outputs[i].dims, manager);
        library.free(outputs[i].data, manager);
    }
    library.free(outputs, manager);
    CHECK(heads.heatmap == before);
}

void check_failure(void* manager, const Heads& heads, int num_inputs) {
    Tensor* outputs = nullptr;
    int count = 0;
    CHECK(library.run(heads.tensors, num_inputs, &outputs, &count, params, num_params, manager) !=
          0);
    CHECK(outputs == nullptr && count == 0);
}

void check_failures(void* manager) {
    Heads heads;
    check_failure(nullptr, heads, 2);
    check_failure(manager, heads, 1);  // one is missing
    heads.tensors[0].data_bytes -= 4;
    check_failure(manager, heads, 2);
    heads.tensors[0].data_bytes = 2 * 2 * 4 * 4 * 4;
    heads.wh_dims[3] = 4;
    check_failure(manager, heads, 2);  // another grid
    void* none = nullptr;
    const Param wrong[] = {{"settings", "decoder=boxes;heads=heatmap,wh;color=red"}};
    CHECK(library.load(&none, wrong, 1) != 0);
    CHECK(none == nullptr);
}

}  // namespace

int main() {
    CHECK(library.handle != nullptr, OVMS_NODE);
    if (library.handle == nullptr) return check::result();
    void* manager = nullptr;
    CHECK(library.load(&manager, params, num_params) == 0);
    CHECK(library.load(&manager, params, num_params) == 0);  // a pipeline that is loaded anew
    check_info(library.inputs, manager, "heatmap wh ");
    check_info(library.outputs, manager, "boxes scores class_ids counts ");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 50; ++j) check_request(manager);
        });
    for (std::thread& thread : threads) thread.join();
    check_failures(manager);
    check_request(manager);
    CHECK(library.unload(manager) == 0);
    CHECK(library.unload(nullptr) == 0);
    return check::result();
}
