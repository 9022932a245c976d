// What the C library and its decoders say of themselves, and which output is which head.
#include "capi.hpp"
#include "support/check.hpp"

namespace {

using namespace capi_test;

void check_what_a_decoder_says_of_itself() {
    const Decoder decoder("decoder=boxes;heads=wh,heatmap;top_k=12");
    CHECK(centerdecode_decoder_head_count(decoder.get()) == 2);
    CHECK(centerdecode_decoder_head_name(decoder.get(), 0) == std::string("wh"));
    CHECK(centerdecode_decoder_head_name(decoder.get(), 1) == std::string("heatmap"));
    CHECK(centerdecode_decoder_head_name(decoder.get(), 2) == nullptr);
    CHECK(centerdecode_decoder_head_name(decoder.get(), SIZE_MAX) == nullptr);
    CHECK(centerdecode_decoder_top_k(decoder.get()) == 12);
}

void check_match(const std::vector<std::string>& outputs, const std::vector<std::int32_t>& wanted) {
    const Decoder decoder(
        "decoder=boxes;heads=heatmap,wh,offset;names.heatmap=hm,heat,a=b;names.offset=reg,wh");
    std::vector<Exact<char>> texts;
    for (const std::string& output : outputs) texts.push_back(text_of(output));
    const Exact<const char*> names(outputs.size(), nullptr);
    for (std::size_t i = 0; i < texts.size(); ++i) names.get()[i] = texts[i].get();
    const Exact<std::int32_t> index(3, 77);
    const Answer answer = ask([&](char* message, std::size_t size) {
        return centerdecode_match_heads(decoder.get(), names.get(), names.size, index.get(),
                                        message, size);
    });
    CHECK(answer.status == CENTERDECODE_OK && answer.message.empty(), answer.message);
    for (std::size_t i = 0; i < 3; ++i) CHECK(index.get()[i] == wanted[i], i, index.get()[i]);
}

void check_matches() {
    check_match({"reg", "wh", "hm"}, {2, 1, 0});
    check_match({"a/heat:0", "b/wh:12"}, {0, 1, 1});
    check_match({"heat", "hm", "hm", "wh2"}, {-1, -1, -1});  // hm twice, which tells nothing
    check_match({"wh", "a=b"}, {1, 0, 0});
    check_match({}, {-1, -1, -1});
    check_match({"", ":", "/", "\xff/hm"}, {3, -1, -1});
}

void check_library() {
    CHECK(centerdecode_abi_version() == CENTERDECODE_ABI_VERSION);
    CHECK(centerdecode_version() == std::string(VERSION), centerdecode_version());
    const char* names[] = {
        "OK",        "INVALID_ARGUMENT", "INVALID_STRUCT", "INVALID_SETTINGS", "INVALID_HEADS",
        "TOO_SMALL", "NO_MEMORY",        "INTERNAL"};
    for (std::int32_t i = 0; i < 8; ++i)
        CHECK(centerdecode_status_name(i) == std::string("CENTERDECODE_") + names[i], i);
    for (const std::int32_t other : {-1, 8, INT32_MIN, INT32_MAX})
        CHECK(centerdecode_status_name(other) == std::string("unknown"), other);
}

}  // namespace

int main() {
    check_library();
    check_what_a_decoder_says_of_itself();
    check_matches();
    return check::result();
}
