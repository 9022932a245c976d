"""`centerdecode inspect` says what it knows and who says so, and writes it into the model."""

import json
import shutil

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, presets
from support import models

IMAGE = np.zeros((*models.NETWORK, 3), np.uint8)


@pytest.fixture
def path(tmp_path):
    """Return a CENTERNET model as a file, whose input may be of any size."""
    model = models.constant(models.outputs(families.CENTERNET), shape=(1, 3, -1, -1))
    ov.save_model(model, tmp_path / "model.xml", compress_to_fp16=False)
    return tmp_path / "model.xml"


def save(model, path):
    ov.save_model(model, path, compress_to_fp16=False)
    return path


def test_json_says_the_same_to_programs(run, tmp_path):
    arrays = models.outputs(families.CENTERNET)
    model = models.constant(arrays | {"more": arrays["hm"]})
    model.set_rt_info("cat dog", ["model_info", "labels"])
    model.set_rt_info("standard", ["model_info", "resize_type"])
    model.set_rt_info("[1,1,1]", ["conversion_parameters", "mean_values"])
    model.set_rt_info("[2,2,2]", ["conversion_parameters", "scale_values"])
    save(model, tmp_path / "m.xml")
    status, out, err = run("inspect", "-m", tmp_path / "m.xml", "--json", "--color", "rgb")
    told = json.loads(out)
    assert (status, err) == (0, "")
    ours = {"names": ["wh"], "shape": [1, 2, 8, 12], "element_type": "f32"}
    assert told["outputs"][1] == ours
    assert told["inputs"] == [{"names": ["image"], "shape": [1, 3, 32, 48], "element_type": "f32"}]
    assert told["heads"] == {"heatmap": 0, "wh": 1, "offset": 2}
    assert told["unused_outputs"] == [3]
    origins = {field: fact["origin"] for field, fact in told["network_input"].items()}
    converted = "in the graph already, says the conversion in the model's rt_info"
    assert origins == {
        "size": "the model's input",
        "resize": "the model's rt_info",
        "color": "asked for",
        "mean": converted,
        "scale": converted,
        "pad_value": "family CENTERNET",
    }
    values = {field: fact["value"] for field, fact in told["network_input"].items()}
    assert values["size"] == [32, 48]
    assert (values["resize"], values["color"], values["mean"]) == ("stretch", "RGB", [0, 0, 0])
    assert told["labels"] == {"value": ["cat", "dog"], "origin": "the model's rt_info"}
    assert told["family"]["box_encoding"] == "wh"
    assert cd.Family.from_json(json.dumps(told["family"])).name == told["name"] == "CENTERNET"


def test_a_head_that_is_told_by_its_shape_is_said_so(run, tmp_path):
    hm, wh, _ = models.outputs(families.CENTERNET).values()
    _, out, _ = run("inspect", "-m", save(models.constant({"a": hm, "b": wh}), tmp_path / "m.xml"))
    assert "wh is b [1, 2, 8, 12], by its shape\n" in out
    assert "output shapes fit family CENTERNET\n" in out


def test_a_preset_says_its_source_its_labels_and_its_keypoints(run, tmp_path):
    arrays = models.zoo_outputs(keypoints=True)
    model = models.constant(arrays, shape=(1, -1, -1, 3), element_type="u8")
    save(model, tmp_path / "centernet_mobilenetv2_fpn_kpts.xml")
    _, out, _ = run("inspect", "-m", tmp_path / "centernet_mobilenetv2_fpn_kpts.xml")
    name = "centernet_mobilenetv2fpn_512x512_coco17_kpts"
    facts = [
        f"the model is named {name}\n", "the preset is from TF2 detection zoo",
        "size: any (the image)\n", f"color: RGB (preset {name})\n", "left_shoulder",
        "are no head of it\n",
    ]  # fmt: skip
    assert [fact for fact in facts if fact not in out] == []
    assert f"1, preset {name}: person" in out
    status, out, _ = run("inspect", "-m", tmp_path / "centernet_mobilenetv2_fpn_kpts.xml",
                         "--preset", "ctdet_coco_hg")  # fmt: skip
    assert status == 2


def test_the_presets_are_listed(run):
    assert run("inspect", "--list-presets") == (0, "\n".join(presets.NAMES) + "\n", "")


def test_a_wrong_preset_is_refused_with_their_names(run, path):
    status, _, err = run("inspect", "-m", path, "--preset", "yolo")
    assert (status, "must be one of ctdet_coco_dlav0_384, " in err) == (2, True)


OPTIONS = ["--size", "32", "48", "--resize", "corner", "--color", "RGB", "--mean", "1", "2", "0.3",
           "--scale", "3", "--pad-value", "7", "--labels", "coco"]  # fmt: skip


def test_a_model_that_was_written_needs_no_options(run, path, tmp_path):
    out = tmp_path / "ready.xml"
    status, text, _ = run("inspect", "-m", path, *OPTIONS, "--write-family", out)
    assert (status, text.splitlines()[-1]) == (0, f"written: {out}")
    plain = cd.Detector(path, size=(32, 48), resize="corner", color="RGB", mean=(1, 2, 0.3),
                        scale=3, pad_value=7)  # fmt: skip
    ready = cd.Detector(out)
    assert ready.family == plain.family
    assert ready.family.mean == (1, 2, 0.3)
    assert ready.labels[9] == "traffic light"  # with its space
    assert ready.why[0] == "the model's rt_info names the family"
    np.testing.assert_array_equal(ready(IMAGE).xyxy, plain(IMAGE).xyxy)
    np.testing.assert_array_equal(ready(IMAGE).scores, plain(IMAGE).scores)  # to the last bit
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_what_was_written_is_in_intels_words_too(run, path, tmp_path):
    run("inspect", "-m", path, *OPTIONS, "--write-family", tmp_path / "ready.xml")
    model = ov.Core().read_model(tmp_path / "ready.xml")
    keys = ("reverse_input_channels", "mean_values", "scale_values", "resize_type", "pad_value")
    told = [model.get_rt_info(["model_info", key]).astype(str) for key in keys]
    assert told == ["YES", "1 2 0.3", "3 3 3", "fit_to_window", "7"]
    labels = model.get_rt_info(["model_info", "labels"]).astype(str).split()
    assert (len(labels), labels[9]) == (80, "traffic_light")


def test_what_intel_has_no_word_for_is_not_left_standing_as_it_was(run, tmp_path):
    model = models.constant(models.outputs(families.CENTERNET))
    model.set_rt_info("standard", ["model_info", "resize_type"])
    path = save(model, tmp_path / "m.xml")
    run("inspect", "-m", path, "--resize", "affine", "--write-family", tmp_path / "ready.xml")
    ready = ov.Core().read_model(tmp_path / "ready.xml")
    assert ready.get_rt_info(["model_info", "resize_type"]).astype(str) == ""
    assert cd.Detector(tmp_path / "ready.xml").family.resize == "affine"


def test_what_the_graph_does_itself_stays_said_of_it(run, tmp_path):
    model = models.constant(models.outputs(families.CENTERNET))
    for key, value in {"embedded_processing": "True", "mean_values": "5 5 5"}.items():
        model.set_rt_info(value, ["model_info", key])
    path = save(model, tmp_path / "m.xml")
    run("inspect", "-m", path, "--labels", "coco", "--write-family", tmp_path / "ready.xml")
    ready = ov.Core().read_model(tmp_path / "ready.xml")
    assert ready.get_rt_info(["model_info", "mean_values"]).astype(str) == "5 5 5"
    assert cd.Detector(tmp_path / "ready.xml").family.mean == (0, 0, 0)
    assert cd.Detector(tmp_path / "ready.xml").labels[0] == "person"


def test_a_head_without_its_name_is_written_under_one(run, tmp_path):
    planes = models.outputs(families.CENTERNET)
    for names in (("a", "b"), ((), ())):
        model = models.constant(dict(zip(["h", "w"], [planes["hm"], planes["wh"]], strict=True)))
        for port, name in zip(model.outputs, names, strict=True):
            port.get_tensor().set_names({name} if name else set())
        plain = cd.Detector(model)
        path = save(model, tmp_path / "m.xml")
        ready = tmp_path / f"{names[0]}ready.xml"
        assert run("inspect", "-m", path, "--write-family", ready)[0] == 0
        assert cd.Detector(ready).family.replace(heads=plain.family.heads) == plain.family
        np.testing.assert_array_equal(cd.Detector(ready)(IMAGE).xyxy, [[16, 10, 28, 18]])


def test_no_file_is_replaced_unless_told(run, path, tmp_path):
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    for target in (path, tmp_path / "link.xml"):
        if not target.exists():
            target.symlink_to(path)
        status, _, err = run("inspect", "-m", path, "--size", "32", "48", "--write-family", target)
        assert (status, "is there; pass --overwrite to replace it" in err) == (2, True)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
    arguments = ("inspect", "-m", path, "--size", "32", "48", "--write-family", path)
    assert run(*arguments, "--overwrite")[0] == 0
    assert cd.Detector(path).family.size == (32, 48)
    np.testing.assert_allclose(cd.Detector(path)(IMAGE).xyxy, [models.BOX], rtol=1e-6)


@pytest.mark.parametrize(
    ("target", "message"),
    [("out.onnx", "must end in .xml, got"), ("none/out.xml", "No such file or directory")],
)
def test_where_nothing_can_be_written_is_said(run, path, tmp_path, target, message):
    arguments = ("inspect", "-m", path, "--size", "32", "48", "--write-family", tmp_path / target)
    status, _, err = run(*arguments)
    assert (status, message in err) == (2, True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["model.bin", "model.xml"]


def test_a_failure_leaves_both_files_as_they_were(run, path, tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("no room")

    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    monkeypatch.setattr(ov, "save_model", fail)
    arguments = ("inspect", "-m", path, "--size", "32", "48", "--write-family", path, "--overwrite")
    status, _, err = run(*arguments)
    assert (status, "no room" in err) == (2, True)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_real_model_that_was_written_finds_the_same(run, test_data, tmp_path):
    source = test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
    ready = tmp_path / "ready.xml"
    options = ["--resize", "letterbox", "--color", "RGB", "--mean", "0", "--scale", "1"]
    assert (
        run("inspect", "-m", source, *options, "--labels", "coco", "--write-family", ready)[0] == 0
    )
    photo = cv2.imread(str(test_data / "images" / "cn_33887522274_eebd074106_k.jpg"))
    plain = cd.Detector(source, resize="letterbox", color="RGB", mean=0, scale=1)(photo)
    detector = cd.Detector(ready)
    found = detector(photo)
    np.testing.assert_array_equal(found.xyxy, plain.xyxy)
    np.testing.assert_array_equal(found.scores, plain.scores)
    assert [detector.labels[i] for i in found.class_ids][:3] == ["car", "person", "bus"]


def test_a_real_preset_that_was_written_is_the_same_under_any_name(run, test_data, tmp_path):
    folder = test_data / "models" / "person-detection-0202"
    for ending in ("xml", "bin"):
        shutil.copy(folder / f"person-detection-0202.{ending}", tmp_path / f"any.{ending}")
    plain = cd.Detector(tmp_path / "any.xml")  # its name is in it
    assert plain.labels == ["person"]
    assert run("inspect", "-m", tmp_path / "any.xml", "--write-family", tmp_path / "x.xml")[0] == 0
    photo = cv2.imread(str(test_data / "images" / "cn_16004479832_a748d55f21_k.jpg"))
    ready = cd.Detector(tmp_path / "x.xml")
    assert ready.labels == ["person"]
    np.testing.assert_allclose(ready(photo).xyxy, plain(photo).xyxy, atol=0.01)  # f16 inside
    assert len(plain(photo)) >= 3
