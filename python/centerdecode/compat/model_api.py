"""CenterNet for Intel's Model API (`openvino-model-api`), which had it until 2024.

Importing this module is the whole change; Model API finds its model classes by name.

    + import centerdecode.compat.model_api

>>> import centerdecode.compat.model_api
>>> from model_api.models import Model
>>> model = Model.create_model(path, model_type="centernet", device="CPU")
>>> result = model(image)
>>> [type(result).__name__, result.bboxes.tolist(), result.labels.tolist(), result.label_names]
['DetectionResult', [[30, 10, 54, 18]], [1], ['#1']]

Preprocessing, options (`confidence_threshold`, `resize_type`, `labels`, `nms_execute`, ...), results
and `AsyncPipeline` are Model API's own. Its limits hold: images only of models whose size is
static; no ONNX Runtime; `resize_type="crop"` is not undone; mean and scale must be in the graph, in
rt_info, or in the configuration; without `model_type`, the rt_info model_info/model_type must say
"centernet". Only boxes are in a DetectionResult, of the first image of a batch; boxes of at most
one pixel are left out, as by its SSD. Unlike the old class this one takes boxes back by the
resize_type that was used, finds the heads by name instead of by position, and sees in the graph
whether the heatmap holds logits; where it cannot see the graph (OVMS) it takes them for logits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import families
from .._lazy import require
from ..decoding import Decoder
from ..models import Output, Recognition, match, outputs_of, recognise

_models = require("model_api.models", "openvino-model-api", "model-api")
_DetectionModel: Any = _models.DetectionModel
_TOP_K = 100
_LEAST_AREA = 1.0  # as BBOX_AREA_THRESHOLD of Model API's SSD


class CenterNet(_DetectionModel):  # type: ignore[misc]
    """A model whose outputs are heads in cells; any family that has boxes.

    Raises:
        ValueError: outputs of no known family.
    """

    __model__ = "centernet"

    def __init__(
        self,
        inference_adapter: Any,
        configuration: dict[str, Any] | None = None,
        preload: bool = False,
    ) -> None:
        super().__init__(inference_adapter, configuration or {}, preload)
        recognition = _recognised(inference_adapter, self.outputs)
        names = list(self.outputs)
        self._family = recognition.family
        self._heads = {
            self._family.heads[head][0]: names[i] for head, i in recognition.heads.items()
        }
        types = {self.outputs[name].precision for name in self._heads.values()}
        self._element_type = next(iter(types & {"f16", "bf16"}), None)

    def postprocess(self, outputs: Mapping[str, NDArray[Any]], meta: dict[str, Any]) -> Any:
        """A DetectionResult of the 100 best peaks that score at least confidence_threshold.

        Args:
            outputs: by name, as the adapter gives them; they are only read.
            meta: of `base_preprocess`.
        """
        decoder = Decoder(
            self._family,
            top_k=_TOP_K,
            score_threshold=self.params.confidence_threshold,
            plateaus="keep",
            element_type=self._element_type,
        )
        found = decoder({alias: outputs[name] for alias, name in self._heads.items()})[0]
        result = _models.DetectionResult(
            bboxes=found.xyxy / np.array([self.w, self.h] * 2, np.float32),
            labels=found.class_ids,
            scores=found.scores,
        )
        _keep(result, self._calculate_nms(result.bboxes, result.scores, result.labels))
        self._resize_detections(result, meta)
        _keep(result, result.get_obj_sizes() > _LEAST_AREA)
        self._add_label_names(result)
        result.saliency_map = result.feature_vector = np.ndarray(0)
        return result


def _keep(result: Any, rows: Any) -> None:
    result.bboxes, result.labels = result.bboxes[rows], result.labels[rows]
    result.scores = result.scores[rows]


def _recognised(adapter: Any, layers: Mapping[str, Any]) -> Recognition:
    import openvino as ov

    model = adapter.get_model()
    if isinstance(model, ov.Model):
        return recognise(outputs_of(model), None)
    outputs = [
        Output(frozenset(layer.names or {name}), tuple(layer.shape), "other")
        for name, layer in layers.items()
    ]
    try:
        return match(families.OPEN_MODEL_ZOO, outputs)
    except ValueError:
        return match(families.CENTERNET, outputs)
