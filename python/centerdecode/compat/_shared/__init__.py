"""What several programs' decoders share: arrays in and out, top-K, heads read at cells, and stages of ours."""

from ._arrays import as_numpy, like
from ._core_calls import aggregate_edges, choose_candidates, rank_quadruples, rescored
from ._gather import (
    boxes_around,
    cells_of,
    gather,
    offsets_at,
    require_cells,
    require_channels,
    rows_of,
)
from ._logits import top_k_of_logits
from ._top_k import TopK, top_k

__all__ = [
    "TopK",
    "aggregate_edges",
    "as_numpy",
    "boxes_around",
    "cells_of",
    "choose_candidates",
    "gather",
    "like",
    "offsets_at",
    "rank_quadruples",
    "require_cells",
    "require_channels",
    "rescored",
    "rows_of",
    "top_k",
    "top_k_of_logits",
]
