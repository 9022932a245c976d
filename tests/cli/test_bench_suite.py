"""The decoders of `centerdecode bench` against the oracle, and how they are timed."""

import time

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode.cli._suite import (
    RIVALS,
    Workload,
    _growth,
    _machine,
    _numpy_family,
    _report,
    _synthetic_heads,
    _timing,
    expected,
    ours,
    rounded,
    verify,
)
from oracles import specification as oracle
from support.models import BOX, SCORE, WITH_HEADS, class_id, heads

PLAIN_BOXES = [family for family in WITH_HEADS if {*family.heads} <= {"heatmap", "wh", "offset"}]


def small(threshold, activation="sigmoid", top_k=10):
    """Return heads that are odd in every way, and what the oracle finds in them."""
    heatmap, wh, offset = _synthetic_heads.synthetic(3, 13, 18, objects=8)
    heatmap = heatmap if activation == "sigmoid" else 1 / (1 + np.exp(-heatmap))
    work = Workload("small", heatmap, wh, offset, activation, threshold, top_k)
    options = {"score_threshold": threshold, "top_k": top_k, "plateaus": "keep"}
    return work, oracle.decode_boxes(*work.heads, activation=activation, **options)


@pytest.mark.parametrize(("threshold", "activation"), [(0.0, "sigmoid"), (0.3, "none")])
@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_rivals_agree_with_the_oracle(rival, threshold, activation):
    work, wanted = small(threshold, activation)
    try:
        decode = rival.prepare(work)
    except ImportError as error:
        pytest.skip(str(error))
    assert len(wanted[0]) == 10 if threshold == 0 else len(wanted[0]) > 2
    verify(decode(), wanted)
    verify(expected(work), wanted)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ["f32", "f16", "bf16"])
def test_ours_agrees_in_every_form(element_type, layout):
    work = rounded(small(0.1)[0], element_type)
    options = {"score_threshold": 0.1, "top_k": 10, "plateaus": "keep"}
    verify(ours(work, element_type, layout)(), oracle.decode_boxes(*work.heads, **options))


def test_verify_sees_what_is_wrong():
    _, wanted = small(0.0)
    found = list(map(np.copy, wanted))
    verify(found, wanted)
    for change in (
        lambda xyxy, scores, class_ids: (xyxy + np.eye(4)[3] / 10, scores, class_ids),
        lambda xyxy, scores, class_ids: (xyxy, scores * 1.001, class_ids),
        lambda xyxy, scores, class_ids: (xyxy, scores, class_ids + (np.arange(10) == 3)),
        lambda xyxy, scores, class_ids: (xyxy[:-1], scores[:-1], class_ids[:-1]),
        lambda xyxy, scores, class_ids: (xyxy[::-1], scores, class_ids),
    ):
        with pytest.raises(AssertionError):
            verify(change(*found), wanted)


@pytest.mark.parametrize("family", PLAIN_BOXES, ids=lambda family: family.name)
def test_numpy_decodes_the_box_of_every_plain_family(family):
    arrays = heads(family)
    assert _numpy_family.why_not(family, arrays) == ""
    decode = _numpy_family.numpy_decoder(family, score_threshold=0.5, top_k=10)
    xyxy, scores, class_ids = decode(arrays)
    np.testing.assert_allclose(xyxy, [BOX], rtol=1e-6)
    np.testing.assert_allclose(scores, [SCORE], rtol=1e-6)
    assert class_ids.tolist() == [class_id(family)]


def test_calls_take_turns():
    order = []
    times = _timing.interleaved(
        [lambda: order.append("a"), lambda: order.append("b")], rounds=3, warm_up=1
    )
    assert "".join(order) == "abababab"
    assert [len(own) for own in times] == [3, 3]


def test_medians_are_those_of_the_second_time():
    order = []
    found = _timing.medians(
        [lambda: order.append("a"), lambda: (order.append("b"), time.sleep(0.002))], rounds=3
    )
    assert "".join(order[-12:]) == "aabb" * 3
    assert found[0] < 0.002 <= found[1] < 0.2


def test_times_are_told_as_one_reads_them():
    assert [_report.time_text(seconds) for seconds in (1.234e-5, 1.5e-3, 0.1437, 1.5)] == [
        "12.3 us",
        "1.5 ms",
        "144 ms",
        "1.5 s",
    ]
    assert [_report.multiple_text(ratio) for ratio in (1.154, 12.3)] == ["1.15 x", "12 x"]


def test_the_machine_is_named():
    facts = _machine.facts()
    assert facts["cpu"]
    assert facts["isa"] == cd.active_isa()
    assert facts["openvino"].startswith(ov.__version__.split("-")[0])


def test_growth_panels_make_what_they_say():
    made = {panel.what.split(",")[0]: panel.make(panel.values[0]) for panel in _growth.PANELS}
    assert made["side of the map"][0].heatmap.shape == (80, 16, 16)
    assert made["classes"][0].heatmap.shape == (1, 128, 128)
    assert made["top_k"][0].top_k == 1
