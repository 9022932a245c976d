"""What does an image cost before it is in the network?

    pytest bench/detector/bench_preprocess.py

Reading a JPEG whole and as `--small-jpeg` does, placing it, converting it on the host
where the network does not do it itself, and one inference to hold it against. One
thread of OpenCV; photos are one of the test data, and that enlarged to 12 megapixels.
"""

import functools

import centerdecode as cd
import cv2
import numpy as np
import pytest
from centerdecode.images import _fitting, _reading
from inputs import heads

NETWORK = (512, 512)
SIZES = {"0.5 Mpx": (600, 848), "12 Mpx": (3000, 4000)}


def data_file(*parts):
    path = heads.DATA.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"no test data at {heads.DATA}; set CENTERDECODE_TEST_DATA")
    return path


@functools.cache
def jpeg(size):
    """Return a photo of the size, as the bytes of a file."""
    cv2.setNumThreads(1)
    image = cv2.imread(str(data_file("images", "cn_33887522274_eebd074106_k.jpg")))
    image = cv2.resize(image, SIZES[size][::-1], interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


@pytest.mark.parametrize("n", [1, 2, 4, 8])
@pytest.mark.parametrize("size", SIZES)
def test_read(benchmark, size, n):
    image = benchmark(_reading._decode, jpeg(size), n)
    assert image.shape[0] == -(-SIZES[size][0] // n)


@pytest.mark.parametrize("resize", ["affine", "letterbox", "corner", "stretch"])
@pytest.mark.parametrize("size", SIZES)
def test_place(benchmark, size, resize):
    family = cd.families.CENTERNET.replace(resize=resize)
    placed, _ = benchmark(_fitting.fit, _reading._decode(jpeg(size), 1), family, NETWORK)
    assert placed.shape == (*NETWORK, 3)


def test_convert_on_the_host(benchmark):
    image = np.zeros((*NETWORK, 3), np.uint8)
    family = cd.families.CENTERNET
    tensor = benchmark(_fitting.convert, image, "NCHW", np.dtype(np.float32), family)
    assert tensor.shape == (1, 3, *NETWORK)


def test_infer(benchmark):
    path = data_file("models", "mb3-centernet", "mb3_ctdet_logits.xml")
    detector = cd.Detector(path, resize="letterbox", color="RGB", mean=0, scale=1)
    tensor, _, _ = detector._open().prepare(np.zeros((*NETWORK, 3), np.uint8))
    request = detector.compiled_model.create_infer_request()
    benchmark(request.infer, [tensor])
