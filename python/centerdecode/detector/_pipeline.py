"""From an image to detections: the networks that see it, and how what they show is put
together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..decoding import Decoder, Placements, zooms_of
from ..images import Size, check_image, zoomed
from ..models import Network
from ..results import Detections
from ._pending import Joined, Pending
from ._requests import Inference, Requests, in_callback
from ._tiles import Tile, Tiling

if TYPE_CHECKING:
    import openvino as ov

T = TypeVar("T")
Heads = dict[str, Any]


class ScaledNetwork(NamedTuple):
    """A network, and the test scale at which it is to prepare images."""

    network: Network
    zoom: float = 1.0


def scaled_networks(
    build: Callable[[Mapping[str, Any], int], Network],
    wishes: Mapping[str, Any],
    *,
    flip: bool,
    scales: Sequence[float] | None,
) -> list[ScaledNetwork]:
    """The network as the model is, and then one for each test scale.

    Args:
        build: makes one of fields of the family and a number of images.
        flip: each has room for an image and its mirror image.

    Raises:
        ValueError: as `build`; the model takes no larger input.
    """
    batch = 2 if flip else 1
    own = build(wishes, batch)
    size = own.size
    networks = [ScaledNetwork(own)]
    for zoom in [] if scales is None else zooms_of(scales):
        if size is None or zoomed(size, zoom) == size:
            networks.append(ScaledNetwork(own, 1.0 if size else zoom))
            continue
        try:
            networks.append(ScaledNetwork(build({**wishes, "size": zoomed(size, zoom)}, batch)))
        except ValueError as error:
            if zoom > 1:
                raise ValueError(
                    f"scales must not be over 1 for this model, got {zoom}: {error}; "
                    "tile= shows it large images in parts"
                ) from error
            networks.append(ScaledNetwork(own, zoom))
    return networks


class Runner:
    """Runs a network on images, in requests that runners of the same network share.

    mirrored: its input holds an image and behind it its mirror image.
    """

    def __init__(self, scaled: ScaledNetwork, requests: Requests, mirrored: bool) -> None:
        self.network, self._zoom = scaled
        self.requests = requests
        self._mirrored = mirrored

    def start(
        self, tile: Tile, clips: NDArray[np.float64] | None, read: Callable[[Heads, Placements], T]
    ) -> Inference[T]:
        """What `read` makes of the heads, which it must not keep.

        Of as many tiles as there are requests tensors are made at a time, in the order of
        asking, so that many threads may ask.

        Raises:
            RuntimeError: called from a callback, where it would wait for itself.
        """
        if in_callback():
            raise RuntimeError("a Detector cannot be called while it decodes")
        with self.requests.entry.held():
            begin = time.perf_counter()
            tensor, placements = self._prepare(tile, clips)
            heads_of = self.network.recognition.heads

            def read_request(request: ov.InferRequest) -> T:
                heads = {head: request.get_output_tensor(i) for head, i in heads_of.items()}
                return read(heads, placements)

            return self.requests.start(tensor, read_request, before=time.perf_counter() - begin)

    def _prepare(
        self, tile: Tile, clips: NDArray[np.float64] | None
    ) -> tuple[NDArray[Any], Placements]:
        network = self.network
        tensor, back, size = network.prepare(tile.image, tile.original, self._zoom)
        if self._mirrored:
            across = 3 if not network.embedded and network.layout == "NCHW" else 2
            tensor = np.concatenate([tensor, np.flip(tensor, across)])
        elif np.may_share_memory(tensor, tile.image):
            tensor = tensor.copy()  # a source may reuse its image before it is inferred
        back[:, 2] += tile.left, tile.top
        return tensor, Placements(back[None], clips, size)


class Pipeline:
    """Images to detections.

    Args:
        networks: as `scaled_networks` gives them.
        clip: cut boxes at the border of the image.
        count: of the requests of each network; None: as `Requests`.
    """

    def __init__(
        self,
        networks: Sequence[ScaledNetwork],
        decoder: Decoder,
        tiling: Tiling | None,
        *,
        clip: bool,
        count: int | None,
    ) -> None:
        self.network = networks[0].network
        self.decoder = decoder
        self._tiling = tiling
        self._clip = clip
        # Runners of one network share its requests.
        used = networks[1:] or networks
        compiled = {id(scaled.network): scaled.network.compiled for scaled in used}
        requests = {key: Requests(model, count) for key, model in compiled.items()}
        self._runners = [
            Runner(scaled, requests[id(scaled.network)], decoder.flip) for scaled in used
        ]

    @property
    def count(self) -> int:
        """How many inferences run at once."""
        return self._runners[0].requests.count

    def start(self, image: Any, original: Size | None = None) -> Pending[Detections]:
        """Begin with an image; waits where too many run already.

        Args:
            original: as in `Network.prepare`.

        Raises:
            TypeError, ValueError: not an image; or one at 1/n that is to be tiled.
        """
        image = check_image(image)
        clips = np.array([original or image.shape[:2]], np.float64) if self._clip else None
        tiling, network = self._tiling, self.network
        if tiling is None:
            return self._see(Tile(image, 0, 0, original=original), clips)
        if original is not None and tuple(original) != image.shape[:2]:
            raise ValueError(
                f"original_size must be that of the image where there are tiles, {image.shape[:2]}, "
                f"got {original}"
            )
        tiles = tiling.cut(image, network.size)
        return Joined(
            (self._see(tile, clips) for tile in tiles),
            lambda found: tiling.join(tiles, found, self.decoder, network.size),
        )

    def _see(self, tile: Tile, clips: NDArray[np.float64] | None) -> Pending[Detections]:
        """What is found in one image, or part of it."""
        decoder = self.decoder
        if decoder.scales is None:
            return self._runners[0].start(
                tile, clips, lambda heads, placements: decoder.decode_heads(heads, placements)[0]
            )
        return Joined(
            (runner.start(tile, clips, _kept) for runner in self._runners), self._join_scales
        )

    def _join_scales(self, seen: list[tuple[Heads, Placements]]) -> Detections:
        inputs, placements = zip(*seen, strict=True)
        return self.decoder.decode_scales(inputs, placements)[0]

    def close(self) -> None:
        """Wait for what runs. Then `start` raises RuntimeError."""
        for runner in self._runners:
            runner.requests.close()


def _kept(heads: Heads, placements: Placements) -> tuple[Heads, Placements]:
    """Copies of the tensors: those of all scales are read together, when the last of
    them is there."""
    import openvino as ov

    copies = {}
    for head, tensor in heads.items():
        copies[head] = ov.Tensor(tensor.element_type, tensor.shape)
        tensor.copy_to(copies[head])
    return copies, placements
