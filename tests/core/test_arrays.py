"""The door: what is read in place, as what, and what is refused with which words."""

import array
import ctypes
import re

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from oracles import specification as oracle
from support.heads import ELEMENT_TYPES, arrays_of, assert_same, fill, meaning, store, tensor_of

HEATMAP = fill("plateaus", (2, 5, 9))
SHAPE = HEATMAP.shape


def check(tensor, wide_as="f32", /, **options):
    """Assert that the tensor is read as HEATMAP in the precision of the type."""
    wide = meaning(store(HEATMAP, wide_as), wide_as)
    assert_same(cd.find_peaks(tensor, **options), oracle.find_peaks(wide))


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_an_ov_tensor_is_read_as_what_it_says(element_type, isa):
    tensor = tensor_of(HEATMAP, element_type)
    before = tensor.data.tobytes()
    check(tensor, element_type)
    assert tensor.data.tobytes() == before


def test_bf16_values_are_right_although_numpy_shows_others():
    values = np.array([[[1, 0, 2, 0, 3, 0, -4]]], np.float32)
    tensor = tensor_of(values, "bf16")
    assert tensor.data.dtype == np.float16  # the trap
    options = {"activation": "none", "score_threshold": -9}
    assert cd.find_peaks(tensor, **options).scores.tolist() == [3, 2, 1]
    assert cd.find_peaks(tensor, window=1, **options).scores.tolist() == [3, 2, 1, 0, 0, 0, -4]


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_a_view_of_an_ov_tensor_knows_its_type(element_type):
    tensor = tensor_of(HEATMAP, element_type)
    check(tensor.data, element_type)
    check(tensor.data[:][::-1][::-1], element_type)
    check(tensor.data.reshape(1, *SHAPE)[0], element_type)
    read_only = tensor.data.view()
    read_only.flags.writeable = False
    check(read_only, element_type)


def test_heads_may_differ_in_type():
    types = {"heatmap": "bf16", "wh": "f16", "offset": "f32"}
    heads = {name: fill("noise", SHAPE, seed) for seed, name in enumerate(types)}
    found = cd.decode_boxes(*(tensor_of(heads[name], types[name]) for name in types))
    wide = [meaning(store(heads[name], types[name]), types[name]) for name in types]
    assert_same(arrays_of(found), oracle.decode_boxes(*wide))


def test_element_type_is_about_16_bit_heads_only():
    check(HEATMAP, element_type="f16")  # beside it, wh may be float16
    check(tensor_of(HEATMAP, "f32"), element_type="bf16")


@pytest.mark.parametrize(("element_type", "dtype"), [
    ("f16", np.float16), ("f16", np.uint16), ("f16", np.int16),
    ("bf16", np.float16), ("bf16", np.uint16), ("bf16", np.int16), ("f32", np.float32),
])  # fmt: skip
def test_element_type_names_the_bits_of_a_bare_array(element_type, dtype):
    check(store(HEATMAP, element_type).view(dtype), element_type, element_type=element_type)


class Foreign:
    """A tensor of another library: only DLPack."""

    def __init__(self, source, device=(1, 0)):
        self.source, self.device = source, device

    def __dlpack__(self, **options):
        return self.source.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device


@pytest.mark.parametrize("pick", [np.s_[:], np.s_[::-1, :, ::2], np.s_[:, 1:, 2:-1]], ids=str)
@pytest.mark.parametrize("element_type", ["f32", "f16"])
def test_dlpack_is_read_in_place(element_type, pick):
    stored = store(HEATMAP, element_type)[pick]
    found = cd.find_peaks(Foreign(stored))
    assert_same(found, oracle.find_peaks(stored.astype(np.float32)))


def structure(fields):
    """Return a C struct of such fields, as in "data: c_void_p, ndim: c_int32"."""
    pairs = (field.split(": ") for field in fields.split(", "))
    return [(name, getattr(ctypes, kind)) for name, kind in pairs]


# DLManagedTensor and DLManagedTensorVersioned, as the DLPack specification lays them out.
TENSOR = structure(
    "data: c_void_p, device: c_int32, device_id: c_int32, ndim: c_int32, code: c_uint8, "
    "bits: c_uint8, lanes: c_uint16, shape: c_void_p, strides: c_void_p, offset: c_uint64"
)
OWNER = structure("context: c_void_p, deleter: c_void_p")
VERSION, FLAGS = structure("major: c_uint32, minor: c_uint32"), structure("flags: c_uint64")
STRUCTS = {
    b"dltensor": [*TENSOR, *OWNER],
    b"dltensor_versioned": [*VERSION, *OWNER, *FLAGS, *TENSOR],
}


class Capsule:
    """HEATMAP as bf16 behind three other numbers, in a capsule that counts its deletions."""

    def __init__(self, name=b"dltensor", **changes):
        self.deleted, self.name = 0, name
        self.memory = np.concatenate([np.zeros(3, np.uint16), store(HEATMAP, "bf16").ravel()])
        self.shape = (ctypes.c_int64 * 3)(*SHAPE)
        self.deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self.count)
        struct = type("Managed", (ctypes.Structure,), {"_fields_": STRUCTS[name]})
        said = {"device": 1, "ndim": 3, "code": 4, "bits": 16, "lanes": 1, "offset": 6} | changes
        said |= {"data": self.memory.ctypes.data, "shape": ctypes.addressof(self.shape)}
        self.managed = struct(deleter=ctypes.cast(self.deleter, ctypes.c_void_p), **said)

    def count(self, _):
        self.deleted += 1

    def __dlpack_device__(self):
        return (1, 0)

    def __dlpack__(self, **options):
        if options and self.name == b"dltensor":
            raise TypeError("a producer of before version 1 does not know max_version")
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = (
            ctypes.py_object,
            (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p),
        )
        return new(ctypes.addressof(self.managed), self.name, None)


CAPSULES = [Capsule, lambda **said: Capsule(b"dltensor_versioned", major=1, **said)]


@pytest.mark.parametrize("make", CAPSULES, ids=["version 0", "version 1"])
def test_dlpack_bfloat16_is_known_and_given_back_once(make):
    capsule = make()
    check(capsule, "bf16")
    assert capsule.deleted == 1
    check(capsule, "bf16", element_type="bf16")
    assert capsule.deleted == 2


@pytest.mark.parametrize("make", CAPSULES, ids=["version 0", "version 1"])
@pytest.mark.parametrize("said", [{"code": 0}, {"code": 9}, {"code": 2, "bits": 64}, {"lanes": 4}])
def test_a_refused_dlpack_tensor_is_given_back(said, make):
    capsule = make(**said)
    with pytest.raises(TypeError, match="heatmap must be float32, float16 or bfloat16"):
        cd.find_peaks(capsule)
    assert capsule.deleted == 1


def test_read_only_dlpack():
    heatmap = HEATMAP.copy()
    heatmap.flags.writeable = False
    check(Foreign(heatmap))


@pytest.mark.parametrize("wrap", [memoryview, lambda a: memoryview(a.tobytes()).cast("f", SHAPE)])
def test_the_buffer_protocol(wrap):
    check(wrap(HEATMAP))


def test_an_array_array_has_one_axis_too_few():
    with pytest.raises(ValueError, match=r"got float32 \(90,\)$"):
        cd.find_peaks(array.array("f", HEATMAP.ravel()))
    check(memoryview(array.array("f", HEATMAP.ravel())).cast("B").cast("f", SHAPE))


class Labelled:
    """What a mapping of a model's ports to arrays of one's own amounts to."""

    def __init__(self, data, label):
        self.data, self.shape, self.element_type = data, data.shape, getattr(ov.Type, label)


def zeros(*shape, dtype="f4"):
    return np.zeros(shape, dtype)


WHAT = "must be a NumPy array, an ov.Tensor, or an object with DLPack or the buffer protocol, got "
AS_SAID = "must be {}, as element_type says, got {} (2, 5, 9)"
F16, F16_BITS = tensor_of(HEATMAP, "f16"), store(HEATMAP, "f16")
TYPES = "must be float32, float16 or bfloat16 in this machine's byte order, got "
BARE = (
    'must be named by element_type="f16" or "bf16" where it is a bare float16 array (OpenVINO\'s '
    "bf16 outputs look like float16 in NumPy), or be the ov.Tensor itself, got float16 "
)
RANKS = "must be of shape (C, H, W) or (B, C, H, W), got float32 "

REFUSED = [
    (None, {}, TypeError, WHAT + "NoneType"),
    ([[[1.0]]], {}, TypeError, WHAT + "list"),
    ("heatmap", {}, TypeError, WHAT + "str"),
    (1.5, {}, TypeError, WHAT + "float"),
    (b"heatmap", {}, TypeError, TYPES + "uint8 (7,)"),
    (zeros(*SHAPE, dtype="f8"), {}, TypeError, TYPES + "float64 (2, 5, 9)"),
    (zeros(*SHAPE, dtype="i4"), {}, TypeError, TYPES + "int32 (2, 5, 9)"),
    (zeros(*SHAPE, dtype="u2"), {}, TypeError, TYPES + "uint16 (2, 5, 9)"),
    (zeros(*SHAPE, dtype="c8"), {}, TypeError, TYPES + "complex64 (2, 5, 9)"),
    (zeros(*SHAPE, dtype="O"), {}, TypeError, TYPES + "object (2, 5, 9)"),
    (zeros(*SHAPE, dtype=">f4"), {}, TypeError, TYPES + ">f4 (2, 5, 9)"),
    (zeros(*SHAPE, dtype=">f2"), {"element_type": "f16"}, TypeError, TYPES + ">f2 (2, 5, 9)"),
    (memoryview(zeros(*SHAPE, dtype=">f4")), {}, TypeError, TYPES + ">f4 (2, 5, 9)"),
    (zeros(*SHAPE, dtype="f2"), {}, TypeError, BARE + "(2, 5, 9)"),
    (tensor_of(HEATMAP, "bf16").data.copy(), {}, TypeError, BARE + "(2, 5, 9)"),
    (tensor_of(HEATMAP, "f32").data.view("f2"), {}, TypeError, BARE + "(2, 5, 18)"),
    (F16, {"element_type": "bf16"}, TypeError, AS_SAID.format("bf16", "f16")),
    (F16.data, {"element_type": "bf16"}, TypeError, AS_SAID.format("bf16", "float16")),
    (Foreign(F16_BITS), {"element_type": "bf16"}, TypeError, AS_SAID.format("bf16", "float16")),
    (F16_BITS, {"element_type": "f32"}, TypeError, AS_SAID.format("f32", "float16")),
    (Capsule(), {"element_type": "f16"}, TypeError, AS_SAID.format("f16", "bfloat16")),
    (Foreign(zeros(*SHAPE, dtype="f8")), {}, TypeError, TYPES + "float64 (2, 5, 9)"),
    (Foreign(HEATMAP, (2, 1)), {}, ValueError,
     "must be in the memory of the CPU, got DLPack device (2, 1); move it there first"),
    (ov.Tensor(zeros(*SHAPE, dtype="f8")), {}, TypeError,
     "must be f32, f16 or bf16, got f64 (2, 5, 9)"),
    (ov.Tensor(zeros(*SHAPE, dtype="u1")), {}, TypeError,
     "must be f32, f16 or bf16, got u8 (2, 5, 9)"),
    (Labelled(HEATMAP, "f16"), {}, TypeError,
     "must be of the element type that it is labelled with, f16, got float32 (2, 5, 9)"),
    (Labelled(zeros(*SHAPE, dtype="f2"), "f32"), {}, TypeError,
     "must be of the element type that it is labelled with, f32, got float16 (2, 5, 9)"),
    (zeros(5, 9), {}, ValueError, RANKS + "(5, 9)"),
    (zeros(1, 1, 2, 5, 9), {}, ValueError, RANKS + "(1, 1, 2, 5, 9)"),
    (np.float32(1), {}, ValueError, RANKS + "()"),
    (zeros(5, 9), {"layout": "NHWC"}, ValueError,
     "must be of shape (H, W, C) or (B, H, W, C), got float32 (5, 9)"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["heatmap", "wh", "offset"])
@pytest.mark.parametrize(("came", "options", "error", "rule"), REFUSED)
def test_refuses(came, options, error, rule, name):
    heads = dict.fromkeys(["heatmap", "wh", "offset"], zeros(*SHAPE)) | {name: came}
    if name == "offset" and came is None:
        return  # there is no such head
    with pytest.raises(error, match=f"^{re.escape(name + ' ' + rule)}$"):
        cd.decode_boxes(*heads.values(), **options)


GRID = " must have the batch and grid of heatmap (got float32 (2, 5, 9)), got float32 "
GROUPS = "wh must have {} channels (one group for each class) or {}, got float32 "


@pytest.mark.parametrize(("heads", "options", "message"), [
    ((zeros(2, 5, 9), zeros(2, 9, 5)), {}, "wh" + GRID + "(2, 9, 5)"),
    ((zeros(2, 5, 9), zeros(2, 5, 8)), {}, "wh" + GRID + "(2, 5, 8)"),
    ((zeros(2, 5, 9), zeros(1, 2, 5, 9)), {}, "wh" + GRID + "(1, 2, 5, 9)"),
    ((zeros(2, 5, 9), zeros(2, 5, 9), zeros(2, 4, 9)), {}, "offset" + GRID + "(2, 4, 9)"),
    ((zeros(2, 5, 9), zeros(3, 2, 5, 9)), {}, "wh" + GRID + "(3, 2, 5, 9)"),
    ((zeros(2, 1, 5, 9), zeros(3, 2, 5, 9)), {},
     "wh" + GRID.replace("(2, 5, 9)", "(2, 1, 5, 9)") + "(3, 2, 5, 9)"),
    ((zeros(5, 5, 9), zeros(3, 5, 9)), {}, GROUPS.format(10, 2) + "(3, 5, 9)"),
    ((zeros(5, 5, 9), zeros(10, 5, 9)), {"box_encoding": "ltrb"},
     GROUPS.format(20, 4) + "(10, 5, 9)"),
    ((zeros(5, 9, 2), zeros(5, 9, 3)), {"layout": "NHWC"}, GROUPS.format(4, 2) + "(5, 9, 3)"),
    ((zeros(2, 5, 9), zeros(2, 5, 9), zeros(1, 5, 9)), {},
     "offset must have 2 channels (one for each axis), got float32 (1, 5, 9)"),
])  # fmt: skip
def test_refuses_heads_that_do_not_fit(heads, options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        cd.decode_boxes(*heads, **options)
