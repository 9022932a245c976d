"""The C interface: every function, every kind of tensor, many threads."""

import ctypes
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from support import c_library
from support.c_library import Detections, Placement, Tensor
from support.heads import fill
from support.paths import ROOT
from support.sayable import assert_same, boxes_of_two_images, make_heads

HEADER = Path(cd.get_include()) / "centerdecode.h"
NULL = ctypes.c_void_p()


@pytest.fixture(scope="module")
def library():
    return c_library.load()


@pytest.fixture(scope="module")
def boxes():
    """A handle, heads for it, and what Python finds in them."""
    python, heads, wanted = boxes_of_two_images()
    return c_library.Decoder(python.settings()), heads, wanted


def test_the_library_says_who_it_is(library):
    assert library.centerdecode_abi_version() == 1
    assert library.centerdecode_version().decode() == cd.__version__
    assert cd.get_library().endswith(".so.1")


def test_every_status_has_its_name(library):
    numbers = re.findall(r"^    (CENTERDECODE_\w+) = (\d)", HEADER.read_text(), re.MULTILINE)
    assert [int(number) for _, number in numbers] == [*range(8)]
    for name, number in numbers:
        assert library.centerdecode_status_name(int(number)).decode() == name
    assert (
        library.centerdecode_status_name(99) == library.centerdecode_status_name(-1) == b"unknown"
    )


def test_structs_have_the_size_that_is_promised(library):
    sizes = {"tensor": Tensor, "placement": Placement, "detections": Detections}
    texts = re.findall(r"(\d+) bytes where pointers have 8. \*/\ntypedef struct centerdecode_(\w+)",
                       re.sub(r"\n \* ", " ", HEADER.read_text()))  # fmt: skip
    assert {name: int(size) for size, name in texts} == {
        name: ctypes.sizeof(struct) for name, struct in sizes.items()
    }


@pytest.mark.skipif(shutil.which("nm") is None, reason="needs nm")
def test_only_what_the_header_declares_is_exported():
    run = subprocess.run(["nm", "-D", "--defined-only", cd.get_library()],
                         capture_output=True, text=True, check=True)  # fmt: skip
    names = {line.split()[2].split("@")[0] for line in run.stdout.splitlines() if " A " not in line}
    declared = set(re.findall(r"\b(centerdecode_\w+)\(", HEADER.read_text()))
    assert names == declared == {f"centerdecode_{name}" for name in c_library.FUNCTIONS}


def test_a_handle_tells_of_its_heads(library, boxes):
    decoder, _, _ = boxes
    assert decoder.heads == ["heatmap", "wh", "offset"]
    assert library.centerdecode_decoder_head_name(decoder.handle, 3) is None
    assert library.centerdecode_decoder_head_name(NULL, 0) is None
    assert library.centerdecode_decoder_head_count(NULL) == 0
    assert library.centerdecode_decoder_top_k(decoder.handle) == 100
    assert library.centerdecode_decoder_top_k(NULL) == 0
    library.centerdecode_decoder_destroy(NULL)


@pytest.mark.parametrize(("names", "index"), [
    (["hm", "wh", "reg"], [0, 1, 2]),
    (["reg", "x", "tower/wh:0", "a/b/hm:12"], [3, 2, 0]),
    (["heat", "heatmap", "wh", "offset"], [1, 2, 3]),  # the first name that any has
    (["a/hm", "b/hm", "heatmap", "wh"], [-1, 3, -1]),  # two have it, which tells nothing
    (["xhm", "hm/x", "wh:", "wh:1a", "/reg"], [-1, -1, 4]),
    ([], [-1, -1, -1]),
])  # fmt: skip
def test_outputs_are_told_apart_by_their_names(boxes, names, index):
    decoder, _, _ = boxes
    assert decoder.match(names) == index


def test_keypoints_that_nobody_wants_are_not_written():
    python = cd.Decoder(families.CENTERNET_POSE, score_threshold=0.2)
    arrays = [*make_heads(families.CENTERNET_POSE, families.CENTERNET_POSE.heads).values()]
    decoder = c_library.Decoder(python.settings())
    tensors = [Tensor.of(array) for array in arrays]
    assert decoder.number("num_keypoints", tensors) == 5
    room = [np.zeros((100, 4), "f4"), np.zeros(100, "f4"), np.zeros(100, "i4"), None, None]
    found = Detections.into(room, 100)
    decoder.call("decode", decoder.handle, (Tensor * 6)(*tensors), 6, 0, None, found)
    np.testing.assert_array_equal(room[0][: found.count], python(arrays)[0].xyxy)


def bf16(array):
    return (np.ascontiguousarray(array).view(np.uint32) >> 16).astype(np.uint16)


@pytest.mark.parametrize(("narrow", "element_type"), [
    (lambda array: array, "f32"), (lambda array: array.astype(np.float16), "f16"), (bf16, "bf16"),
], ids=["f32", "f16", "bf16"])  # fmt: skip
@pytest.mark.parametrize("cut", [
    np.s_[:], np.s_[..., ::-1], np.s_[:, ::-1, ::2], np.s_[::-1, 1:, :, 3:], np.s_[:0], np.s_[1],
], ids=["whole", "mirrored", "reversed", "part", "empty", "image"])  # fmt: skip
def test_tensors_of_any_type_lie_anywhere(narrow, element_type, cut):
    python = cd.Decoder(families.CENTERNET, score_threshold=0, element_type=element_type)
    arrays = [narrow(fill("noise", (2, n, 6, 20), n))[cut] for n in (3, 3, 3)]
    arrays = [arrays[0], *(array[..., :2, :, :] for array in arrays[1:])]
    library = c_library.Decoder(python.settings())
    tensors = [Tensor.of(array) for array in arrays]
    wanted = python(arrays)
    for i, detections in enumerate(wanted):
        assert_same(library(tensors, i), detections)
    assert library.number("num_images", tensors) == len(wanted)


def test_strides_that_are_all_zero_say_that_a_tensor_is_dense(boxes):
    decoder, arrays, wanted = boxes
    tensors = [Tensor.of(array) for array in arrays]
    for tensor in tensors:
        tensor.byte_strides = (ctypes.c_int64 * 8)()
    assert_same(decoder(tensors, 1), wanted[1])


def test_many_threads_may_use_one_handle(boxes):
    decoder, arrays, wanted = boxes
    tensors = [Tensor.of(array) for array in arrays]
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda i: decoder(tensors, i % 2), range(400))]
    for i, detections in enumerate(found):
        assert_same(detections, wanted[i % 2])


def test_the_header_that_is_installed_is_the_one_of_the_sources():
    source = ROOT / "cpp" / "capi" / "include" / "centerdecode.h"
    assert HEADER.read_text() == source.read_text()
