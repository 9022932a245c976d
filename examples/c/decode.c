/* Decodes the heads of one image that a network might have given, and prints what is found. */
#include <centerdecode.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HEADS 3
#define ROOM 10

/* What Decoder.settings() printed in Python; this is "Objects as Points", with what it needs. */
static const char settings[] =
    "decoder=boxes; heads=heatmap,wh,offset; stride=4; score_threshold=0.5; top_k=10";

/* One class on a grid of 3 x 4 cells of 4 x 4 pixels: logits, sizes and offsets in cells. */
static const float heatmap[1][3][4] = {{{-9, -9, -9, -9}, {-9, 2, -9, -9}, {-9, -9, -9, 1}}};
static const float wh[2][3][4] = {{{0}, {0, 1.5F, 0, 0}, {0, 0, 0, 2}},
                                  {{0}, {0, 2.5F, 0, 0}, {0, 0, 0, 1}}};
static const float offset[2][3][4] = {{{0}, {0, 0.5F, 0, 0}, {0, 0, 0, 0.25F}},
                                      {{0}, {0, 0.25F, 0, 0}, {0, 0, 0, 0.75F}}};

static centerdecode_tensor tensor_of(const float* data, int64_t channels) {
    centerdecode_tensor tensor = {sizeof tensor, NULL, CENTERDECODE_F32, 3, {0}, {0}};
    tensor.data = data; /* strides of zero: it is dense */
    tensor.shape[0] = channels;
    tensor.shape[1] = 3;
    tensor.shape[2] = 4;
    return tensor;
}

static void print(const centerdecode_detections* found) {
    for (size_t i = 0; i < found->count; ++i) {
        const float* box = found->xyxy + 4 * i;
        printf("%" PRId32 " %.9g %.9g %.9g %.9g %.9g\n", found->class_ids[i], found->scores[i],
               box[0], box[1], box[2], box[3]);
    }
}

int main(void) {
    char message[256];
    centerdecode_decoder* decoder = NULL;
    if (centerdecode_abi_version() != CENTERDECODE_ABI_VERSION) {
        fputs("the library is of another version than the header\n", stderr);
        return EXIT_FAILURE;
    }
    centerdecode_status status =
        centerdecode_decoder_create(settings, &decoder, message, sizeof message);
    if (status == CENTERDECODE_OK) {
        const centerdecode_tensor heads[HEADS] = {tensor_of(&heatmap[0][0][0], 1),
                                                  tensor_of(&wh[0][0][0], 2),
                                                  tensor_of(&offset[0][0][0], 2)};
        float xyxy[4 * ROOM];
        float scores[ROOM];
        int32_t class_ids[ROOM];
        centerdecode_detections found = {sizeof found, ROOM,      0,    xyxy,
                                         scores,       class_ids, NULL, NULL};
        status =
            centerdecode_decode(decoder, heads, HEADS, 0, NULL, &found, message, sizeof message);
        if (status == CENTERDECODE_OK) print(&found);
    }
    if (status != CENTERDECODE_OK)
        fprintf(stderr, "%s: %s\n", centerdecode_status_name(status), message);
    centerdecode_decoder_destroy(decoder);
    return status == CENTERDECODE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
