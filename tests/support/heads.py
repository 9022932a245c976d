"""Heads to decode, in every type that tensors have, and how results are compared."""

import numpy as np

ELEMENT_TYPES = ["f32", "f16", "bf16"]
SPECIALS = [-np.inf, -1, -0.0, 0.0, 1, np.inf, np.nan]

# How the cells of a heatmap are filled; each is a trap of its own.
FILLS = {
    "noise": lambda rng, shape: rng.normal(size=shape),
    "plateaus": lambda rng, shape: rng.integers(-2, 3, size=shape) / 2,
    "sparse": lambda rng, shape: np.where(rng.random(shape) < 0.03, rng.random(shape), -9),
    "flat": lambda rng, shape: np.ones(shape),
    "zeros": lambda rng, shape: rng.choice([0.0, -0.0], size=shape),
    "nan": lambda rng, shape: np.where(rng.random(shape) < 0.1, np.nan, rng.normal(size=shape)),
    "inf": lambda rng, shape: np.where(rng.random(shape) < 0.1, np.inf, -rng.random(shape)),
    "mixed": lambda rng, shape: rng.choice(SPECIALS, size=shape),
}


def fill(name, shape, seed=0):
    """Return a float32 array of the shape; the same one for the same arguments."""
    values = FILLS[name](np.random.default_rng([seed, *shape]), shape)
    return np.asarray(values, dtype=np.float32)


def store(values, element_type):
    """Return float32 values as a tensor of the type holds them: bf16 as its 16 bits."""
    values = np.asarray(values, dtype=np.float32)
    if element_type == "bf16":
        return (values.view(np.uint32) >> 16).astype(np.uint16)
    with np.errstate(over="ignore"):  # too large for f16 is infinite
        return values.astype({"f32": np.float32, "f16": np.float16}[element_type])


def meaning(stored, element_type):
    """Return what `store` gave as the numbers that it stands for."""
    if element_type == "bf16":
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(np.float32)


def channels_last(head):
    """Return an NCHW head as an NHWC one of its own memory."""
    return np.ascontiguousarray(np.moveaxis(head, -3, -1))


def assert_same(found, expected, note=""):
    """Assert that two tuples of arrays are equal in shape, type and every element."""
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype, note
        np.testing.assert_array_equal(ours, theirs, strict=True, err_msg=note)


def arrays_of(detections):
    """Return Detections as the oracle gives them."""
    return detections.xyxy, detections.scores, detections.class_ids


def tensor_of(values, element_type):
    """Return float32 values as an ov.Tensor of the type, truncated where it is bf16."""
    import openvino

    tensor = openvino.Tensor(getattr(openvino.Type, element_type), openvino.Shape(values.shape))
    bits = np.uint32 if element_type == "f32" else np.uint16
    tensor.data.view(bits)[...] = store(values, element_type).view(bits)
    return tensor


def compile_heads(element_type, shape=(1, 6, 12, 17)):
    """Return a compiled model that cuts its input into the outputs hm, wh and reg."""
    import openvino
    from openvino import opset13

    whole = opset13.parameter(shape, np.float32, name="x")
    heads = [opset13.convert(part, element_type) for part in opset13.split(whole, 1, 3).outputs()]
    for head, name in zip(heads, ("hm", "wh", "reg"), strict=True):
        head.output(0).set_names({name})
    model = openvino.Model(heads, [whole])
    return openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
