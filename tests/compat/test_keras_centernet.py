"""compat.keras_centernet: boxes and the letterbox against the oracle."""

import numpy as np
import pytest
from centerdecode.compat import keras_centernet
from oracles import keras as oracle_keras
from support.heads import channels_last, fill

SHAPES = [(1, 1, 1, 1), (2, 3, 5, 8), (1, 2, 9, 4)]


def head(shape, channels, seed=0, spread=4):
    """Return a head of so many channels on the grid of a heatmap of the shape."""
    rng = np.random.default_rng([seed, channels, *shape])
    return rng.normal(1, spread, (shape[0], channels, *shape[2:])).astype(np.float32)


def assert_close(ours, theirs, exact=()):
    """Assert that arrays agree to 1e-5, and exactly in the columns `exact`."""
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    for column in exact:
        np.testing.assert_array_equal(ours[..., column], theirs[..., column])


@pytest.mark.parametrize("name", ["noise", "plateaus", "sparse", "flat", "zeros"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.usefixtures("isa")
def test_boxes(name, shape):
    hm, reg, wh = (channels_last(h) for h in (fill(name, shape), head(shape, 2, 1), head(shape, 2)))
    for k in {1, hm[0].size}:
        ours = keras_centernet.ctdet_decode(hm, reg, wh, k=k, output_stride=2)
        assert_close(ours, oracle_keras.ctdet_decode(hm, reg, wh, k, 2), exact=[5])


def test_scores_that_the_sigmoid_saturates_tie():
    hm = np.full((1, 4, 5, 2), -30, np.float32)
    hm[0, 1, 1:4, 1] = [40, 20, 30]
    hm[0, 3, 0, 0] = 99
    reg = wh = np.zeros((1, 4, 5, 2), np.float32)
    rows = keras_centernet.ctdet_decode(hm, reg, wh, k=4, output_stride=1)
    assert rows[0, :, [0, 1, 4, 5]].T.tolist() == [
        [1, 1, 1, 1],
        [2, 1, 1, 1],
        [3, 1, 1, 1],
        [0, 3, 1, 0],
    ]
    assert_close(rows, oracle_keras.ctdet_decode(hm, reg, wh, 4, 1))


def test_heads_of_an_hourglass_hold_two_persons(test_data):
    with np.load(test_data / "heads" / "hourglass_ctdet_heads.npz") as stored:
        heads = [stored[name] for name in ("hm", "reg", "wh")]
    rows = keras_centernet.ctdet_decode(*heads)
    assert rows[0, :2, 4].round(2).tolist() == np.float32([0.81, 0.78]).tolist()
    assert rows[0, :2, 5].tolist() == [0, 0]
    crop = [np.ascontiguousarray(each[:, 8:32, 8:24, :]) for each in heads]
    crop[0] = crop[0][..., :8]
    assert_close(keras_centernet.ctdet_decode(*crop, k=50), oracle_keras.ctdet_decode(*crop, 50))


def test_maps_with_fewer_cells_than_rows_are_refused():
    hm = np.zeros((1, 2, 3, 4), np.float32)
    with pytest.raises(ValueError, match="K must be at most the 24 cells"):
        keras_centernet.ctdet_decode(hm, hm[..., :2], hm[..., :2], k=25)


@pytest.mark.parametrize("size", [(427, 640), (230, 352), (128, 1), (1, 300)])
def test_letterbox(size):
    for mode, given in [("training", (256, 384)), ("testing", None)]:
        letterbox = keras_centernet.LetterboxTransformer(*(given or (None, None)), mode=mode)
        assert letterbox.place(*size) == (given or oracle_keras.letterbox_size(size))
        np.testing.assert_allclose(letterbox.M, oracle_keras.letterbox_transform(size, given))
        np.testing.assert_allclose(letterbox.M_inv, oracle_keras.letterbox_inverse(size, given))
        x1, y1 = letterbox.M @ [3, 5, 1]
        x2, y2 = letterbox.M @ [30, 50, 1]
        assert letterbox.correct_box(x1, y1, x2, y2) == pytest.approx((3, 5, 30, 50))


def test_letterbox_places_an_image():
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    letterbox = keras_centernet.LetterboxTransformer(mode="testing", max_stride=16)
    placed = letterbox(np.full((10, 20, 3), 7, np.uint8))
    assert placed.shape == (16, 32, 3)
    assert (placed[3:13, 6:26] == 7).all()
    assert placed.sum() == 7 * 600
    with pytest.raises(ValueError, match="mode must be"):
        keras_centernet.LetterboxTransformer(mode="other")
    with pytest.raises(ValueError, match="height and width"):
        keras_centernet.LetterboxTransformer()
    with pytest.raises(RuntimeError, match="an image must be placed"):
        keras_centernet.LetterboxTransformer(8, 8).correct_box(0, 0, 1, 1)
