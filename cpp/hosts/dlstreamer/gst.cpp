#include "gst.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace centerdecode::dlstreamer {
namespace {

// It depends on GStreamer and GLib, so a search of it finds their functions, too.
constexpr const char* library = "libgstanalytics-1.0.so.0";

template <class Function>
void find(void* loaded, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(loaded, name));
}

template <class Function>
void need(void* loaded, const char* name, Function& function) {
    find(loaded, name, function);
    if (function == nullptr)
        throw std::runtime_error(std::string("centerdecode: this GStreamer has no ") + name +
                                 "; 1.26 is the first that has all that is needed");
}

// The host has it anyway, and keeps it.
struct Loaded {
    void* handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    Loaded() {
        if (handle == nullptr)
            throw std::runtime_error(std::string("centerdecode: ") + library +
                                     " is not loaded, so this is no program of GStreamer's "
                                     "analytics; DL Streamer is one");
    }
    ~Loaded() { dlclose(handle); }
    Loaded(const Loaded&) = delete;
    Loaded(Loaded&&) = delete;
    Loaded& operator=(const Loaded&) = delete;
    Loaded& operator=(Loaded&&) = delete;
};

}  // namespace

Gst::Gst() {
    const Loaded loaded;
    need(loaded.handle, "gst_buffer_map", buffer_map);
    need(loaded.handle, "gst_buffer_unmap", buffer_unmap);
    need(loaded.handle, "gst_structure_get_string", structure_get_string);
    need(loaded.handle, "gst_structure_get_double", structure_get_double);
    need(loaded.handle, "gst_structure_has_field_typed", structure_has_field_typed);
    need(loaded.handle, "gst_structure_get_value", structure_get_value);
    need(loaded.handle, "gst_value_array_get_type", value_array_get_type);
    need(loaded.handle, "gst_value_array_get_size", value_array_get_size);
    need(loaded.handle, "gst_value_array_get_value", value_array_get_value);
    need(loaded.handle, "g_value_get_string", value_get_string);
    need(loaded.handle, "g_quark_to_string", quark_to_string);
    need(loaded.handle, "g_quark_from_string", quark_from_string);
    need(loaded.handle, "gst_analytics_relation_meta_add_od_mtd", add_od_mtd);
    need(loaded.handle, "gst_analytics_relation_meta_set_relation", set_relation);
    find(loaded.handle, "gst_analytics_relation_meta_add_keypoints_group", add_keypoints_group);
}

}  // namespace centerdecode::dlstreamer
