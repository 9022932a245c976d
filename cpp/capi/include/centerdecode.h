/* Decodes the heads of CenterNet-family detectors, in place: the C interface.
 *
 * Every function returns a status and throws nothing. Where it fails it writes what
 * is wrong to `message` (UTF-8, cut to whole characters and message_size bytes, always
 * ended by a zero; a byte that is no UTF-8 is written as "\xff"; NULL or 0: nobody
 * reads it) and changes nothing else but where it says so. On success the message is
 * empty. All memory but a decoder's is the caller's, is read or written during the
 * call alone, and is never kept.
 *
 * Functions, constants and the fields of structs keep their meaning, order and size
 * while CENTERDECODE_ABI_VERSION is the same; the library's name ends in that number.
 */
#ifndef CENTERDECODE_H
#define CENTERDECODE_H

#include <stddef.h>
#include <stdint.h>

#define CENTERDECODE_ABI_VERSION 1

#if defined(__GNUC__)
#define CENTERDECODE_API __attribute__((visibility("default")))
#else
#define CENTERDECODE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t centerdecode_status;

enum {
    CENTERDECODE_OK = 0,
    CENTERDECODE_INVALID_ARGUMENT = 1, /* NULL where something must be, a number out of range */
    CENTERDECODE_INVALID_STRUCT = 2,   /* struct_size is not that of this ABI version */
    CENTERDECODE_INVALID_SETTINGS = 3, /* the text of a decoder */
    CENTERDECODE_INVALID_HEADS = 4,    /* types, ranks, grids, channels, batches, their number */
    CENTERDECODE_TOO_SMALL = 5,        /* more was found than `capacity` */
    CENTERDECODE_NO_MEMORY = 6,
    CENTERDECODE_INTERNAL = 7 /* a mistake of the library's own */
};

enum { CENTERDECODE_F32 = 1, CENTERDECODE_F16 = 2, CENTERDECODE_BF16 = 3 };

/* Immutable; any number of threads may use one at once. */
typedef struct centerdecode_decoder centerdecode_decoder;

/* A tensor that is read in place: (C, H, W) or (B, C, H, W), or channels last where the
 * settings say NHWC; rows of decoded boxes are (1, 1, N, 7). Strides are in bytes, may be
 * negative, and need not be multiples of the element; all zero: the tensor is dense.
 * `data` may be NULL where a tensor has no elements. 152 bytes where pointers have 8. */
typedef struct centerdecode_tensor {
    size_t struct_size; /* sizeof(centerdecode_tensor) */
    const void* data;   /* the element of index 0 on every axis */
    int32_t element_type;
    int32_t rank;
    int64_t shape[8];
    int64_t byte_strides[8];
} centerdecode_tensor;

/* Where boxes and keypoints go; without one they are in pixels of the network input.
 * 24 bytes where pointers have 8. */
typedef struct centerdecode_placement {
    size_t struct_size;      /* sizeof(centerdecode_placement) */
    const double* transform; /* 2 x 3, row by row: input pixels to image pixels; or NULL */
    const double* clip;      /* height and width that boxes are clipped to; or NULL */
} centerdecode_placement;

/* Room for `capacity` detections, strongest first; `count` says how many there are. The
 * first three buffers must be there unless capacity is 0. The last two are NULL where
 * nobody wants keypoints, and are left alone where the decoder has none. J is what
 * centerdecode_num_keypoints gives. 64 bytes where pointers have 8. */
typedef struct centerdecode_detections {
    size_t struct_size;     /* sizeof(centerdecode_detections) */
    size_t capacity;        /* in */
    size_t count;           /* out */
    float* xyxy;            /* capacity * 4: x1 y1 x2 y2 */
    float* scores;          /* capacity */
    int32_t* class_ids;     /* capacity */
    float* keypoints;       /* capacity * J * 2: x y */
    float* keypoint_scores; /* capacity * J */
} centerdecode_detections;

/* CENTERDECODE_ABI_VERSION of the library that is loaded. */
CENTERDECODE_API int32_t centerdecode_abi_version(void);

/* "1.2.3", of the library that is loaded. */
CENTERDECODE_API const char* centerdecode_version(void);

/* What a status is called: "CENTERDECODE_OK"; "unknown" for other numbers. */
CENTERDECODE_API const char* centerdecode_status_name(centerdecode_status status);

/* Makes a decoder of settings, a text that ends with a zero: what Decoder.settings() gives
 * in Python. *decoder is NULL where that fails. */
CENTERDECODE_API centerdecode_status centerdecode_decoder_create(const char* settings,
                                                                 centerdecode_decoder** decoder,
                                                                 char* message,
                                                                 size_t message_size);

/* NULL is fine. */
CENTERDECODE_API void centerdecode_decoder_destroy(centerdecode_decoder* decoder);

/* How many heads a decoder takes; 0 for NULL. */
CENTERDECODE_API size_t centerdecode_decoder_head_count(const centerdecode_decoder* decoder);

/* The name of the head that is handed over in this place; it lives as long as the decoder.
 * NULL where there is none. */
CENTERDECODE_API const char* centerdecode_decoder_head_name(const centerdecode_decoder* decoder,
                                                            size_t i);

/* No image has more detections; 0 for NULL. */
CENTERDECODE_API size_t centerdecode_decoder_top_k(const centerdecode_decoder* decoder);

/* Which of a model's outputs is which head, by their names: index has room for one number
 * a head, and gets that of an output, or -1 where none has a name of the head, or several
 * have ("tower/hm:0" is "hm", too). */
CENTERDECODE_API centerdecode_status centerdecode_match_heads(const centerdecode_decoder* decoder,
                                                              const char* const* names, size_t n,
                                                              int32_t* index, char* message,
                                                              size_t message_size);

/* Heads below are n tensors, n == centerdecode_decoder_head_count(decoder), in that order. */

/* Images in the batch; of rows those that they know of, one at least. */
CENTERDECODE_API centerdecode_status centerdecode_num_images(const centerdecode_decoder* decoder,
                                                             const centerdecode_tensor* heads,
                                                             size_t n, int64_t* num_images,
                                                             char* message, size_t message_size);

/* J, the keypoints of each detection; 0: the decoder has none. */
CENTERDECODE_API centerdecode_status centerdecode_num_keypoints(const centerdecode_decoder* decoder,
                                                                const centerdecode_tensor* heads,
                                                                size_t n, int64_t* num_keypoints,
                                                                char* message, size_t message_size);

/* Decodes one image of the batch. CENTERDECODE_TOO_SMALL: found->count is the capacity that
 * it takes, and no buffer has been written; top_k always suffices. The heads must not change
 * meanwhile. Each thread keeps the memory that it needed, up to a few megabytes. */
CENTERDECODE_API centerdecode_status centerdecode_decode(const centerdecode_decoder* decoder,
                                                         const centerdecode_tensor* heads, size_t n,
                                                         int64_t image,
                                                         const centerdecode_placement* placement,
                                                         centerdecode_detections* found,
                                                         char* message, size_t message_size);

#ifdef __cplusplus
}
#endif

#endif
