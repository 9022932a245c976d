// What OpenVINO asks a library of operations for.
#include "decode_op.hpp"

#include <openvino/core/extension.hpp>
#include <openvino/core/op_extension.hpp>
#include <openvino/core/version.hpp>

#include <dlfcn.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// In full where the build was told, else the first part.
constexpr char built_for[] = CENTERDECODE_OPENVINO_VERSION;

std::string library_of(const void* address) {
    Dl_info found{};
    return dladdr(address, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname : "";
}

[[noreturn]] void refuse(const std::string& what) {
    throw std::runtime_error("this library of centerdecode's operation was built for OpenVINO " +
                             std::string(built_for) + ", and " + what +
                             "; centerdecode.graph.build_extension() builds another");
}

// Classes of OpenVINO differ from version to version, so that one of another would crash.
void require_own_openvino(const void* caller) {
    const std::string found = ov::get_openvino_version().buildNumber;
    if (found.rfind(built_for, 0) != 0) refuse("is loaded by " + found);
    // A second OpenVINO, as LD_LIBRARY_PATH brings, would answer for the one that loads us.
    const std::string own = library_of(reinterpret_cast<const void*>(&ov::get_openvino_version));
    const std::string loader = library_of(caller);
    if (loader != own && loader.find("libopenvino") != std::string::npos)
        refuse("is loaded by that of " + loader);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void create_extensions(
    std::vector<ov::Extension::Ptr>& extensions);

void create_extensions(std::vector<ov::Extension::Ptr>& extensions) {
    require_own_openvino(__builtin_return_address(0));
    extensions = {std::make_shared<ov::OpExtension<centerdecode::DecodeOp>>()};
}
