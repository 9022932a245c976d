"""If only one file is run, this is the one: centerdecode is here, loads and decodes."""

import subprocess
import sys

import centerdecode as cd
import numpy as np


def test_a_head_made_by_hand_gives_the_box_worked_out_by_hand():
    heatmap = np.full((2, 4, 6), -8, np.float32)
    wh, offset = np.zeros((2, 4, 6), np.float32), np.zeros((2, 4, 6), np.float32)
    heatmap[1, 2, 3] = 2  # class 1 at row 2, column 3: sigmoid(2) is 0.8808
    wh[:, 2, 3], offset[:, 2, 3] = (3, 2), (0.25, 0.5)
    # center ((3 + .25) * 4, (2 + .5) * 4) = (13, 10); half the size is (6, 4)
    found = cd.decode_boxes(heatmap, wh, offset, stride=4)
    assert found.xyxy.tolist() == [[7, 6, 19, 14]]
    assert found.scores.tolist() == [float(np.float32(1 / (1 + np.exp(-2.0))))]
    assert found.class_ids.tolist() == [1]
    assert [array.dtype for array in (found.xyxy, found.scores)] == [np.float32, np.float32]
    assert found.class_ids.dtype == np.int32
    on_photo = cd.decode_boxes(
        heatmap, wh, offset, transform=[[2, 0, 1], [0, 2, -3]], clip=(20, 30)
    )
    assert on_photo.xyxy.tolist() == [[15, 9, 30, 20]]


def test_every_instruction_set_finds_the_peak():
    heatmap = np.zeros((1, 3, 70), np.float32)
    heatmap[0, 1, 66] = 1
    for isa in cd.supported_isas():
        with cd.use_isa(isa):
            peaks = cd.find_peaks(heatmap, activation="none", score_threshold=0.5)
            assert (peaks.ys.tolist(), peaks.xs.tolist()) == ([1], [66]), isa


def test_the_public_names_are_there():
    assert cd.__version__.count(".") == 2
    assert [name for name in cd.__all__ if name != "Detector" and not hasattr(cd, name)] == []
    assert set(cd.__all__) <= set(dir(cd))


def test_import_does_not_import_what_a_decode_does_not_need():
    lazy = "openvino", "cv2", "supervision", "tqdm", "torch", "PIL", "asyncio"
    code = f"import sys, centerdecode; print([n for n in {lazy} if n in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(cd, "ctdet_decode")
