"""What Open Model Zoo's wrappers share: an adapter, options, and the way to the input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..._lazy import require
from ...images import Placing, letterbox, stretch
from ._ssd_parsers import Detection, detections_of

Outputs: TypeAlias = Mapping[str, Any]
_PLACINGS = {"standard": stretch, "fit_to_window_letterbox": letterbox}


class Wrapper:
    """A model behind an adapter, as upstream's `DetectionModel`.

    Args:
        model_adapter: has get_input_layers() and get_output_layers(), dicts of what has
            a shape (and a layout, NCHW if it has not); and load_model() and the infer
            methods, where a model is to run.
        configuration: confidence_threshold (0.5), labels, resize_type ("standard": the
            image is stretched, or "fit_to_window_letterbox"), reverse_input_channels,
            mean_values, scale_values; other keys are left out, as upstream.
        preload: load the model at once.
        upstream_bugs: do as upstream where that is wrong.

    Raises:
        ValueError: a model with other inputs or outputs, or an unknown resize_type.
    """

    def __init__(
        self,
        model_adapter: Any,
        configuration: Mapping[str, Any] | None = None,
        preload: bool = False,
        *,
        upstream_bugs: bool = False,
    ) -> None:
        options = {k: v for k, v in (configuration or {}).items() if v is not None}
        self.model_adapter = model_adapter
        self.upstream_bugs = upstream_bugs
        self.inputs: Mapping[str, Any] = model_adapter.get_input_layers()
        self.outputs: Mapping[str, Any] = model_adapter.get_output_layers()
        self.confidence_threshold = float(options.get("confidence_threshold", 0.5))
        self.labels: list[str] | None = options.get("labels")
        self.resize_type = str(options.get("resize_type", "standard"))
        if self.resize_type not in _PLACINGS:
            raise ValueError(
                f"resize_type must be one of {sorted(_PLACINGS)}, got {self.resize_type!r}"
            )
        self.reverse_input_channels = bool(options.get("reverse_input_channels", False))
        self.mean = np.asarray(options.get("mean_values", 0), np.float32)
        self.scale = np.asarray(options.get("scale_values", 1), np.float32)
        images = [name for name, layer in self.inputs.items() if len(layer.shape) == 4]
        if len(images) != 1:
            raise ValueError(f"there must be one input of images, got {sorted(self.inputs)}")
        self.image_blob_name = images[0]
        self.nchw_layout = getattr(self.inputs[images[0]], "layout", "NCHW") != "NHWC"
        shape = tuple(self.inputs[images[0]].shape)
        self.h, self.w = shape[2:] if self.nchw_layout else shape[1:3]
        self.model_loaded = False
        if preload:
            self.load()

    def load(self, force: bool = False) -> None:
        if force or not self.model_loaded:
            self.model_loaded = True
            self.model_adapter.load_model()

    def preprocess(self, inputs: NDArray[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """An image (H, W, 3) -> inputs of the model, and what `postprocess` needs to know."""
        cv2 = require("cv2", "opencv-python-headless", "cli")
        placing = self._placing(inputs.shape)
        (height, width), top, left = placing.resized, placing.top, placing.left
        image = np.zeros((self.h, self.w, inputs.shape[2]), inputs.dtype)
        image[top : top + height, left : left + width] = cv2.resize(inputs, (width, height))
        if self.reverse_input_channels:
            image = image[..., ::-1]
        blob = ((image - self.mean) / self.scale).astype(np.float32)
        blob = (blob.transpose(2, 0, 1) if self.nchw_layout else blob)[None]
        given = {self.image_blob_name: np.ascontiguousarray(blob)}
        for name, layer in self.inputs.items():
            if len(layer.shape) == 2:
                given[name] = np.array([[self.h, self.w, 1]], np.float32)
        return given, {"original_shape": inputs.shape, "resized_shape": image.shape}

    def postprocess(self, outputs: Outputs, meta: Mapping[str, Any]) -> list[Detection]:
        raise NotImplementedError

    def __call__(self, inputs: NDArray[Any]) -> tuple[list[Detection], dict[str, Any]]:
        given, meta = self.preprocess(inputs)
        return self.postprocess(self.infer_sync(given), meta), meta

    def infer_sync(self, dict_data: Mapping[str, Any]) -> Outputs:
        result: Outputs = self.model_adapter.infer_sync(dict_data)
        return result

    def infer_async(self, dict_data: Mapping[str, Any], callback_data: Any) -> None:
        self.model_adapter.infer_async(dict_data, callback_data)

    def set_callback(self, callback_fn: Callable[..., Any]) -> None:
        self.model_adapter.set_callback(callback_fn)

    def is_ready(self) -> bool:
        return bool(self.model_adapter.is_ready())

    def await_all(self) -> None:
        self.model_adapter.await_all()

    def await_any(self) -> None:
        self.model_adapter.await_any()

    def in_image(
        self, boxes: NDArray[np.float64], grid: tuple[int, ...], original_shape: Any
    ) -> NDArray[np.float64]:
        """Boxes (n, 4) in cells of a (height, width) grid over the input -> image pixels."""
        height, width = original_shape[:2]
        if self.resize_type == "standard":
            return np.asarray(boxes * ([width / grid[1], height / grid[0]] * 2))
        (zoom_x, _, left), (_, zoom_y, top) = self._placing(original_shape).matrix
        pixels = boxes * ([self.w / grid[1], self.h / grid[0]] * 2) - [left, top, left, top]
        return np.asarray(pixels / ([zoom_x, zoom_y] * 2))

    def detections(
        self, boxes: NDArray[np.float64], scores: Any, class_ids: Any, original_shape: Any
    ) -> list[Detection]:
        """Whole pixels toward zero, cut as upstream: x1, y1 are not bounded above."""
        height, width = original_shape[:2]
        whole = boxes.astype(np.int64)
        whole[:, :2] = whole[:, :2].clip(min=0)
        whole[:, 2:] = np.minimum(whole[:, 2:], [width, height])
        found = detections_of(whole, scores, class_ids)
        for detection in found:
            if self.labels is not None and detection.id < len(self.labels):
                detection.str_label = self.labels[detection.id]
        return found

    def _placing(self, original_shape: Any) -> Placing:
        height, width = original_shape[:2]
        return _PLACINGS[self.resize_type]((height, width), (self.h, self.w))
