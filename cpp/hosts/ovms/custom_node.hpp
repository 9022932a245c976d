// What Model Server and the library of a custom node say to each other, as its guide to
// custom nodes has it: six C functions, found by name. Names of tensors and parameters are
// the server's; what a function gives out is the library's until the server hands it to
// `release`. A dimension of 0 stands for any.
#pragma once

#include <cstdint>

#define CENTERDECODE_NODE extern "C" __attribute__((visibility("default")))

namespace centerdecode::ovms {

enum Precision : std::uint32_t {
    unspecified = 0,
    fp32 = 1,
    fp16 = 2,
    u8 = 3,
    i8 = 4,
    i16 = 5,
    u16 = 6,
    i32 = 7,
    fp64 = 8,
    i64 = 9,
};

struct Tensor {
    const char* name;
    std::uint8_t* data;
    std::uint64_t data_bytes;
    std::uint64_t* dims;
    std::uint64_t num_dims;
    Precision precision;
};

struct TensorInfo {
    const char* name;
    std::uint64_t* dims;
    std::uint64_t num_dims;
    Precision precision;
};

struct Param {
    const char* key;
    const char* value;
};

}  // namespace centerdecode::ovms

// Called when a pipeline is loaded; `*manager` is handed to all others, and to
// deinitialize when the pipeline goes. 0: fine. Any number of threads may execute at once.
CENTERDECODE_NODE int initialize(void** manager, const centerdecode::ovms::Param* params,
                                 int num_params);
CENTERDECODE_NODE int deinitialize(void* manager);
CENTERDECODE_NODE int execute(const centerdecode::ovms::Tensor* inputs, int num_inputs,
                              centerdecode::ovms::Tensor** outputs, int* num_outputs,
                              const centerdecode::ovms::Param* params, int num_params,
                              void* manager);
CENTERDECODE_NODE int getInputsInfo(centerdecode::ovms::TensorInfo** info, int* count,
                                    const centerdecode::ovms::Param* params, int num_params,
                                    void* manager);
CENTERDECODE_NODE int getOutputsInfo(centerdecode::ovms::TensorInfo** info, int* count,
                                     const centerdecode::ovms::Param* params, int num_params,
                                     void* manager);
CENTERDECODE_NODE int release(void* memory, void* manager);
