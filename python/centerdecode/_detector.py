"""Images in, detections out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._decoded import Places
from ._decoder import Decoder
from ._detections import Detections
from ._families import Family
from ._network import Network, build, with_precision
from ._preprocess import check_image, largest_reduction
from .presets import Preset, find

if TYPE_CHECKING:
    import openvino as ov
    from typing_extensions import Self


class Timings(NamedTuple):
    """Where the last image's time went, in seconds."""

    preprocess: float
    infer: float
    decode: float


class Detector:
    """A compiled model with its preprocessing before it and its decoder behind it.

        >>> detector = Detector("centernet.xml")
        >>> detections = detector(cv2.imread("street.jpg"))

    The family is recognised by the model's rt_info, then by its own name where that is
    a preset's, then by the names of its outputs, then by their shapes. Several threads may call one detector.

    Args:
        model: path to an IR or ONNX file, an `openvino.Model` (not changed), or
            an `openvino.CompiledModel` (its preprocessing is then done on the
            host, and its family must be given, because a compiled model does not
            tell whether a sigmoid is inside).
        device, config: for `Core.compile_model`.
        precision: OpenVINO's INFERENCE_PRECISION_HINT, unless `config` has one:
            "f32", "bf16", "f16", or "dynamic" for its own choice. None: "f32" where
            `device` is "CPU" (not in AUTO or HETERO:CPU), where OpenVINO would otherwise infer in bf16 on processors that
            can, and find other objects than on those that cannot; elsewhere its
            own choice.
        core: None: one `openvino.Core` for the whole process.
        family: taken at its word, but for what the model's conversion has put into the
            graph; None: recognised.
        preset: instead of a family, a published model, or its name in `presets`.
        labels: names of the classes; None: those of the preset that is given, else of
            the model's rt_info, else of the preset that is recognised, if any.
        size, resize, color, mean, scale, pad_value: the fields of `Family`; None:
            the model's rt_info, else the family's own.
        score_threshold, top_k, **options: as in `Decoder`.
        clip: cut boxes at the border of the image.

    Raises:
        FileNotFoundError: no such model.
        ValueError: the family is unknown or ambiguous, or does not fit; the
            message lists the outputs.
    """

    def __init__(
        self,
        model: str | Path | ov.Model | ov.CompiledModel,
        device: str = "CPU",
        *,
        config: Mapping[str, Any] | None = None,
        core: ov.Core | None = None,
        precision: str | None = None,
        family: Family | None = None,
        preset: str | Preset | None = None,
        labels: Sequence[str] | None = None,
        size: tuple[int, int] | None = None,
        resize: str | None = None,
        color: str | None = None,
        mean: float | Sequence[float] | None = None,
        scale: float | Sequence[float] | None = None,
        pad_value: float | Sequence[float] | None = None,
        score_threshold: float = 0.3,
        top_k: int = 100,
        clip: bool = False,
        **options: Any,
    ) -> None:
        wishes = {
            "size": size,
            "resize": resize,
            "color": color,
            "mean": mean,
            "scale": scale,
            "pad_value": pad_value,
        }
        wishes = {field: wish for field, wish in wishes.items() if wish is not None}
        if preset is not None and not isinstance(preset, Preset):
            preset = find(preset)
        config_for = with_precision(config, precision, device)
        self._network: Network | None = build(
            model, device, config_for, core, family, preset, wishes
        )
        self._decoder = Decoder(
            self.family,
            score_threshold=score_threshold,
            top_k=top_k,
            **options,
        )
        if isinstance(labels, str):
            raise TypeError(f"labels must be a list of names, got {labels!r}")
        self.labels = self._open().identity.labels if labels is None else list(labels)
        self.timings = Timings(0.0, 0.0, 0.0)
        self._clip = clip
        self._local = threading.local()
        self._recipe: tuple[tuple[Any, ...], dict[str, Any]] | None = (
            (model, device),
            {
                "config": config,
                "precision": precision,
                "family": family,
                "preset": preset,
                "labels": labels,
                **wishes,
                "clip": clip,
                **self._decoder.options,
            },
        )

    @property
    def family(self) -> Family:
        """How the model stores its heads and wants its input, all told."""
        return self._open().recognition.family

    @property
    def why(self) -> tuple[str, ...]:
        """How the family was recognised, a sentence each."""
        return self._open().recognition.why

    @property
    def compiled_model(self) -> ov.CompiledModel:
        """What OpenVINO compiled."""
        return self._open().compiled

    def __call__(
        self, image: NDArray[np.uint8], *, original_size: tuple[int, int] | None = None
    ) -> Detections:
        """Detect objects in one image.

        Args:
            image: (H, W, 3) uint8, BGR, as `cv2.imread` gives it.
            original_size: (height, width) of the picture, where `image` is that at 1/2,
                1/4 or 1/8, as cv2.IMREAD_REDUCED_COLOR_2, _4 and _8 read a JPEG.

        Returns:
            `Detections` with xyxy in pixels of `image`, or of the picture of
            `original_size`. They own their memory.

        Raises:
            TypeError, ValueError: not such an image.
            ImportError: OpenCV is missing; the message names the extra.
            RuntimeError: the detector is closed, or OpenVINO failed.
        """
        start = time.perf_counter()
        network = self._open()
        tensor, back, size = network.prepare(check_image(image), original_size)
        prepared = time.perf_counter()
        request = self._request()
        request.infer([tensor], share_inputs=True)
        inferred = time.perf_counter()
        clips = np.array([original_size or image.shape[:2]], np.float64) if self._clip else None
        heads = {i: request.get_output_tensor(n) for i, n in network.recognition.heads.items()}
        found = self._decoder.decode_heads(heads, Places(back[None], clips, size))[0]
        done = time.perf_counter()
        self.timings = Timings(prepared - start, inferred - prepared, done - inferred)
        return found

    def jpeg_reduction(self, size: tuple[int, int]) -> int:
        """At which part of its size a JPEG can be read for this network: 1/n, where n is
        1, 2, 4 or 8, and the network's input is still smaller.

        Args:
            size: (height, width) of the picture. Pass it with the small one, as
                `original_size`. What comes in is then not what the reference program
                would have made of the picture, but about as good.
        """
        network = self._open()
        return largest_reduction(size, self.family, network.size or size)

    def predict(self, images: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        """The detections of each image, in order."""
        return list(self.stream(images))

    def stream(self, frames: Iterable[NDArray[np.uint8]]) -> Iterator[Detections]:
        """The detections of each frame, in order, as they come."""
        for frame in frames:
            yield self(frame)

    def close(self) -> None:
        """Let the model go. Using the detector then raises RuntimeError."""
        self._network = None
        self._local = threading.local()
        self._recipe = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., Detector], tuple[Any, ...]]:
        """By recipe: compiled models do not pickle, paths do."""
        if self._recipe is None:
            raise RuntimeError("this Detector is closed")
        arguments, options = self._recipe
        if not isinstance(arguments[0], (str, Path)):
            raise TypeError(
                "a Detector pickles only when it was made from a path, "
                f"got {type(arguments[0]).__name__}"
            )
        return _rebuild, (arguments, options)

    def _request(self) -> ov.InferRequest:
        """One for each thread, because its output tensors are read in place."""
        if not hasattr(self._local, "request"):
            self._local.request = self.compiled_model.create_infer_request()
        return self._local.request

    def _open(self) -> Network:
        if self._network is None:
            raise RuntimeError("this Detector is closed")
        return self._network


def _rebuild(arguments: tuple[Any, ...], options: dict[str, Any]) -> Detector:
    return Detector(*arguments, **options)
