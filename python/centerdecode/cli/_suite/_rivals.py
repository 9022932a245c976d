"""All decoders that are compared, strongest first as measured on real heads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _graph_rivals, _library_rivals, _numpy_rivals
from ._workload import Decode, DecodedBoxes, Workload, strongest


class Rival(NamedTuple):
    """Another way to the same detections.

    prepare: what can be done before the heads come; raises ImportError where a
        library is missing.
    """

    name: str
    prepare: Callable[[Workload], Decode]


RIVALS = (
    Rival("NumPy, maximum over classes first", _numpy_rivals.class_maximum_first),
    Rival("numba, threshold scan", _library_rivals.numba_scan),
    Rival("NumPy, threshold first", _numpy_rivals.threshold_first),
    Rival("ONNX Runtime in-graph, 2 threads", _graph_rivals.onnxruntime_graph(threads=2)),
    Rival("ONNX Runtime in-graph, 1 thread", _graph_rivals.onnxruntime_graph(threads=1)),
    Rival(
        "OpenVINO in-graph, logits, 2 threads",
        _graph_rivals.openvino_graph(on_logits=True, threads=2),
    ),
    Rival(
        "OpenVINO in-graph, logits, 1 thread",
        _graph_rivals.openvino_graph(on_logits=True, threads=1),
    ),
    Rival(
        "OpenVINO in-graph, scores, 2 threads",
        _graph_rivals.openvino_graph(on_logits=False, threads=2),
    ),
    Rival(
        "OpenVINO in-graph, scores, 1 thread",
        _graph_rivals.openvino_graph(on_logits=False, threads=1),
    ),
    Rival("cv2.dilate", _library_rivals.cv2_dilate),
    Rival("NumPy, separable maximum", _numpy_rivals.separable),
    Rival("torch, ctdet_decode", _library_rivals.torch_reference),
    Rival("scipy.ndimage.maximum_filter", _library_rivals.scipy_maximum_filter),
    Rival("Open Model Zoo's method, NumPy", _numpy_rivals.open_model_zoo),
    Rival("NumPy, sliding_window_view", _numpy_rivals.sliding_window),
)


def expected(work: Workload, besides: NDArray[np.bool_] | None = None) -> DecodedBoxes:
    """What every decoder must find; of equal ones the first in memory.

    Args:
        besides: (C, H, W), cells that are not to be found.
    """
    index = _numpy_rivals.peaks_by(work, _numpy_rivals.separable_maximum)
    if besides is not None:
        index = index[~besides.ravel()[index]]
    order = np.argsort(-work.heatmap.ravel()[index], kind="stable")[: work.top_k]
    return strongest(work, index[order])


def verify(found: DecodedBoxes, wanted: DecodedBoxes) -> None:
    """The same rows in the same order, but for rows whose scores differ by rounding.

    Raises:
        AssertionError: a decoder finds something else.
    """
    (xyxy, scores, class_ids), (boxes, best, classes) = found, wanted
    np.testing.assert_allclose(scores, best, rtol=1e-5, atol=1e-7)
    moved = np.flatnonzero((class_ids != classes) | ~_close(xyxy, boxes))
    # Almost equal scores may change places, and at the end of a full table another of
    # them may be there.
    equal = _close(xyxy[moved, None], boxes[None, moved])
    equal &= class_ids[moved, None] == classes[None, moved]
    equal &= np.abs(scores[moved, None] - best[None, moved]) <= 2e-5 * best[moved]
    lost = moved[~equal.any(axis=0)]
    np.testing.assert_allclose(best[lost], best[-1:].repeat(len(lost)), rtol=1e-5, atol=1e-7)


def _close(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.isclose(a, b, rtol=1e-5, atol=1e-3).all(axis=-1)
    return near
