"""Model Server's side of a custom node, by its guide: what it calls, in which order, and
what it frees."""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_uint32, c_uint64, c_void_p

import numpy as np

PRECISIONS = {"float32": 1, "float16": 2, "uint8": 3, "int32": 7, "float64": 8}
DTYPES = {number: np.dtype(name) for name, number in PRECISIONS.items()}
FUNCTIONS = (
    "initialize",
    "deinitialize",
    "execute",
    "getInputsInfo",
    "getOutputsInfo",
    "release",
)


class Tensor(ctypes.Structure):
    _fields_ = (
        ("name", c_char_p),
        ("data", c_void_p),
        ("data_bytes", c_uint64),
        ("dims", POINTER(c_uint64)),
        ("num_dims", c_uint64),
        ("precision", c_uint32),
    )


class TensorInfo(ctypes.Structure):
    _fields_ = (
        ("name", c_char_p),
        ("dims", POINTER(c_uint64)),
        ("num_dims", c_uint64),
        ("precision", c_uint32),
    )


class Param(ctypes.Structure):
    _fields_ = (("key", c_char_p), ("value", c_char_p))


class NodeError(Exception):
    """A function of the node gave something else than 0."""


class Node:
    """A pipeline's node, from its loading on; `close` is its unloading."""

    def __init__(self, library, params):
        self._library = ctypes.CDLL(library, ctypes.RTLD_LOCAL)
        for name in FUNCTIONS:
            getattr(self._library, name).restype = c_int
        pairs = [(key.encode(), value.encode()) for key, value in params.items()]
        self._params = (Param * len(pairs))(*pairs) if pairs else None
        self._manager = c_void_p()
        self._call("initialize", byref(self._manager), self._params, len(pairs))

    def _call(self, name, *arguments):
        status = getattr(self._library, name)(*arguments)
        if status != 0:
            raise NodeError(f"{name} gave {status}")

    def _release(self, memory):
        self._call("release", ctypes.cast(memory, c_void_p), self._manager)

    def _info(self, name):
        info, count = POINTER(TensorInfo)(), c_int()
        params = self._params, len(self._params or ())
        self._call(name, byref(info), byref(count), *params, self._manager)
        found = {}
        for one in info[: count.value]:
            found[one.name.decode()] = [*one.dims[: one.num_dims]], DTYPES[one.precision].name
            self._release(one.dims)
        self._release(info)
        return found

    def inputs(self):
        """The shape and type of each input, by name."""
        return self._info("getInputsInfo")

    def outputs(self):
        """The shape and type of each output, by name."""
        return self._info("getOutputsInfo")

    def __call__(self, **inputs):
        """The outputs by name. Inputs are arrays, and handed over in no order of theirs."""
        given = (Tensor * len(inputs))()
        for tensor, (name, array) in zip(given, sorted(inputs.items()), strict=True):
            tensor.name, tensor.precision = name.encode(), PRECISIONS[array.dtype.name]
            tensor.data, tensor.data_bytes = array.ctypes.data, array.nbytes
            tensor.dims, tensor.num_dims = (c_uint64 * array.ndim)(*array.shape), array.ndim
        outputs, count = POINTER(Tensor)(), c_int()
        params = self._params, len(self._params or ())
        self._call(
            "execute", given, len(given), byref(outputs), byref(count), *params, self._manager
        )
        found = {one.name.decode(): self._take(one) for one in outputs[: count.value]}
        self._release(outputs)
        return found

    def _take(self, tensor):
        shape, dtype = tensor.dims[: tensor.num_dims], DTYPES[tensor.precision]
        assert tensor.data is not None
        assert tensor.data_bytes == np.prod(shape, dtype=int) * dtype.itemsize
        array = np.frombuffer(ctypes.string_at(tensor.data, tensor.data_bytes), dtype)
        self._release(tensor.data)
        self._release(tensor.dims)
        return array.reshape(shape)

    def close(self):
        manager, self._manager = self._manager, c_void_p()
        self._call("deinitialize", manager)


def check(outputs, i, found):
    """Assert that image i of the outputs is what was found, and then nothing."""
    n = len(found)
    assert outputs["counts"][i] == n > 0
    columns = {"boxes": found.xyxy, "scores": found.scores, "class_ids": found.class_ids}
    if found.keypoints is not None:
        columns |= {"keypoints": found.keypoints, "keypoint_scores": found.keypoint_scores}
    assert outputs.keys() == columns.keys() | {"counts"}
    for name, column in columns.items():
        np.testing.assert_array_equal(outputs[name][i][:n], column, strict=True, err_msg=name)
        assert (outputs[name][i][n:] == (-1 if name == "class_ids" else 0)).all(), name
