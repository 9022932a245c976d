// DL Streamer's side of a custom-postproc-lib: opens it, looks for Convert, calls it, and
// closes it, for every frame; an exception is an error of the element.
#include <dlfcn.h>

#include <cstdio>
#include <exception>

// 0: fine; else the message says what it threw, or that there is no such library.
extern "C" int host_convert(const char* library, void* tensors, const void* network,
                            const void* params, void* relations, char* message,
                            unsigned long size) {
    void* handle = dlopen(library, RTLD_LAZY);
    if (handle == nullptr) {
        std::snprintf(message, size, "%s", dlerror());
        return 1;
    }
    using Convert = void (*)(void*, const void*, const void*, void*);
    const auto convert = reinterpret_cast<Convert>(dlsym(handle, "Convert"));
    int status = 1;
    try {
        if (convert != nullptr) convert(tensors, network, params, relations);
        if (convert != nullptr) status = 0;
    } catch (const std::exception& error) {
        std::snprintf(message, size, "%s", error.what());
    }
    dlclose(handle);
    return status;
}
