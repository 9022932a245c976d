// What the C interface refuses: the status, the message, and that nothing else is touched.
#include "capi.hpp"
#include "support/check.hpp"

#include <limits>

namespace {

using namespace capi_test;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t huge = std::numeric_limits<std::int32_t>::max();

const std::string boxes = "decoder=boxes;heads=heatmap,wh;activation=none;names.heatmap=hm";

void check_answer(const Answer& answer, centerdecode_status status, const std::string& message) {
    CHECK(answer.status == status, centerdecode_status_name(answer.status), message);
    CHECK(answer.message == message, answer.message, message);
}

// Two objects on 3 x 4 cells.
std::vector<Tensor> two_objects() {
    std::vector<float> scores(12, 0.0F);
    scores[5] = 0.75F;
    scores[11] = 0.5F;
    std::vector<Tensor> heads;
    heads.emplace_back(std::vector<std::int64_t>{1, 3, 4}, scores);
    heads.emplace_back(std::vector<std::int64_t>{2, 3, 4}, std::vector<float>(24, 1.0F));
    return heads;
}

// A call of centerdecode_decode that is right, for others to spoil.
struct Call {
    Decoder decoder{boxes};
    std::vector<Tensor> heads = two_objects();
    Exact<centerdecode_tensor> tensors = tensors_of(heads);
    const centerdecode_decoder* handle = decoder.get();
    const centerdecode_tensor* first = tensors.get();
    std::size_t n = 2;
    std::int64_t image = 0;
    const centerdecode_placement* placement = nullptr;
    Room room{2};
    centerdecode_detections* found = &room.found;

    Answer decode(std::size_t size = 400) const {
        return ask(
            [&](char* message, std::size_t room_of_message) {
                return centerdecode_decode(handle, first, n, image, placement, found, message,
                                           room_of_message);
            },
            size);
    }
    Answer count(decltype(centerdecode_num_images)* function, std::int64_t* number) const {
        return ask([&](char* message, std::size_t size) {
            return function(handle, first, n, number, message, size);
        });
    }
};

// The call fails so, whoever reads the message; numbers are left alone.
void check_refused(const Call& call, centerdecode_status status, const std::string& message) {
    check_answer(call.decode(), status, message);
    CHECK(call.decode(0).status == status, message);
    CHECK(call.room.is_untouched(), message);
    CHECK(call.room.found.count == 7, call.room.found.count, message);
}

void check_heads_refused(const Call& call, centerdecode_status status, const std::string& message) {
    check_refused(call, status, message);
    for (auto* function : {&centerdecode_num_images, &centerdecode_num_keypoints}) {
        std::int64_t number = -9;
        check_answer(call.count(function, &number), status, message);
        CHECK(number == -9, number, message);
    }
}

void check_null() {
    const auto refused = [](auto spoil, const std::string& message) {
        Call call;
        spoil(call);
        check_refused(call, CENTERDECODE_INVALID_ARGUMENT, message);
    };
    const std::string buffers =
        "xyxy, scores and class_ids must not be NULL where capacity is not 0";
    refused([](Call& call) { call.handle = nullptr; }, "decoder must not be NULL");
    refused([](Call& call) { call.first = nullptr; }, "heads must not be NULL");
    refused([](Call& call) { call.found = nullptr; }, "found must not be NULL");
    refused([](Call& call) { call.room.found.xyxy = nullptr; }, buffers);
    refused([](Call& call) { call.room.found.scores = nullptr; }, buffers);
    refused([](Call& call) { call.room.found.class_ids = nullptr; }, buffers);
    const Call call;
    check_answer(call.count(centerdecode_num_images, nullptr), CENTERDECODE_INVALID_ARGUMENT,
                 "num_images must not be NULL");
    check_answer(call.count(centerdecode_num_keypoints, nullptr), CENTERDECODE_INVALID_ARGUMENT,
                 "num_keypoints must not be NULL");
}

void check_null_that_is_fine() {
    centerdecode_decoder_destroy(nullptr);
    CHECK(centerdecode_decoder_head_count(nullptr) == 0);
    CHECK(centerdecode_decoder_head_name(nullptr, 0) == nullptr);
    CHECK(centerdecode_decoder_top_k(nullptr) == 0);
}

void check_create() {
    const auto create = [](const char* settings, centerdecode_decoder** decoder) {
        return ask([&](char* message, std::size_t size) {
            return centerdecode_decoder_create(settings, decoder, message, size);
        });
    };
    check_answer(create(boxes.c_str(), nullptr), CENTERDECODE_INVALID_ARGUMENT,
                 "decoder must not be NULL");
    int other = 0;
    for (const char* settings : {static_cast<const char*>(nullptr), "decoder=boxes"}) {
        auto* decoder = reinterpret_cast<centerdecode_decoder*>(&other);
        const Answer answer = create(settings, &decoder);
        CHECK(decoder == nullptr, answer.message);
        if (settings == nullptr)
            check_answer(answer, CENTERDECODE_INVALID_ARGUMENT, "settings must not be NULL");
        else
            CHECK(answer.status == CENTERDECODE_INVALID_SETTINGS, answer.message);
    }
}

void check_match() {
    const Decoder decoder(boxes);
    const char* names[] = {"hm", nullptr};
    const auto refused = [](const centerdecode_decoder* handle, const char* const* first,
                            std::size_t n, bool has_index, const std::string& message) {
        const Exact<std::int32_t> index(2, 77);
        const Answer answer = ask([&](char* text, std::size_t size) {
            return centerdecode_match_heads(handle, first, n, has_index ? index.get() : nullptr,
                                            text, size);
        });
        check_answer(answer, CENTERDECODE_INVALID_ARGUMENT, message);
        CHECK(index.is_all(77), message);
    };
    refused(nullptr, &names[0], 1, true, "decoder must not be NULL");
    refused(decoder.get(), &names[0], 1, false, "index must not be NULL");
    refused(decoder.get(), nullptr, 1, true, "names must not be NULL");
    refused(decoder.get(), &names[0], 2, true, "names must not have NULL");
    refused(decoder.get(), &names[0], SIZE_MAX, true, "n must be a number that index can hold");
}

void check_struct_sizes() {
    for (const std::size_t wrong : {std::size_t{0}, std::size_t{8}, SIZE_MAX}) {
        const std::string got = ", got " + std::to_string(wrong);
        Call call;
        call.tensors.get()[1].struct_size = wrong;
        check_heads_refused(call, CENTERDECODE_INVALID_STRUCT,
                            "struct_size of centerdecode_tensor must be 152" + got);
        Call other;
        const centerdecode_placement placement{wrong, nullptr, nullptr};
        other.placement = &placement;
        check_refused(other, CENTERDECODE_INVALID_STRUCT,
                      "struct_size of centerdecode_placement must be 24" + got);
        Call last;
        last.room.found.struct_size = wrong;
        check_refused(last, CENTERDECODE_INVALID_STRUCT,
                      "struct_size of centerdecode_detections must be 64" + got);
    }
}

void check_number_of_heads() {
    for (const std::size_t n : {0U, 1U, 3U}) {
        Call call;
        call.n = n;
        check_heads_refused(call, CENTERDECODE_INVALID_HEADS,
                            "heads must be heatmap, wh, got " + std::to_string(n) + " of them");
    }
}

void check_tensors() {
    const auto refused = [](auto spoil, const std::string& message) {
        Call call;
        spoil(call.tensors.get()[1]);
        check_heads_refused(call, CENTERDECODE_INVALID_HEADS, "wh must " + message);
    };
    refused([](auto& wh) { wh.data = nullptr; }, "have data, got NULL");
    for (const std::int32_t type : {0, 4, -1})
        refused([&](auto& wh) { wh.element_type = type; },
                "be of element_type CENTERDECODE_F32, CENTERDECODE_F16 or CENTERDECODE_BF16, got " +
                    std::to_string(type));
    for (const std::int32_t rank : {0, 2, 5, 8, 9, -1, INT32_MAX, INT32_MIN})
        refused([&](auto& wh) { wh.rank = rank; },
                "be of shape (C, H, W) or (B, C, H, W), got rank " + std::to_string(rank));
    refused([](auto& wh) { wh.shape[0] = 3; },
            "have 2 channels (one group for each class) or 2, got f32 (1, 3, 3, 4)");
    refused([](auto& wh) { wh.shape[2] = 3; },
            "have the batch and grid of heatmap (got f32 (1, 1, 3, 4)), got f32 (1, 2, 3, 3)");
}

void check_extents() {
    const auto refused = [](std::vector<std::int64_t> shape, const std::string& message) {
        Call call;
        for (std::size_t i = 0; i < 2; ++i) {
            centerdecode_tensor& tensor = call.tensors.get()[i];
            tensor.rank = static_cast<std::int32_t>(shape.size());
            std::copy(shape.begin(), shape.end(), &tensor.shape[0]);
            tensor.data = nullptr;
        }
        check_heads_refused(call, CENTERDECODE_INVALID_HEADS, "heatmap must have " + message);
    };
    const std::string range = "a shape of extents from 0 to 2147483647, got ";
    refused({1, -1, 4}, range + "-1");
    refused({0, 3, INT64_MIN}, range + "-9223372036854775808");
    refused({1, huge + 1, 4}, range + "2147483648");
    refused({INT64_MAX, 0, 1, 1}, range + "9223372036854775807");
    const std::string most = "a shape of at most 1152921504606846975 elements, where 0 counts as 1";
    const std::string three = "2147483647, 2147483647, 2147483647";
    refused({huge, huge, huge}, most + ", got (" + three + ")");
    refused({0, huge, huge, huge}, most + ", got (0, " + three + ")");
    refused({huge, huge, huge, 0}, most + ", got (" + three + ", 0)");
    refused({1, huge, 1 << 28}, "data, got NULL");
}

// There is nothing in them, and nothing of them is read.
void check_extents_of_zero() {
    const std::vector<std::vector<std::int64_t>> shapes = {
        {1, 0, 4},       {1, 3, 0},    {1, 0, 0},    {0, 1, 3, 4},   {2, 1, 0, 4},
        {1, 1, 0, huge}, {1, huge, 0}, {huge, 0, 1}, {0, 1, huge, 2}};
    for (const auto& shape : shapes) {
        Call call;
        for (std::size_t i = 0; i < 2; ++i) {
            centerdecode_tensor& tensor = call.tensors.get()[i];
            tensor.rank = static_cast<std::int32_t>(shape.size());
            std::copy(shape.begin(), shape.end(), &tensor.shape[0]);
            if (i == 1) tensor.shape[shape.size() - 3] = 2;
            tensor.data = nullptr;
        }
        std::int64_t number = -9;
        const std::int64_t images = shape.size() == 3 ? 1 : shape[0];
        check_answer(call.count(centerdecode_num_images, &number), CENTERDECODE_OK, "");
        CHECK(number == images, number, images);
        if (images == 0) {
            check_refused(call, CENTERDECODE_INVALID_ARGUMENT,
                          "image must be from 0 up and below 0, got 0");
            continue;
        }
        check_answer(call.decode(), CENTERDECODE_OK, "");
        CHECK(call.room.found.count == 0, call.room.found.count);
        CHECK(call.room.is_untouched());
    }
}

void check_images_and_placements() {
    for (const std::int64_t image : {std::int64_t{-1}, std::int64_t{1}, INT64_MAX, INT64_MIN}) {
        Call call;
        call.image = image;
        check_refused(call, CENTERDECODE_INVALID_ARGUMENT,
                      "image must be from 0 up and below 1, got " + std::to_string(image));
    }
    for (const double number : {nan, infinity, -infinity})
        for (std::size_t i = 0; i < 6; ++i) {
            const Exact<double> transform(6, 1);
            transform.get()[i] = number;
            const centerdecode_placement placement{sizeof placement, transform.get(), nullptr};
            Call call;
            call.placement = &placement;
            check_refused(call, CENTERDECODE_INVALID_ARGUMENT, "transform must be finite");
        }
    for (std::size_t i = 0; i < 2; ++i)
        for (const double number : {-1.0, nan}) {
            const Exact<double> clip(2, 2);
            clip.get()[i] = number;
            const centerdecode_placement placement{sizeof placement, nullptr, clip.get()};
            Call call;
            call.placement = &placement;
            const Answer answer = call.decode();
            CHECK(answer.status == CENTERDECODE_INVALID_ARGUMENT);
            CHECK(answer.message.find("clip must not be negative, got ") == 0, answer.message);
        }
}

// It says how much room it takes, and writes nothing.
void check_room() {
    for (const std::size_t capacity : {0U, 1U}) {
        Call call;
        call.room.found.capacity = capacity;
        if (capacity == 0) call.room.found.xyxy = call.room.found.scores = nullptr;
        if (capacity == 0) call.room.found.class_ids = nullptr;
        check_answer(call.decode(), CENTERDECODE_TOO_SMALL,
                     "capacity must be at least 2, got " + std::to_string(capacity));
        CHECK(call.room.found.count == 2, call.room.found.count);
        CHECK(call.room.is_untouched());
    }
    const Call call;
    check_answer(call.decode(), CENTERDECODE_OK, "");
    CHECK(call.room.found.count == 2, call.room.found.count);
}

// As many detections as no memory holds ask for none before they are found.
void check_memory() {
    const Decoder decoder(boxes + ";top_k=4611686018427387904;score_threshold=-inf");
    CHECK(decoder.answer().status == CENTERDECODE_OK, decoder.answer().message);
    const std::vector<Tensor> heads = two_objects();
    Room room(12);
    const Answer answer = decode(decoder, heads, room);
    check_answer(answer, CENTERDECODE_OK, "");
}

}  // namespace

int main() {
    check_null();
    check_null_that_is_fine();
    check_create();
    check_match();
    check_struct_sizes();
    check_number_of_heads();
    check_tensors();
    check_extents();
    check_extents_of_zero();
    check_images_and_placements();
    check_room();
    check_memory();
    return check::result();
}
