"""The C library by ctypes, declared a second time: what a program in another language does."""

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_void_p

import centerdecode
import numpy as np

OK, INVALID_ARGUMENT, INVALID_STRUCT, INVALID_SETTINGS = 0, 1, 2, 3
INVALID_HEADS, TOO_SMALL, NO_MEMORY, INTERNAL = 4, 5, 6, 7
ELEMENT_TYPES = {"f32": 1, "f16": 2, "bf16": 3}


class Tensor(ctypes.Structure):
    _fields_ = (
        ("struct_size", c_size_t),
        ("data", c_void_p),
        ("element_type", c_int32),
        ("rank", c_int32),
        ("shape", c_int64 * 8),
        ("byte_strides", c_int64 * 8),
    )

    @classmethod
    def of(cls, array, element_type=None):
        """A view of an array, of uint16 where it holds bf16."""
        shape = (c_int64 * 8)(*array.shape)
        strides = (c_int64 * 8)(*array.strides)
        names = {"float32": "f32", "float16": "f16", "uint16": "bf16"}
        number = ELEMENT_TYPES[element_type or names[array.dtype.name]]
        size = ctypes.sizeof(cls)
        return cls(size, array.ctypes.data, number, array.ndim, shape, strides)


class Placement(ctypes.Structure):
    _fields_ = (
        ("struct_size", c_size_t),
        ("transform", POINTER(c_double)),
        ("clip", POINTER(c_double)),
    )

    @classmethod
    def of(cls, transform=None, clip=None):
        numbers = [None if one is None else (c_double * n)(*np.ravel(one))
                   for one, n in ((transform, 6), (clip, 2))]  # fmt: skip
        return cls(ctypes.sizeof(cls), *(ctypes.cast(one, POINTER(c_double)) for one in numbers))


class Detections(ctypes.Structure):
    _fields_ = (
        ("struct_size", c_size_t),
        ("capacity", c_size_t),
        ("count", c_size_t),
        ("xyxy", POINTER(c_float)),
        ("scores", POINTER(c_float)),
        ("class_ids", POINTER(c_int32)),
        ("keypoints", POINTER(c_float)),
        ("keypoint_scores", POINTER(c_float)),
    )

    @classmethod
    def into(cls, arrays, capacity):
        """Over float32, or for class ids int32, arrays in that order; None: NULL."""
        kinds = [kind for _, kind in cls._fields_[3:]]
        pointers = [None if array is None else array.ctypes.data_as(kind)
                    for array, kind in zip(arrays, kinds, strict=True)]  # fmt: skip
        return cls(ctypes.sizeof(cls), capacity, 0, *pointers)


MESSAGE = (c_char_p, c_size_t)
HEADS = (c_void_p, POINTER(Tensor), c_size_t)
FUNCTIONS = {
    "abi_version": (c_int32,),
    "version": (c_char_p,),
    "status_name": (c_char_p, c_int32),
    "decoder_create": (c_int32, c_char_p, POINTER(c_void_p), *MESSAGE),
    "decoder_destroy": (None, c_void_p),
    "decoder_head_count": (c_size_t, c_void_p),
    "decoder_head_name": (c_char_p, c_void_p, c_size_t),
    "decoder_top_k": (c_size_t, c_void_p),
    "match_heads": (
        c_int32, c_void_p, POINTER(c_char_p), c_size_t, POINTER(c_int32), *MESSAGE,
    ),
    "num_images": (c_int32, *HEADS, POINTER(c_int64), *MESSAGE),
    "num_keypoints": (c_int32, *HEADS, POINTER(c_int64), *MESSAGE),
    "decode": (c_int32, *HEADS, c_int64, POINTER(Placement), POINTER(Detections), *MESSAGE),
}  # fmt: skip


def load():
    library = ctypes.CDLL(centerdecode.get_library())
    for name, (result, *arguments) in FUNCTIONS.items():
        function = getattr(library, f"centerdecode_{name}")
        function.restype, function.argtypes = result, arguments
    return library


class CallError(Exception):
    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message


class Decoder:
    """A handle, and the functions that take it."""

    def __init__(self, settings):
        self.library, self.handle = load(), c_void_p()
        self.call("decoder_create", settings.encode(), ctypes.byref(self.handle))

    def __del__(self):
        self.library.centerdecode_decoder_destroy(self.handle)

    def call(self, name, *arguments):
        message = ctypes.create_string_buffer(400)
        status = getattr(self.library, f"centerdecode_{name}")(*arguments, message, 400)
        if status != OK:
            raise CallError(status, message.value.decode())
        assert message.value == b""

    @property
    def heads(self):
        count = self.library.centerdecode_decoder_head_count(self.handle)
        return [self.library.centerdecode_decoder_head_name(self.handle, i).decode()
                for i in range(count)]  # fmt: skip

    def match(self, names):
        index = (c_int32 * len(self.heads))()
        array = (c_char_p * len(names))(*(name.encode() for name in names))
        self.call("match_heads", self.handle, array, len(names), index)
        return [*index]

    def number(self, name, tensors):
        number = c_int64(-1)
        self.call(name, self.handle, (Tensor * len(tensors))(*tensors), len(tensors), number)
        return number.value

    def __call__(self, tensors, image=0, transform=None, clip=None, capacity=None):
        """Decode `Tensor`s to detections of Python."""
        capacity = capacity or self.library.centerdecode_decoder_top_k(self.handle)
        joints = self.number("num_keypoints", tensors)
        arrays = [np.full((capacity, *shape), 7, dtype) for shape, dtype in (
            ((4,), "f4"), ((), "f4"), ((), "i4"), ((joints, 2), "f4"), ((joints,), "f4"),
        )]  # fmt: skip
        found = Detections.into(arrays, capacity)
        where = None if transform is None and clip is None else Placement.of(transform, clip)
        given = (Tensor * len(tensors))(*tensors), len(tensors)
        self.call("decode", self.handle, *given, image, where, found)
        kept = [array[: found.count] for array in arrays]
        return centerdecode.Detections(*kept[:3], *(kept[3:] if joints else ()))
