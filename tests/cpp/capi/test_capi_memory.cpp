// Where memory lacks, at any of the places where a call asks for some, the C interface says
// so, changes nothing, and loses nothing. This program's operator new fails when it is told.
#include "capi.hpp"
#include "support/check.hpp"

#include <cstdlib>
#include <new>

namespace {

long left = -1;  // allocations that succeed; negative: all do

void* allocate(std::size_t size) noexcept {
    if (left == 0) return nullptr;
    if (left > 0) --left;
    return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void* operator new(std::size_t size) {
    if (void* p = allocate(size)) return p;
    throw std::bad_alloc();
}

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return allocate(size);
}

void operator delete(void* p) noexcept { std::free(p); }

void operator delete(void* p, std::size_t /*size*/) noexcept { std::free(p); }

void operator delete(void* p, const std::nothrow_t& /*tag*/) noexcept { std::free(p); }

namespace {

using namespace capi_test;

// Calls it with no allocation, with one, with two ... until it succeeds; how many it needed.
template <class Call, class IsUntouched>
long check_each(const char* name, const Call& call, const IsUntouched& is_untouched) {
    char message[64];
    for (long enough = 0; enough < 10'000; ++enough) {
        left = enough;
        const centerdecode_status status = call(&message[0], sizeof message);
        left = -1;
        if (status == CENTERDECODE_OK) return enough;
        CHECK(status == CENTERDECODE_NO_MEMORY, name, enough, status);
        CHECK(message == std::string("there is not enough memory"), name, &message[0]);
        CHECK(is_untouched(), name, enough);
    }
    CHECK(false, name);
    return 0;
}

const char* const settings =
    "decoder=poses;heads=heatmap,wh,keypoints,keypoint_heatmap;activation=none;"
    "names.heatmap=hm,heat,a_name_that_is_longer_than_a_short_string";

std::vector<Tensor> heads_of_poses() {
    std::vector<Tensor> heads;
    for (const std::int64_t channels : {1, 2, 20, 10}) {
        std::vector<float> values(static_cast<std::size_t>(channels) * 30 * 40, 0.5F);
        for (std::size_t i = 0; i < values.size(); i += 7) values[i] = 1.0F;
        heads.emplace_back(std::vector<std::int64_t>{channels, 30, 40}, values);
    }
    return heads;
}

void check_create_and_match() {
    centerdecode_decoder* decoder = nullptr;
    const long created = check_each(
        "create",
        [&](char* message, std::size_t size) {
            return centerdecode_decoder_create(settings, &decoder, message, size);
        },
        [&] { return decoder == nullptr; });
    CHECK(created > 20, created);
    const char* names[] = {"keypoints", "wh", "some/path/that/is/not/short/a/hm:0"};
    const Exact<std::int32_t> index(4, 77);
    const long matched = check_each(
        "match",
        [&](char* message, std::size_t size) {
            return centerdecode_match_heads(decoder, &names[0], 3, index.get(), message, size);
        },
        [&] { return index.is_all(77); });
    CHECK(matched > 3, matched);
    CHECK(index.get()[0] == 2 && index.get()[1] == 1 && index.get()[2] == 0, index.get()[0]);
    centerdecode_decoder_destroy(decoder);
}

// The first decode of this thread; the second has what it needs.
void check_decode() {
    const Decoder decoder(settings);
    const std::vector<Tensor> heads = heads_of_poses();
    const Exact<centerdecode_tensor> tensors = tensors_of(heads);
    Room room(100, 10);
    const auto decode = [&](char* message, std::size_t size) {
        return centerdecode_decode(decoder.get(), tensors.get(), tensors.size, 0, nullptr,
                                   &room.found, message, size);
    };
    const auto is_untouched = [&] { return room.is_untouched() && room.found.count == 7; };
    CHECK(check_each("decode", decode, is_untouched) > 5);
    CHECK(room.found.count > 10, room.found.count);
    const long again = check_each("again", decode, [] { return true; });
    CHECK(again == 0, again);
}

}  // namespace

int main() {
    check_decode();
    check_create_and_match();
    return check::result();
}
