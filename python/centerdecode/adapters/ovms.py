"""A Python node of OpenVINO Model Server.

The server takes the class `OvmsPythonModel` out of the file that a graph names, so that
file says what is decoded:

    from centerdecode import families
    from centerdecode.adapters import ovms

    class OvmsPythonModel(ovms.OvmsPythonModel):
        family = families.CENTERNET
        options = {"score_threshold": 0.1}
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .. import Decoder, Detections, Detector, Family


class OvmsPythonModel:
    """Decodes what a model's node gives, or detects on images.

    With `family` the inputs are heads, by their stream's names as a `Decoder` knows them,
    [B, ...] of FP32, FP16 or BF16, and perhaps `transform`, [2, 3] or [B, 2, 3], which
    takes pixels of the network's input to those of the image. With `model` there is one
    input of images, [H, W, 3] or [B, H, W, 3] UINT8 in BGR, and what is found is in their
    pixels.

    The names of the output streams say what comes out, of these: `boxes` [B, K, 4] FP32,
    x1 y1 x2 y2; `scores` [B, K] FP32; `class_ids` [B, K] and `counts` [B], INT32; and
    where a family has them `keypoints`, `keypoint_scores` and the names of its extras,
    [B, K, ...]. K is top_k. Strongest first; rows behind an image's `counts` hold zeros,
    and the class -1.

    family: how the model stores its heads; or None.
    model: of a Detector that the node makes for itself; or None. A relative path counts
        from the folder of the node's file.
    top_k, options: of the Decoder or the Detector.
    """

    family: ClassVar[Family | None] = None
    model: ClassVar[str | Path | None] = None
    top_k: ClassVar[int] = 100
    options: ClassVar[Mapping[str, Any]] = {}

    def initialize(self, kwargs: Mapping[str, Any]) -> None:
        """Called when the graph is loaded, with `output_names` and `base_path`.

        Raises:
            ValueError: not one of family and model, or as the Decoder or Detector.
        """
        if (self.family is None) == (self.model is None):
            raise ValueError(
                "an OvmsPythonModel must have a family or a model, "
                f"got family={self.family!r}, model={self.model!r}"
            )
        self._output_names: list[str] = list(kwargs["output_names"])
        self._detector: Detector | None = None
        if self.model is not None:
            path = Path(kwargs["base_path"]) / self.model
            self._detector = Detector(path, top_k=self.top_k, **self.options)
        if self.family is not None:
            # What 16 bits hold is known of each tensor, unlike of a bare array.
            self._decoders = {
                "FP16": Decoder(self.family, top_k=self.top_k, element_type="f16", **self.options),
                "BF16": Decoder(self.family, top_k=self.top_k, element_type="bf16", **self.options),
            }

    def execute(self, inputs: Sequence[Any]) -> list[Any]:
        """`pyovms.Tensor`s in, and out. Inputs are read in place.

        Raises:
            ImportError: outside Model Server, which has the module pyovms.
            TypeError, ValueError: as the Decoder or Detector; or an output stream has a
                name of nothing that was found.
        """
        tensor = importlib.import_module("pyovms").Tensor
        if self._detector is None:
            found = self._decode(inputs)
        else:
            found = self._detect(self._detector, inputs)
        names = self._output_names
        return [*map(tensor, names, rows_of(found, self.top_k, names))]

    def finalize(self) -> None:
        """Called when the graph is unloaded."""
        if self._detector is not None:
            self._detector.close()

    def _decode(self, inputs: Sequence[Any]) -> list[Detections]:
        heads = {one.name: _array_of(one) for one in inputs}
        transform = heads.pop("transform", None)
        halves = [*{one.datatype for one in inputs} & {*self._decoders}]
        if len(halves) > 1:
            raise ValueError("heads must be FP16 or BF16, got both at once")
        return self._decoders[halves[0] if halves else "FP16"](heads, transform=transform)

    def _detect(self, detector: Detector, inputs: Sequence[Any]) -> list[Detections]:
        if len(inputs) != 1:
            raise ValueError(f"inputs must be one stream of images, got {len(inputs)}")
        images = _array_of(inputs[0])
        return detector.predict([images] if images.ndim == 3 else list(images))


def _array_of(tensor: Any) -> NDArray[Any]:
    """The tensor's memory. BF16, which no buffer can say, comes as bytes."""
    array = np.asarray(memoryview(tensor))
    if tensor.datatype == "BF16":
        return array.view(np.uint16).reshape(tensor.shape)
    return array


def rows_of(found: Sequence[Detections], top_k: int, names: Sequence[str]) -> list[NDArray[Any]]:
    """What is named of a batch's detections, as [B, top_k, ...], and `counts` [B].

    Raises:
        ValueError: a name of nothing that was found.
    """
    images = [_columns_of(detections) for detections in found]
    unknown = [name for name in names if name not in images[0] and name != "counts"]
    if unknown:
        raise ValueError(f"output streams must be some of {['counts', *images[0]]}, got {unknown}")
    counts = np.array([len(detections) for detections in found], np.int32)
    return [
        counts if name == "counts" else _padded([image[name] for image in images], name, top_k)
        for name in names
    ]


def _padded(columns: Sequence[NDArray[Any]], name: str, top_k: int) -> NDArray[Any]:
    nothing = -1 if name == "class_ids" else 0
    shape = len(columns), top_k, *columns[0].shape[1:]
    rows = np.full(shape, nothing, columns[0].dtype)
    for own, column in zip(rows, columns, strict=True):
        own[: len(column)] = column
    return rows


def _columns_of(detections: Detections) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "boxes": detections.xyxy,
        "scores": detections.scores,
        "class_ids": detections.class_ids,
        **detections.extras,
    }
    if detections.keypoints is not None:
        columns["keypoints"] = detections.keypoints
    if detections.keypoint_scores is not None:
        columns["keypoint_scores"] = detections.keypoint_scores
    return columns
