"""What the C interface refuses: every status, with a message that names what is wrong."""

import ctypes
import re
import subprocess
import sys

import numpy as np
import pytest
from support import c_library
from support.c_library import CallError, Detections, Placement, Tensor
from support.paths import ROOT
from support.sayable import boxes_of_two_images


@pytest.fixture(scope="module")
def library():
    return c_library.load()


@pytest.fixture(scope="module")
def boxes():
    """A handle, heads for it, and what Python finds in them."""
    python, heads, wanted = boxes_of_two_images()
    return c_library.Decoder(python.settings()), heads, wanted


def status_of(call, *arguments):
    with pytest.raises(CallError) as caught:
        call(*arguments)
    return caught.value.status, caught.value.message


@pytest.mark.parametrize("settings", [
    "", ";;", "decoder", "decoder=boxes", "decoder=boxes;heads=heatmap", "=", "decoder=cubes;heads=x",
    "decoder=boxes;heads=heatmap,wh;heads=heatmap,wh", "decoder=boxes;heads=heatmap,wh,wh",
    "decoder=boxes;heads=heatmap,wh,keypoints", "decoder=detection_output;heads=rows;stride=4",
])  # fmt: skip
def test_settings_that_are_none(settings):
    status, message = status_of(c_library.Decoder, settings)
    assert status == c_library.INVALID_SETTINGS
    assert re.match(r"(settings|decoder) must|settings, at ", message)


@pytest.mark.parametrize(("entry", "message"), [
    ("stride=0", 'settings, at "stride=0": must be positive, got "0"'),
    ("stride=4px", 'must be a number, got "4px"'),
    ("stride=nan", "must be a number"),
    ("stride=1e999", "must be a number"),
    ("window=2", "must be odd"),
    ("max_per_class=-1", "must be a whole number from 0 to"),
    ("max_per_class=99999999999999999999", "must be a whole number"),
    ("classes=1,x", "must be a whole number"),
    ("best_class=yes", 'must be 0 or 1, got "yes"'),
    ("axes=zz", 'axes must be one of "xy", "yx", got "zz"'),
    ("nms.kind=firm", 'must be one of "hard", "linear", "gaussian"'),
    ("nms.sigma=inf", "must be positive"),
    ("nms.shape=box", '"boxes" with these heads knows, got "nms.shape"'),
    ("names.offset=reg", 'got "names.offset"'),
    ("keypoints.single=1", 'got "keypoints.single"'),
    ("top_k=5", 'each key once, got another "top_k=5"'),
])  # fmt: skip
def test_an_entry_that_is_wrong_is_named(entry, message):
    text = f"decoder=boxes; heads=heatmap,wh\n top_k = 3; {entry} ;"
    status, found = status_of(c_library.Decoder, text)
    assert status == c_library.INVALID_SETTINGS
    assert message in found


def changed(arrays, i, **changes):
    tensors = [Tensor.of(array) for array in arrays]
    for name, value in changes.items():
        setattr(tensors[i], name, value)
    return tensors


BIG = (ctypes.c_int64 * 8)(2**31, 1, 1, 1)
HUGE = (ctypes.c_int64 * 8)(*[2**31 - 1] * 4)
LOST = (ctypes.c_int64 * 8)(2, -1, 9, 14)


@pytest.mark.parametrize(("i", "changes", "status", "message"), [
    (0, {"struct_size": 8}, 2, "struct_size of centerdecode_tensor must be 152, got 8"),
    (1, {"struct_size": 0}, 2, "struct_size of centerdecode_tensor must be 152, got 0"),
    (1, {"data": None}, 4, "wh must have data, got NULL"),
    (2, {"element_type": 0}, 4, "offset must be of element_type CENTERDECODE_F32, .*got 0"),
    (2, {"rank": 2}, 4, r"offset must be of shape \(C, H, W\) or \(B, C, H, W\), got rank 2"),
    (2, {"rank": -1}, 4, "got rank -1"),
    (0, {"rank": 3}, 4, r"wh must have the batch and grid of heatmap \(got f32 \(1, 2, 3, 9\)\)"),
    (0, {"shape": BIG}, 4, "heatmap must have a shape of extents from 0 to 2147483647, got 2147"),
    (0, {"shape": HUGE}, 4, "heatmap must have a shape"),
    (1, {"shape": LOST}, 4, "wh must have a shape of extents from 0 to 2147483647, got -1"),
])  # fmt: skip
def test_a_tensor_that_is_none_is_named(boxes, i, changes, status, message):
    decoder, arrays, _ = boxes
    found = status_of(decoder, changed(arrays, i, **changes))
    assert found[0] == status
    assert re.search(message, found[1])


def test_heads_that_do_not_belong_together(boxes):
    decoder, (heatmap, wh, offset), _ = boxes
    tensors = [Tensor.of(heatmap), Tensor.of(wh[:, :1]), Tensor.of(offset)]
    message = "wh must have 6 channels (one group for each class) or 2, got f32 (2, 1, 9, 14)"
    assert status_of(decoder, tensors) == (c_library.INVALID_HEADS, message)
    message = "heads must be heatmap, wh, offset, got 2 of them"
    assert status_of(decoder, tensors[:2]) == (c_library.INVALID_HEADS, message)


@pytest.mark.parametrize(("image", "place", "message"), [
    (2, {}, "image must be from 0 up and below 2, got 2"),
    (-1, {}, "image must be from 0 up and below 2, got -1"),
    (0, {"transform": [[1, 0, np.nan], [0, 1, 0]]}, "transform must be finite"),
    (0, {"clip": (3, -1)}, "clip must not be negative"),
])  # fmt: skip
def test_an_argument_out_of_range(boxes, image, place, message):
    decoder, arrays, _ = boxes
    with pytest.raises(CallError) as caught:
        decoder([Tensor.of(array) for array in arrays], image, **place)
    assert caught.value.status == c_library.INVALID_ARGUMENT
    assert message in caught.value.message


def test_null_is_refused_wherever_it_may_not_be(library, boxes):
    decoder, arrays, _ = boxes
    tensors = (Tensor * 3)(*map(Tensor.of, arrays))
    room = [np.zeros((100, 4), "f4"), np.zeros(100, "f4"), np.zeros(100, "i4"), None, None]
    found = Detections.into(room, 100)
    bufferless = Detections.into([None] * 5, 1)
    number, index = ctypes.c_int64(), (ctypes.c_int32 * 3)()
    names = (ctypes.c_char_p * 1)()
    calls = {
        "decoder must": ["decoder_create", b"", None],
        "settings must": ["decoder_create", None, ctypes.byref(ctypes.c_void_p())],
        "decoder must not": ["num_images", None, tensors, 3, number],
        "heads must": ["num_keypoints", decoder.handle, None, 3, number],
        "num_images must": ["num_images", decoder.handle, tensors, 3, None],
        "num_keypoints must": ["num_keypoints", decoder.handle, tensors, 3, None],
        "decoder must not be": ["decode", None, tensors, 3, 0, None, found],
        "heads must not": ["decode", decoder.handle, None, 3, 0, None, found],
        "found must": ["decode", decoder.handle, tensors, 3, 0, None, None],
        "xyxy, scores and class_ids": ["decode", decoder.handle, tensors, 3, 0, None, bufferless],
        "decoder must not be N": ["match_heads", None, names, 0, index],
        "index must": ["match_heads", decoder.handle, names, 0, None],
        "names must not be": ["match_heads", decoder.handle, None, 1, index],
        "names must not have": ["match_heads", decoder.handle, names, 1, index],
    }
    for text, (name, *arguments) in calls.items():
        status, message = status_of(decoder.call, name, *arguments)
        assert (status, message[: len(text)]) == (c_library.INVALID_ARGUMENT, text)
        function = getattr(library, f"centerdecode_{name}")
        assert function(*arguments, None, 0) == function(*arguments, None, 99) == status


def test_structs_of_another_size_are_refused(boxes):
    decoder, arrays, _ = boxes
    tensors = (Tensor * 3)(*map(Tensor.of, arrays))
    found, place = Detections.into([None] * 5, 0), Placement.of()
    found.struct_size -= 8
    call = "decode", decoder.handle, tensors, 3, 0, place, found
    text = "struct_size of centerdecode_detections must be 64, got 56"
    assert status_of(decoder.call, *call) == (c_library.INVALID_STRUCT, text)
    found.struct_size, place.struct_size = 64, 32
    text = "struct_size of centerdecode_placement must be 24, got 32"
    assert status_of(decoder.call, *call) == (c_library.INVALID_STRUCT, text)


def test_a_room_that_is_too_small_is_left_as_it_was(boxes):
    decoder, arrays, wanted = boxes
    count = len(wanted[0])
    room = [np.full((count, 4), 7, "f4"), np.full(count, 7, "f4"), np.full(count, 7, "i4")]
    found = Detections.into([*room, None, None], count - 1)
    call = "decode", decoder.handle, (Tensor * 3)(*map(Tensor.of, arrays)), 3, 0, None, found
    message = f"capacity must be at least {count}, got {count - 1}"
    assert status_of(decoder.call, *call) == (c_library.TOO_SMALL, message)
    assert found.count == count
    assert all((array == 7).all() for array in room)
    found.capacity = count
    decoder.call(*call)
    np.testing.assert_array_equal(room[0], wanted[0].xyxy)


def test_to_ask_how_many_there_are_takes_no_room(boxes):
    decoder, arrays, wanted = boxes
    found = Detections.into([None] * 5, 0)
    call = "decode", decoder.handle, (Tensor * 3)(*map(Tensor.of, arrays)), 3, 1, None, found
    assert status_of(decoder.call, *call)[0] == c_library.TOO_SMALL
    assert found.count == len(wanted[1])


@pytest.mark.parametrize("size", [1, 2, 10, 32, 400])
def test_a_message_is_cut_to_its_room(library, size):
    text = ctypes.create_string_buffer(b"x" * 499, 500)
    create = library.centerdecode_decoder_create
    settings = 'décoder="é'.encode()
    whole = 'settings must be key=value, separated by ;, got "é"'
    status = create("é".encode(), ctypes.byref(ctypes.c_void_p()), text, size)
    assert status == c_library.INVALID_SETTINGS
    assert whole.startswith(text.value.decode())
    assert len(text.value) >= min(size, len(whole.encode()) + 1) - 2
    assert text.raw[size:499] == b"x" * (499 - size)  # nothing behind its room
    assert create(settings, ctypes.byref(ctypes.c_void_p()), text, size) != c_library.OK


HUNGRY = """
import numpy, resource, sys
from support import c_library
decoder = c_library.Decoder("decoder=boxes;heads=heatmap,wh;top_k=4000000000;plateaus=keep")
tensors = [c_library.Tensor.of(numpy.ones((1, n, 1, 1), "f4")) for n in (1, 2)]
for tensor in tensors:  # all of its 81 million cells are the same number
    tensor.shape[2], tensor.byte_strides[2], tensor.shape[3] = 9000, 0, 9000
    tensor.byte_strides[3] = 0
with open("/proc/self/statm") as file:
    limit = int(file.read().split()[0]) * resource.getpagesize() + 2**26
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
found = c_library.Detections.into([None] * 5, 0)
try:
    decoder.call("decode", decoder.handle, (c_library.Tensor * 2)(*tensors), 2, 0, None, found)
except c_library.CallError as error:
    print(error)
"""


def test_where_memory_lacks_it_says_so():
    run = subprocess.run([sys.executable, "-c", HUNGRY], cwd=ROOT / "tests", check=True,
                         capture_output=True, text=True)  # fmt: skip
    assert run.stdout == "6: there is not enough memory\n"
