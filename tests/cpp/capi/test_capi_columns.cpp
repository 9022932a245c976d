// Columns by the C interface: what they are, what is in them, and what is refused.
#include "capi.hpp"
#include "support/check.hpp"

#include <cstring>
#include <string>

namespace {

using namespace capi_test;

const std::string text = "decoder=boxes;heads=heatmap,wh,depth,id;extras=depth,id;activation=none";

void check_answer(const Answer& answer, centerdecode_status status, const std::string& message) {
    CHECK(answer.status == status, centerdecode_status_name(answer.status), message);
    CHECK(answer.message == message, answer.message, message);
}

// Two objects on 3 x 4 cells; whatever is read of further heads is the number of its cell,
// and 100 more on the second channel.
std::vector<Tensor> two_objects(std::int64_t of_id = 2) {
    std::vector<float> scores(12, 0.0F);
    scores[5] = 0.5F;
    scores[11] = 0.75F;
    const auto numbers = [](std::int64_t channels) {
        std::vector<float> all;
        for (std::int64_t i = 0; i < 12 * channels; ++i)
            all.push_back(static_cast<float>(i % 12 + i / 12 * 100));
        return all;
    };
    std::vector<Tensor> heads;
    heads.emplace_back(std::vector<std::int64_t>{1, 3, 4}, scores);
    heads.emplace_back(std::vector<std::int64_t>{2, 3, 4}, std::vector<float>(24, 1.0F));
    heads.emplace_back(std::vector<std::int64_t>{1, 3, 4}, numbers(1));
    heads.emplace_back(std::vector<std::int64_t>{of_id, 3, 4}, numbers(of_id));
    return heads;
}

// A call of centerdecode_decode_columns that is right, for others to spoil.
struct Call {
    Decoder decoder{text};
    std::vector<Tensor> heads = two_objects();
    Exact<centerdecode_tensor> tensors = tensors_of(heads);
    Exact<float> depth{2, 7};
    Exact<float> id{4, 7};
    centerdecode_column columns[2] = {{sizeof(centerdecode_column), depth.get(), 8},
                                      {sizeof(centerdecode_column), id.get(), 16}};
    const centerdecode_column* first = &columns[0];
    std::size_t count = 2;
    const centerdecode_image* image = nullptr;
    Room room{2};

    Answer decode() {
        return ask([&](char* message, std::size_t size) {
            return centerdecode_decode_columns(decoder.get(), tensors.get(), tensors.size, 0, image,
                                               &room.found, first, count, message, size);
        });
    }
    Answer describe(std::size_t i, centerdecode_column_format& format, bool has_heads = true) {
        return ask([&](char* message, std::size_t size) {
            return centerdecode_describe_column(decoder.get(), has_heads ? tensors.get() : nullptr,
                                                has_heads ? tensors.size : 0, i, &format, message,
                                                size);
        });
    }
};

void check_formats() {
    Call call;
    for (const bool has_heads : {true, false}) {
        centerdecode_column_format format{};
        format.struct_size = sizeof format;
        check_answer(call.describe(1, format, has_heads), CENTERDECODE_OK, "");
        CHECK(format.name == std::string("id"), format.name);
        CHECK(format.element_type == CENTERDECODE_F32 && format.rank == 1, format.rank);
        CHECK(format.shape[0] == (has_heads ? 2 : 0), format.shape[0]);
        CHECK(format.row_size == (has_heads ? 8U : 0U), format.row_size);
        const char* name = format.name;  // which stays
        check_answer(call.describe(1, format, has_heads), CENTERDECODE_OK, "");
        CHECK(format.name == name);
    }
    centerdecode_column_format format{};
    check_answer(call.describe(0, format), CENTERDECODE_INVALID_STRUCT,
                 "struct_size of centerdecode_column_format must be 96, got 0");
    format.struct_size = sizeof format;
    check_answer(call.describe(0, format), CENTERDECODE_OK, "");
    CHECK(format.rank == 0 && format.row_size == 4, format.rank, format.row_size);
    check_answer(call.describe(2, format), CENTERDECODE_INVALID_ARGUMENT,
                 "i must be below the 2 columns, got 2");
}

void check_what_is_found() {
    Call call;
    check_answer(call.decode(), CENTERDECODE_OK, "");
    CHECK(call.room.found.count == 2, call.room.found.count);
    CHECK(call.depth.get()[0] == 11 && call.depth.get()[1] == 5, call.depth.get()[0]);
    const float wanted[] = {11, 111, 5, 105};
    for (std::size_t i = 0; i < 4; ++i) CHECK(call.id.get()[i] == wanted[i], call.id.get()[i]);
    call.columns[0] = {sizeof(centerdecode_column), nullptr, 0};  // nobody wants it
    check_answer(call.decode(), CENTERDECODE_OK, "");
}

// A head that the model lacks has no column.
void check_lacking_heads() {
    Call call;
    call.tensors.get()[2] = {};
    call.tensors.get()[2].struct_size = sizeof(centerdecode_tensor);
    call.first = &call.columns[1];
    call.count = 1;
    check_answer(call.decode(), CENTERDECODE_OK, "");
    CHECK(call.id.get()[3] == 105, call.id.get()[3]);
    CHECK(call.depth.is_all(7));
    call.tensors.get()[0] = call.tensors.get()[2];
    check_answer(call.decode(), CENTERDECODE_INVALID_HEADS, "heads must have heatmap");
}

void check_refused() {
    const auto refused = [](auto spoil, centerdecode_status status, const std::string& message) {
        Call call;
        spoil(call);
        check_answer(call.decode(), status, message);
        CHECK(call.depth.is_all(7) && call.id.is_all(7) && call.room.is_untouched(), message);
    };
    refused([](Call& call) { call.first = nullptr; }, CENTERDECODE_INVALID_ARGUMENT,
            "columns must not be NULL");
    refused([](Call& call) { call.count = 1; }, CENTERDECODE_INVALID_ARGUMENT,
            "columns must be the 2 that the decoder has, got 1");
    refused([](Call& call) { call.columns[1].struct_size = 16; }, CENTERDECODE_INVALID_STRUCT,
            "struct_size of centerdecode_column must be 24, got 16");
    refused([](Call& call) { call.columns[1].size = 15; }, CENTERDECODE_TOO_SMALL,
            "column id must have room for 16 bytes, got 15");
    const centerdecode_image other{24, nullptr, nullptr, nullptr, nullptr};
    refused([&](Call& call) { call.image = &other; }, CENTERDECODE_INVALID_STRUCT,
            "struct_size of centerdecode_image must be 40, got 24");
    const double numbers[12] = {};
    const centerdecode_image seen{sizeof seen, nullptr, nullptr, nullptr, &numbers[0]};
    refused([&](Call& call) { call.image = &seen; }, CENTERDECODE_INVALID_ARGUMENT,
            "camera must be NULL where the settings have no calibration");
    Call call;
    std::size_t count = 9;
    const Answer answer = ask([&](char* message, std::size_t size) {
        return centerdecode_num_columns(nullptr, nullptr, 0, &count, message, size);
    });
    check_answer(answer, CENTERDECODE_INVALID_ARGUMENT, "decoder must not be NULL");
    CHECK(count == 9 && centerdecode_decoder_kind(nullptr) == nullptr);
    CHECK(centerdecode_decoder_has_keypoints(nullptr) == 0);
    CHECK(centerdecode_decoder_kind(call.decoder.get()) == std::string("boxes"));
}

// Fractions of the size that comes with the call.
void check_input_size() {
    const Decoder rows("decoder=detection_output;heads=rows");
    std::vector<Tensor> heads;
    heads.emplace_back(std::vector<std::int64_t>{1, 1, 1, 7},
                       std::vector<float>{0, 1, 0.75F, 0, 0, 0.5F, 0.25F});
    const Exact<centerdecode_tensor> tensors = tensors_of(heads);
    const double size_of_input[] = {40, 60};
    const centerdecode_image image{sizeof image, nullptr, nullptr, &size_of_input[0], nullptr};
    Room room(1);
    const Answer answer = ask([&](char* message, std::size_t size) {
        return centerdecode_decode_columns(rows.get(), tensors.get(), 1, 0, &image, &room.found,
                                           nullptr, 0, message, size);
    });
    check_answer(answer, CENTERDECODE_OK, "");
    CHECK(room.xyxy.get()[2] == 30 && room.xyxy.get()[3] == 10, room.xyxy.get()[2]);
}

void check_scales() {
    const Decoder scaled("decoder=boxes;heads=heatmap,wh;scales=1,2");
    check_answer(scaled.answer(), CENTERDECODE_INVALID_SETTINGS,
                 "settings must have no scales: a call takes the heads of one input");
    CHECK(scaled.get() == nullptr);
}

}  // namespace

int main() {
    check_formats();
    check_what_is_found();
    check_lacking_heads();
    check_refused();
    check_input_size();
    check_scales();
    return check::result();
}
