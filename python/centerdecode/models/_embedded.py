"""What a decoder inside a model's graph was made with, which a `Detector` cannot undo."""

from __future__ import annotations

import json
from typing import NamedTuple

from ..families import score_limit, whole_number

_SCORE_THRESHOLD, _TOP_K = 0.3, 100


class EmbeddedDecoder(NamedTuple):
    """The lowest score that it gives, a float32, and how many rows."""

    score_threshold: float
    top_k: int

    def to_json(self) -> str:
        return json.dumps(self._asdict())

    @classmethod
    def from_json(cls, text: str) -> EmbeddedDecoder:
        return cls(**json.loads(text))


def limits_of(
    embedded: EmbeddedDecoder | None, score_threshold: float | None, top_k: int | None
) -> tuple[float, int]:
    """The score threshold and the top_k of a Detector that is asked for these.

    Args:
        embedded: the decoder in its model's graph, if there is one and what it was made
            with is known: its own numbers are the defaults then, else 0.3 and 100.

    Raises:
        TypeError: no numbers.
        ValueError: a lower threshold or a greater top_k than the graph's.
    """
    own = embedded or EmbeddedDecoder(_SCORE_THRESHOLD, _TOP_K)
    threshold = own.score_threshold if score_threshold is None else score_threshold
    most = own.top_k if top_k is None else top_k
    if embedded is None:
        return threshold, most
    if score_limit(threshold) < own.score_threshold:
        raise ValueError(
            f"score_threshold must be at least {own.score_threshold:.6g} for this model, got "
            f"{score_threshold}: the decoder in its graph leaves out what scores less; embed "
            "another with a lower one"
        )
    if whole_number("top_k", most, least=0) > own.top_k:
        raise ValueError(
            f"top_k must be at most {own.top_k} for this model, got {top_k}: the decoder in its "
            "graph gives no more rows; embed another with a greater one"
        )
    return threshold, most
