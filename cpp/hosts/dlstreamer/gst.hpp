// What this library needs of GStreamer: structs that it reads, and functions that it finds
// by name in the process that loaded it. No header of GStreamer is needed, and none of its
// libraries is linked: one build serves every GStreamer that has these, from 1.26 on.
#pragma once

#include <cstddef>
#include <cstdint>

// Opaque, or with its first fields, as GStreamer's documentation has them.
struct GstBuffer;
struct GstStructure;
struct GstAnalyticsRelationMeta;
struct GValue;

struct GstMeta {
    unsigned flags;
    const void* info;
};

struct GstTensor {
    std::uint32_t id;  // a GQuark: the name of the layer
    int layout;
    int data_type;
    GstBuffer* data;
    int dims_order;
    std::size_t num_dims;
    std::size_t dims[1];  // num_dims of them
};

struct GstTensorMeta {
    GstMeta meta;
    std::size_t num_tensors;
    GstTensor** tensors;
};

struct GstAnalyticsMtd {
    unsigned id;
    GstAnalyticsRelationMeta* meta;
};

struct GstMapInfo {
    void* memory;
    int flags;
    std::uint8_t* data;
    std::size_t size;
    std::size_t max_size;
    void* user_data[4];
    void* reserved[4];
};

namespace centerdecode::dlstreamer {

enum DataType : std::uint8_t { float16 = 10, float32 = 11, bfloat16 = 13 };

constexpr int row_major = 0;
constexpr unsigned map_read = 1;
constexpr int is_part_of = 1 << 1;
constexpr int contain = 1 << 2;
constexpr int two_dimensional = 2;

// The functions, by the ends of their names in GStreamer and GLib.
struct Gst {
    // Throws std::runtime_error where there is no GStreamer, or it has not all that is
    // needed. Nothing is kept: the host may close this library after every call.
    Gst();

    int (*buffer_map)(GstBuffer*, GstMapInfo*, unsigned flags) = nullptr;
    void (*buffer_unmap)(GstBuffer*, GstMapInfo*) = nullptr;
    const char* (*structure_get_string)(const GstStructure*, const char*) = nullptr;
    int (*structure_get_double)(const GstStructure*, const char*, double*) = nullptr;
    int (*structure_has_field_typed)(const GstStructure*, const char*, std::size_t) = nullptr;
    const GValue* (*structure_get_value)(const GstStructure*, const char*) = nullptr;
    std::size_t (*value_array_get_type)() = nullptr;
    unsigned (*value_array_get_size)(const GValue*) = nullptr;
    const GValue* (*value_array_get_value)(const GValue*, unsigned) = nullptr;
    const char* (*value_get_string)(const GValue*) = nullptr;
    const char* (*quark_to_string)(std::uint32_t) = nullptr;
    std::uint32_t (*quark_from_string)(const char*) = nullptr;
    int (*add_od_mtd)(GstAnalyticsRelationMeta*, std::uint32_t label, int x, int y, int width,
                      int height, float score, GstAnalyticsMtd*) = nullptr;
    int (*set_relation)(GstAnalyticsRelationMeta*, int type, unsigned first,
                        unsigned second) = nullptr;

    // From GStreamer 1.30 on, and in DL Streamer's own build; nullptr elsewhere.
    int (*add_keypoints_group)(GstAnalyticsRelationMeta*, const char* tag, int dimensions,
                               std::size_t num_positions, const int* positions, std::size_t count,
                               const float* scores, const std::uint8_t* visibilities,
                               std::size_t num_skeleton, const int* skeleton,
                               GstAnalyticsMtd*) = nullptr;
};

}  // namespace centerdecode::dlstreamer
