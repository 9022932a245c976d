"""Open Model Zoo's Python wrappers of CenterNet (ctdet_coco_dlav0) and SSD.

    - from model_api.models import CenterNet
    + from centerdecode.compat.open_model_zoo import CenterNet

>>> from types import SimpleNamespace
>>> import numpy as np
>>> from centerdecode.compat.open_model_zoo import CenterNet
>>> heads = {"center_heatmap": (1, 80, 96, 96), "width_height": (1, 2, 96, 96)}
>>> heads["regression"] = (1, 2, 96, 96)
>>> layers = {name: SimpleNamespace(shape=shape) for name, shape in heads.items()}
>>> image = {"input.1": SimpleNamespace(shape=(1, 3, 384, 384), layout="NCHW")}
>>> model_adapter = SimpleNamespace(
...     get_input_layers=lambda: image, get_output_layers=lambda: layers)
>>> model = CenterNet(model_adapter, {"confidence_threshold": 0.5})
>>> outputs = {name: np.full(shape, 24, np.float32) for name, shape in heads.items()}
>>> outputs["center_heatmap"] -= 48
>>> outputs["center_heatmap"][0, 12, 20, 10] = 3
>>> model.postprocess(outputs, {"original_shape": (1080, 1920, 3)})[0].get_coords()
(440, 360, 920, 630)

Upstream stretches images to the input, and then takes boxes back by a map that keeps the aspect, so
that every box on an image that is not square is wrong. Here they are taken back by the stretch;
`upstream_bugs=True` brings upstream's boxes. Detections come strongest first, and classes are
integers. Adapters are Open Model Zoo's own: only what the wrapper does is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._omz import (
    BoxesLabelsParser,
    Detection,
    MultipleOutputParser,
    Outputs,
    SingleOutputParser,
    Wrapper,
)
from ._shared import (
    as_numpy,
    boxes_around,
    cells_of,
    gather,
    require_cells,
    require_channels,
    top_k_of_logits,
)

__all__ = [
    "SSD",
    "BoxesLabelsParser",
    "CenterNet",
    "Detection",
    "MultipleOutputParser",
    "SingleOutputParser",
]

_TOP_K = 100


class CenterNet(Wrapper):
    """Heads in cells: heatmap (logits), offsets and sizes, in the order of their names."""

    __model__ = "centernet"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(self.inputs) != 1 or len(self.outputs) != 3:
            raise ValueError(
                "there must be 1 input and 3 outputs, got "
                f"{sorted(self.inputs)} and {sorted(self.outputs)}"
            )

    def postprocess(self, outputs: Outputs, meta: Mapping[str, Any]) -> list[Detection]:
        """The 100 best peaks that score at least confidence_threshold.

        Args:
            outputs: the three heads (B, C, H, W), of which item 0 is decoded.
            meta: original_shape of the image, (height, width, channels).

        Raises:
            TypeError: heads that would have to be converted.
            ValueError: heads that do not fit, or of fewer than 100 cells.
        """
        heat, reg, wh = (as_numpy(outputs[name])[:1] for name in sorted(self.outputs))
        require_cells(heat, _TOP_K)
        found = top_k_of_logits(heat, _TOP_K)
        shift, sizes = gather(reg, found, heat.shape), gather(wh, found, heat.shape)
        require_channels("the second output", shift, 2)
        require_channels("the third output", sizes, 2)
        boxes = boxes_around(cells_of(found) + shift, sizes)[0]
        grid, shape = heat.shape[2:], meta["original_shape"]
        if self.upstream_bugs:
            boxes = _by_the_affine(boxes, grid, shape)
        else:
            boxes = self.in_image(boxes, grid, shape)
        scores, class_ids = found.scores[0], found.class_ids[0]
        keep = scores >= np.float32(self.confidence_threshold)
        return self.detections(boxes[keep], scores[keep], class_ids[keep], shape)


class SSD(Wrapper):
    """Boxes that the model decodes itself: see the three parsers."""

    __model__ = "SSD"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.output_parser = self._parser()

    def postprocess(self, outputs: Outputs, meta: Mapping[str, Any]) -> list[Detection]:
        """The rows that score more than confidence_threshold, in their order.

        Args:
            outputs: of the model, by name.
            meta: original_shape of the image, (height, width, channels).
        """
        threshold = float(np.float32(self.confidence_threshold))
        found = [d for d in self.output_parser(outputs) if d.score > threshold]
        boxes = np.array([d.get_coords() for d in found]).reshape(-1, 4)
        shape = meta["original_shape"]
        scores, class_ids = np.array([d.score for d in found]), np.array([d.id for d in found])
        return self.detections(self.in_image(boxes, (1, 1), shape), scores, class_ids, shape)

    def _parser(self) -> Callable[[Outputs], list[Detection]]:
        bugs = self.upstream_bugs
        kinds: list[Callable[[], Callable[[Outputs], list[Detection]]]] = [
            lambda: SingleOutputParser(self.outputs, upstream_bugs=bugs),
            lambda: MultipleOutputParser(self.outputs),
            lambda: BoxesLabelsParser(self.outputs, (self.w, self.h), upstream_bugs=bugs),
        ]
        reasons = []
        for make in kinds:
            try:
                return make()
            except ValueError as error:
                reasons.append(str(error))
        raise ValueError("unsupported outputs: " + "; or ".join(reasons))


def _by_the_affine(
    boxes: NDArray[np.float64], grid: tuple[int, ...], original_shape: Any
) -> NDArray[np.float64]:
    """As if the image had been fitted with its aspect; the channels count as a side, too."""
    middle = np.array([grid[1], grid[0]] * 2) / 2
    center = np.array([original_shape[1], original_shape[0]] * 2) / 2
    return np.asarray((boxes - middle) * (max(original_shape) / grid[1]) + center)
