#include <centerdecode/choices.hpp>

#include <stdexcept>
#include <utility>

namespace centerdecode {
namespace {

template <class T, std::size_t n>
T choose(const char* option, const std::string& word,
         const std::pair<const char*, T> (&choices)[n]) {
    std::string known;
    for (const auto& [name, value] : choices) {
        if (word == name) return value;
        known += std::string(known.empty() ? "\"" : ", \"") + name + "\"";
    }
    throw std::invalid_argument(std::string(option) + " must be one of " + known + ", got \"" +
                                word + "\"");
}

}  // namespace

Layout layout_named(const std::string& word) {
    return choose<Layout>("layout", word, {{"NCHW", Layout::nchw}, {"NHWC", Layout::nhwc}});
}

Activation activation_named(const std::string& word) {
    return choose<Activation>("activation", word,
                              {{"sigmoid", Activation::sigmoid}, {"none", Activation::none}});
}

Plateaus plateaus_named(const std::string& word) {
    return choose<Plateaus>("plateaus", word,
                            {{"first", Plateaus::first}, {"keep", Plateaus::keep}});
}

BoxEncoding box_encoding_named(const std::string& word) {
    return choose<BoxEncoding>(
        "box_encoding", word,
        {{"wh", BoxEncoding::wh}, {"ltrb", BoxEncoding::ltrb}, {"corners", BoxEncoding::corners}});
}

BoxUnits box_units_named(const std::string& word) {
    return choose<BoxUnits>("box_units", word,
                            {{"cells", BoxUnits::cells}, {"pixels", BoxUnits::pixels}});
}

BoxActivation box_activation_named(const std::string& word) {
    return choose<BoxActivation>("box_activation", word,
                                 {{"none", BoxActivation::none},
                                  {"exp", BoxActivation::exp},
                                  {"relu", BoxActivation::relu}});
}

Axes axes_named(const std::string& word) {
    return choose<Axes>("axes", word, {{"xy", Axes::xy}, {"yx", Axes::yx}});
}

DepthActivation depth_activation_named(const std::string& word) {
    return choose<DepthActivation>(
        "depth_activation", word,
        {{"inverse_sigmoid", DepthActivation::inverse_sigmoid}, {"none", DepthActivation::none}});
}

NmsKind nms_kind_named(const std::string& word) {
    return choose<NmsKind>(
        "nms", word,
        {{"hard", NmsKind::hard}, {"linear", NmsKind::linear}, {"gaussian", NmsKind::gaussian}});
}

NmsShape nms_shape_named(const std::string& word) {
    return choose<NmsShape>(
        "shape", word,
        {{"box", NmsShape::box}, {"footprint", NmsShape::footprint}, {"circle", NmsShape::circle}});
}

KeypointOrder keypoint_order_named(const std::string& word) {
    return choose<KeypointOrder>(
        "order", word,
        {{"interleaved", KeypointOrder::interleaved}, {"planar", KeypointOrder::planar}});
}

KeypointFrame keypoint_frame_named(const std::string& word) {
    return choose<KeypointFrame>("frame", word,
                                 {{"cell", KeypointFrame::cell}, {"box", KeypointFrame::box}});
}

KeypointActivation keypoint_activation_named(const std::string& word) {
    return choose<KeypointActivation>(
        "activation", word,
        {{"none", KeypointActivation::none}, {"signed_exp", KeypointActivation::signed_exp}});
}

Ranking ranking_named(const std::string& word) {
    return choose<Ranking>("ranking", word,
                           {{"min_distance", Ranking::min_distance},
                            {"score_distance_ratio", Ranking::score_distance_ratio},
                            {"score_scaled_distance_ratio", Ranking::score_scaled_distance_ratio},
                            {"gaussian_weighted", Ranking::gaussian_weighted}});
}

DecoderKind decoder_named(const std::string& word) {
    return choose<DecoderKind>("decoder", word,
                               {{"boxes", DecoderKind::boxes},
                                {"poses", DecoderKind::poses},
                                {"detection_output", DecoderKind::detection_output}});
}

}  // namespace centerdecode
