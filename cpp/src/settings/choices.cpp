#include "settings/choices.hpp"

namespace centerdecode {
namespace {

template <class T, std::size_t n>
constexpr Choices<T> list(const char* option, const Word<T> (&choices)[n]) noexcept {
    return {option, choices, n};
}

constexpr Word<Layout> layouts[] = {
    {"NCHW", Layout::nchw},
    {"NHWC", Layout::nhwc},
};

constexpr Word<Activation> activations[] = {
    {"sigmoid", Activation::sigmoid},
    {"none", Activation::none},
};

constexpr Word<Plateaus> plateaus[] = {
    {"first", Plateaus::first},
    {"keep", Plateaus::keep},
};

constexpr Word<BoxEncoding> box_encodings[] = {
    {"wh", BoxEncoding::wh},
    {"ltrb", BoxEncoding::ltrb},
    {"corners", BoxEncoding::corners},
};

constexpr Word<BoxUnits> box_units[] = {
    {"cells", BoxUnits::cells},
    {"pixels", BoxUnits::pixels},
};

constexpr Word<BoxActivation> box_activations[] = {
    {"none", BoxActivation::none},
    {"exp", BoxActivation::exp},
    {"relu", BoxActivation::relu},
};

constexpr Word<Axes> axes[] = {
    {"xy", Axes::xy},
    {"yx", Axes::yx},
};

constexpr Word<DepthActivation> depth_activations[] = {
    {"inverse_sigmoid", DepthActivation::inverse_sigmoid},
    {"none", DepthActivation::none},
};

constexpr Word<KeypointOrder> keypoint_orders[] = {
    {"interleaved", KeypointOrder::interleaved},
    {"planar", KeypointOrder::planar},
};

constexpr Word<KeypointFrame> keypoint_frames[] = {
    {"cell", KeypointFrame::cell},
    {"box", KeypointFrame::box},
};

constexpr Word<KeypointActivation> keypoint_activations[] = {
    {"none", KeypointActivation::none},
    {"signed_exp", KeypointActivation::signed_exp},
};

constexpr Word<Ranking> rankings[] = {
    {"min_distance", Ranking::min_distance},
    {"score_distance_ratio", Ranking::score_distance_ratio},
    {"score_scaled_distance_ratio", Ranking::score_scaled_distance_ratio},
    {"gaussian_weighted", Ranking::gaussian_weighted},
};

constexpr Word<NmsKind> nms_kinds[] = {
    {"hard", NmsKind::hard},
    {"linear", NmsKind::linear},
    {"gaussian", NmsKind::gaussian},
};

constexpr Word<NmsShape> nms_shapes[] = {
    {"box", NmsShape::box},
    {"footprint", NmsShape::footprint},
    {"circle", NmsShape::circle},
};

constexpr Word<ExtraActivation> extra_activations[] = {
    {"none", ExtraActivation::none},
    {"sigmoid", ExtraActivation::sigmoid},
    {"exp", ExtraActivation::exp},
    {"inverse_sigmoid", ExtraActivation::inverse_sigmoid},
};

constexpr Word<ExtraFrame> extra_frames[] = {
    {"none", ExtraFrame::none},
    {"displacement", ExtraFrame::displacement},
    {"box", ExtraFrame::box},
    {"cell", ExtraFrame::cell},
};

constexpr Word<DecoderKind> decoders[] = {
    {"boxes", DecoderKind::boxes},       {"poses", DecoderKind::poses},
    {"faces", DecoderKind::faces},       {"pose_tasks", DecoderKind::pose_tasks},
    {"boxes3d", DecoderKind::boxes3d},   {"bev", DecoderKind::bev},
    {"levels", DecoderKind::levels},     {"extreme_points", DecoderKind::extreme_points},
    {"triplets", DecoderKind::triplets}, {"detection_output", DecoderKind::detection_output},
    {"zoo", DecoderKind::zoo},           {"embedded", DecoderKind::embedded},
};

}  // namespace

template <>
Choices<Layout> choices() {
    return list("layout", layouts);
}

template <>
Choices<Activation> choices() {
    return list("activation", activations);
}

template <>
Choices<Plateaus> choices() {
    return list("plateaus", plateaus);
}

template <>
Choices<BoxEncoding> choices() {
    return list("box_encoding", box_encodings);
}

template <>
Choices<BoxUnits> choices() {
    return list("box_units", box_units);
}

template <>
Choices<BoxActivation> choices() {
    return list("box_activation", box_activations);
}

template <>
Choices<Axes> choices() {
    return list("axes", axes);
}

template <>
Choices<DepthActivation> choices() {
    return list("depth_activation", depth_activations);
}

template <>
Choices<KeypointOrder> choices() {
    return list("order", keypoint_orders);
}

template <>
Choices<KeypointFrame> choices() {
    return list("frame", keypoint_frames);
}

template <>
Choices<KeypointActivation> choices() {
    return list("activation", keypoint_activations);
}

template <>
Choices<Ranking> choices() {
    return list("ranking", rankings);
}

template <>
Choices<NmsKind> choices() {
    return list("nms", nms_kinds);
}

template <>
Choices<NmsShape> choices() {
    return list("shape", nms_shapes);
}

template <>
Choices<ExtraActivation> choices() {
    return list("activation", extra_activations);
}

template <>
Choices<ExtraFrame> choices() {
    return list("frame", extra_frames);
}

template <>
Choices<DecoderKind> choices() {
    return list("decoder", decoders);
}

}  // namespace centerdecode
