"""Images in, detections out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..decoding import Decoder
from ..families import Family, whole_number
from ..images import check_image, largest_reduction
from ..models import Network, build, limits_of
from ..presets import Preset, find
from ._config import with_hints
from ._heatmap import heatmap_of
from ._pipeline import Pipeline, scaled_networks
from ._predictor import Predictor
from ._tiles import tiling_of

if TYPE_CHECKING:
    import openvino as ov


class Detector(Predictor):
    """A compiled model with its preprocessing before it and its decoder behind it.

        >>> detector = Detector("centernet.xml")
        >>> detections = detector(cv2.imread("street.jpg"))

    The family is recognised by the model's rt_info, then by its own name where that is
    a preset's, then by the names of its outputs, then by their shapes.

    Threads, streams and tasks may share one detector: its requests are as many as
    `requests`, who asks first is served first, and who waits holds no tensor. A process that is forked must make
    its own, as OpenVINO's threads stay behind.

    Args:
        model: path to an IR or ONNX file, an `openvino.Model` (not changed), or
            an `openvino.CompiledModel` (its preprocessing is then done on the
            host, and its family must be given, because a compiled model does not
            tell whether a sigmoid is inside).
        device, config: for `Core.compile_model`. Where a control group, as of a container,
            has a quota of CPUs, INFERENCE_NUM_THREADS is that, unless `config` has one.
        precision: OpenVINO's INFERENCE_PRECISION_HINT, unless `config` has one:
            "f32", "bf16", "f16", or "dynamic" for its own choice. None: "f32" where
            `device` is "CPU" (not in AUTO or HETERO:CPU), where OpenVINO would otherwise
            infer in bf16 on processors that can, and find other objects than on those
            that cannot; elsewhere its own choice.
        hint: OpenVINO's PERFORMANCE_HINT, unless `config` has one: "latency", one image
            after the other as fast as can be, or "throughput", several at once, for
            streams. None: its own choice, which is latency.
        requests: how many infer requests there are, each with tensors of its own. None:
            one more than OpenVINO says is best.
        core: None: one `openvino.Core` for the whole process.
        family: taken at its word, but for what the model's conversion has put into the
            graph; None: recognised.
        preset: instead of a family, a published model, or its name in `presets`.
        labels: names of the classes; None: those of the preset that is given, else of
            the model's rt_info, else of the preset that is recognised, if any.
        size, resize, color, mean, scale, pad_value: the fields of `Family`; None:
            the model's rt_info, else the family's own.
        score_threshold, top_k: as in `Decoder`; None: those of the decoder in the model's
            graph, if `graph.embed` put one there, else 0.3 and 100.
        **options: as in `Decoder`.
        clip: cut boxes at the border of the image.
        flip: each image is inferred with its mirror image, in a batch of two, and what
            both show is put together as the family's own program does.
        scales: each image is inferred at several sizes of the network's input, its own
            times these, to the nearest multiple of 32; a model whose size is fixed sees
            a smaller image in the middle of its input. Then as `flip`. The heads are
            copied, because all are read together.
        tile: large images are inferred in parts of this size, (height, width) or one
            number for both, in pixels of the image; True: that of the network's input.
            They overlap by `tile_overlap`, a fraction of their size, or a little more.
            Boxes that overlap are thinned by `nms`, or else by a hard one of IoU 0.5;
            a box that ends where its tile does yields to any box of its class, of
            another tile, that covers half of it.
        tile_whole: the whole image is one more tile, for what is larger than a tile.

    Raises:
        FileNotFoundError: no such model.
        ValueError: the family is unknown or ambiguous, or does not fit; the
            message lists the outputs. Or the model takes no batch of two, or no
            larger input; or the decoder in its graph leaves out what is asked for.
    """

    def __init__(
        self,
        model: str | Path | ov.Model | ov.CompiledModel,
        device: str = "CPU",
        *,
        config: Mapping[str, Any] | None = None,
        core: ov.Core | None = None,
        precision: str | None = None,
        hint: str | None = None,
        requests: int | None = None,
        family: Family | None = None,
        preset: str | Preset | None = None,
        labels: Sequence[str] | None = None,
        size: tuple[int, int] | None = None,
        resize: str | None = None,
        color: str | None = None,
        mean: float | Sequence[float] | None = None,
        scale: float | Sequence[float] | None = None,
        pad_value: float | Sequence[float] | None = None,
        score_threshold: float | None = None,
        top_k: int | None = None,
        clip: bool = False,
        flip: bool = False,
        scales: Sequence[float] | None = None,
        tile: int | tuple[int, int] | bool | None = None,
        tile_overlap: float = 0.2,
        tile_whole: bool = True,
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
        if isinstance(labels, str):
            raise TypeError(f"labels must be a list of names, got {labels!r}")
        if requests is not None:
            requests = whole_number("requests", requests, least=1)
        tiling = tiling_of(tile, tile_overlap, tile_whole)
        hints = with_hints(config, precision, hint, device)
        networks = scaled_networks(
            functools.partial(build, model, device, hints, core, family, preset),
            wishes,
            flip=flip,
            scales=scales,
        )
        network = networks[0].network
        least, most = limits_of(network.identity.embedded, score_threshold, top_k)
        decoder = Decoder(
            network.recognition.family,
            score_threshold=least,
            top_k=most,
            flip=flip,
            scales=scales,
            **options,
        )
        super().__init__(Pipeline(networks, decoder, tiling, clip=clip, count=requests))
        self.labels = network.identity.labels if labels is None else list(labels)
        self._recipe: tuple[tuple[Any, ...], dict[str, Any]] = (
            (model, device),
            {
                "config": config,
                "precision": precision,
                "hint": hint,
                "requests": requests,
                "family": family,
                "preset": preset,
                "labels": labels,
                **wishes,
                "clip": clip,
                "tile": tile,
                "tile_overlap": tile_overlap,
                "tile_whole": tile_whole,
                **decoder.options,
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
    def decoder(self) -> Decoder:
        """What reads the model's outputs, with the options that are in force."""
        return self._running().decoder

    @property
    def compiled_model(self) -> ov.CompiledModel:
        """What OpenVINO compiled."""
        return self._open().compiled

    def heatmap(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Where the model sees something, to be laid over an image. Infers once more, at
        one scale and without tiles.

        Args:
            image: as in a call.

        Returns:
            (H, W) float32 in 0..1, the highest score of all classes at each pixel.

        Raises:
            ValueError: the model gives no heatmap; else as a call.
        """
        return heatmap_of(self._open(), check_image(image))

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

    def close(self) -> None:
        """Wait for what was begun, and let the model go. Using the detector then raises
        RuntimeError, and so do its streams."""
        super().close()
        self._recipe = ((), {})

    def __reduce__(self) -> tuple[Callable[..., Detector], tuple[Any, ...]]:
        """By recipe: compiled models do not pickle, paths do."""
        self._running()
        arguments, options = self._recipe
        if not isinstance(arguments[0], (str, Path)):
            raise TypeError(
                "a Detector pickles only when it was made from a path, "
                f"got {type(arguments[0]).__name__}"
            )
        return functools.partial(Detector, **options), arguments

    def _open(self) -> Network:
        return self._running().network


def network_of(detector: Detector) -> Network:
    """What runs in a detector, for tools that look inside; it is opened if it is not."""
    return detector._open()
