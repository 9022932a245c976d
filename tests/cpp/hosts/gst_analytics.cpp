// Stands for libgstanalytics-1.0.so.0 where GStreamer is older than 1.26, which has none:
// as much of its interface as a Convert and its host need, by GStreamer's documentation.
// Structures, values, buffers and GLib are GStreamer's own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace {

enum Kind : std::uintptr_t { any, object, group, keypoint };

struct Record {
    Kind kind;
    std::uint32_t label;
    int place[4];  // x, y, width, height; of a keypoint x and y
    float score;
    std::vector<unsigned> members;
};

}  // namespace

struct GstAnalyticsRelationMeta {
    std::vector<Record> records;
    std::map<std::pair<unsigned, unsigned>, int> relations;
};

struct GstAnalyticsMtd {
    unsigned id;
    GstAnalyticsRelationMeta* meta;
};

struct GstTensor {
    std::uint32_t id;
    int layout;
    int data_type;
    void* data;
    int dims_order;
    std::size_t num_dims;
    std::size_t dims[8];
};

struct GstTensorMeta {
    unsigned flags;
    const void* info;
    std::size_t num_tensors;
    GstTensor** tensors;
};

namespace {

std::deque<std::unique_ptr<GstAnalyticsRelationMeta>> metas;  // for good

int add(GstAnalyticsRelationMeta* meta, const Record& record, GstAnalyticsMtd* mtd) {
    *mtd = {static_cast<unsigned>(meta->records.size()), meta};
    meta->records.push_back(record);
    return 1;
}

const Record& of(const GstAnalyticsMtd* mtd) { return mtd->meta->records.at(mtd->id); }

// The first record of the kind from *state on that `fits`.
template <class Fits>
int next(GstAnalyticsRelationMeta* meta, void** state, std::uintptr_t kind, GstAnalyticsMtd* mtd,
         Fits fits) {
    auto i = reinterpret_cast<std::uintptr_t>(state == nullptr ? nullptr : *state);
    for (; i < meta->records.size(); ++i)
        if ((kind == any || meta->records[i].kind == kind) && fits(static_cast<unsigned>(i))) {
            *mtd = {static_cast<unsigned>(i), meta};
            if (state != nullptr) *state = reinterpret_cast<void*>(i + 1);
            return 1;
        }
    return 0;
}

}  // namespace

extern "C" {

GstTensor* gst_tensor_new_simple(std::uint32_t id, int data_type, void* data, int order,
                                 std::size_t num_dims, const std::size_t* dims) {
    auto* tensor = new GstTensor{id, 0, data_type, data, order, num_dims, {}};
    std::memcpy(tensor->dims, dims, num_dims * sizeof(*dims));
    return tensor;
}

GstTensorMeta* gst_buffer_add_tensor_meta(void*) { return new GstTensorMeta{}; }

void gst_tensor_meta_set(GstTensorMeta* meta, unsigned count, GstTensor** tensors) {
    meta->num_tensors = count;
    meta->tensors = tensors;
}

GstAnalyticsRelationMeta* gst_buffer_add_analytics_relation_meta(void*) {
    return metas.emplace_back(std::make_unique<GstAnalyticsRelationMeta>()).get();
}

int gst_analytics_relation_meta_add_od_mtd(GstAnalyticsRelationMeta* meta, std::uint32_t label,
                                           int x, int y, int width, int height, float score,
                                           GstAnalyticsMtd* mtd) {
    return add(meta, {object, label, {x, y, width, height}, score, {}}, mtd);
}

int gst_analytics_relation_meta_add_keypoints_group(GstAnalyticsRelationMeta* meta, const char* tag,
                                                    int dimensions, std::size_t num_positions,
                                                    const int* positions, std::size_t count,
                                                    const float* scores,
                                                    const std::uint8_t* /*visibilities*/,
                                                    std::size_t /*num_skeleton*/,
                                                    const int* /*skeleton*/, GstAnalyticsMtd* mtd) {
    if (tag == nullptr || num_positions != count * static_cast<std::size_t>(dimensions)) return 0;
    Record whole{group, 0, {}, 0, {}};
    for (std::size_t i = 0; i < count; ++i) {
        GstAnalyticsMtd one{};
        const int* at = positions + i * static_cast<std::size_t>(dimensions);
        add(meta, {keypoint, 0, {at[0], at[1]}, scores[i], {}}, &one);
        whole.members.push_back(one.id);
    }
    return add(meta, whole, mtd);
}

int gst_analytics_relation_meta_set_relation(GstAnalyticsRelationMeta* meta, int type,
                                             unsigned first, unsigned second) {
    meta->relations[{first, second}] |= type;
    return 1;
}

int gst_analytics_relation_meta_iterate(GstAnalyticsRelationMeta* meta, void** state,
                                        std::uintptr_t kind, GstAnalyticsMtd* mtd) {
    return next(meta, state, kind, mtd, [](unsigned) { return true; });
}

int gst_analytics_relation_meta_get_direct_related(GstAnalyticsRelationMeta* meta, unsigned id,
                                                   int type, std::uintptr_t kind, void** state,
                                                   GstAnalyticsMtd* mtd) {
    return next(meta, state, kind, mtd, [&](unsigned other) {
        const auto found = meta->relations.find({id, other});
        return found != meta->relations.end() && (found->second & type) != 0;
    });
}

std::uintptr_t gst_analytics_od_mtd_get_mtd_type() { return object; }
std::uintptr_t gst_analytics_group_mtd_get_mtd_type() { return group; }

std::uint32_t gst_analytics_od_mtd_get_obj_type(const GstAnalyticsMtd* mtd) {
    return of(mtd).label;
}

int gst_analytics_od_mtd_get_location(const GstAnalyticsMtd* mtd, int* x, int* y, int* width,
                                      int* height, float* score) {
    int* places[] = {x, y, width, height};
    for (int i = 0; i < 4; ++i) *places[i] = of(mtd).place[i];
    *score = of(mtd).score;
    return 1;
}

std::size_t gst_analytics_group_mtd_get_member_count(const GstAnalyticsMtd* mtd) {
    return of(mtd).members.size();
}

int gst_analytics_group_mtd_get_member(const GstAnalyticsMtd* mtd, std::size_t i,
                                       GstAnalyticsMtd* member) {
    *member = {of(mtd).members.at(i), mtd->meta};
    return 1;
}

int gst_analytics_keypoint_mtd_get_position(const GstAnalyticsMtd* mtd, int* x, int* y, int* z,
                                            int* dimensions) {
    *x = of(mtd).place[0];
    *y = of(mtd).place[1];
    *z = 0;
    *dimensions = 2;
    return 1;
}

int gst_analytics_keypoint_mtd_get_confidence(const GstAnalyticsMtd* mtd, float* score) {
    *score = of(mtd).score;
    return 1;
}
}
