"""From an image to detections: the networks that see it, and how what they show is put
together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..decoding import Decoder, Places, zooms_of
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


class Sight(NamedTuple):
    """A network, and the test scale at which it is to prepare images."""

    network: Network
    zoom: float = 1.0


def sights_of(
    build: Callable[[Mapping[str, Any], int], Network],
    wishes: Mapping[str, Any],
    *,
    flip: bool,
    scales: Sequence[float] | None,
) -> list[Sight]:
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
    sights = [Sight(own)]
    for zoom in [] if scales is None else zooms_of(scales):
        if size is None or zoomed(size, zoom) == size:
            sights.append(Sight(own, 1.0 if size else zoom))
            continue
        try:
            sights.append(Sight(build({**wishes, "size": zoomed(size, zoom)}, batch)))
        except ValueError as error:
            if zoom > 1:
                raise ValueError(
                    f"scales must not be over 1 for this model, got {zoom}: {error}; "
                    "tile= shows it large images in parts"
                ) from error
            sights.append(Sight(own, zoom))
    return sights


class Lane:
    """How a network sees images, in which requests.

    mirrored: its input holds an image and behind it its mirror image.
    """

    def __init__(self, sight: Sight, requests: Requests, mirrored: bool) -> None:
        self.network, self._zoom = sight
        self.requests = requests
        self._mirrored = mirrored

    def start(
        self, tile: Tile, clips: NDArray[np.float64] | None, read: Callable[[Heads, Places], T]
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
            tensor, places = self._prepare(tile, clips)
            heads_of = self.network.recognition.heads

            def read_request(request: ov.InferRequest) -> T:
                heads = {head: request.get_output_tensor(i) for head, i in heads_of.items()}
                return read(heads, places)

            return self.requests.start(tensor, read_request, before=time.perf_counter() - begin)

    def _prepare(
        self, tile: Tile, clips: NDArray[np.float64] | None
    ) -> tuple[NDArray[Any], Places]:
        network = self.network
        tensor, back, size = network.prepare(tile.image, tile.original, self._zoom)
        if self._mirrored:
            across = 3 if not network.embedded and network.layout == "NCHW" else 2
            tensor = np.concatenate([tensor, np.flip(tensor, across)])
        elif np.may_share_memory(tensor, tile.image):
            tensor = tensor.copy()  # a source may reuse its image before it is inferred
        back[:, 2] += tile.left, tile.top
        return tensor, Places(back[None], clips, size)


class Pipeline:
    """Images to detections.

    Args:
        sights: as `sights_of` gives them.
        clip: cut boxes at the border of the image.
        count: of the requests of each network; None: as `Requests`.
    """

    def __init__(
        self,
        sights: Sequence[Sight],
        decoder: Decoder,
        tiling: Tiling | None,
        *,
        clip: bool,
        count: int | None,
    ) -> None:
        self.network = sights[0].network
        self.decoder = decoder
        self._tiling = tiling
        self._clip = clip
        # Lanes of one network share its requests.
        seen = sights[1:] or sights
        networks = {id(sight.network): sight.network for sight in seen}
        requests = {key: Requests(network.compiled, count) for key, network in networks.items()}
        self._lanes = [Lane(sight, requests[id(sight.network)], decoder.flip) for sight in seen]

    @property
    def count(self) -> int:
        """How many inferences run at once."""
        return self._lanes[0].requests.count

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
            return self._lanes[0].start(
                tile, clips, lambda heads, places: decoder.decode_heads(heads, places)[0]
            )
        return Joined((lane.start(tile, clips, _kept) for lane in self._lanes), self._join_scales)

    def _join_scales(self, seen: list[tuple[Heads, Places]]) -> Detections:
        inputs, places = zip(*seen, strict=True)
        return self.decoder.decode_scales(inputs, places)[0]

    def close(self) -> None:
        """Wait for what runs. Then `start` raises RuntimeError."""
        for lane in self._lanes:
            lane.requests.close()


def _kept(heads: Heads, places: Places) -> tuple[Heads, Places]:
    """Copies of the tensors: those of all scales are read together, when the last of
    them is there."""
    import openvino as ov

    copies = {}
    for head, tensor in heads.items():
        copies[head] = ov.Tensor(tensor.element_type, tensor.shape)
        tensor.copy_to(copies[head])
    return copies, places
