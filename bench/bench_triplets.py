"""How long does a decode of keypoint triplets take?

    pytest bench/bench_triplets.py

Three heatmaps of 80 x 128 x 128, the strongest 70 of each.
"""

import numpy as np
from inputs import triplet_heads
from inputs.triplet_heads import BUSY
from oracles import triplets as oracle_triplets


def verify(found, tensors):
    """By the oracle on the first classes, which have all of the top 70."""
    heatmaps = [tensors[kind] for kind in ("top_left", "bottom_right", "center")]
    for heatmap in heatmaps:
        assert np.sort(heatmap[:BUSY].ravel())[-80] > heatmap[BUSY:].max()
    some = {name: head[None, :BUSY] for name, head in tensors.items()}
    tl, br, ct = (some[kind] for kind in ("top_left", "bottom_right", "center"))
    rows, centers = oracle_triplets.decode(
        tl, br, some["top_left_tag"], some["bottom_right_tag"], some["top_left_offset"],
        some["bottom_right_offset"], ct, some["center_offset"], K=70, kernel=3, ae_threshold=0.5,
        num_dets=1000,
    )  # fmt: skip
    rows, centers = rows[0], centers[0]
    rows[:, :4] *= 4
    centers[:, :2] *= 4
    rows = oracle_triplets.rescore_by_center_region(rows[rows[:, 4] > -1], centers)
    rows = rows[rows[:, 4] >= np.float32(0.1)]
    assert len(rows) > 0
    np.testing.assert_allclose(found.scores, rows[:, 4], rtol=1e-5)
    np.testing.assert_array_equal(found.class_ids, rows[:, 7].astype(np.int32))
    np.testing.assert_allclose(found.xyxy, rows[:, :4], rtol=1e-5, atol=1e-3)


def test_coco_triplets(benchmark):
    tensors = triplet_heads.coco_triplets()
    decoder, heads = triplet_heads.triplet_decoder(), list(tensors.values())
    verify(decoder(heads)[0], tensors)
    benchmark(decoder, heads)


def test_the_read(benchmark):
    tensors = triplet_heads.coco_triplets()
    heatmaps = [tensors[kind] for kind in ("top_left", "bottom_right", "center")]
    benchmark(lambda: [heatmap.max() for heatmap in heatmaps])
