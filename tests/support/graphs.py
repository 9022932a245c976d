"""Models whose inputs are heads, put behind which a decoder gets just these tensors."""

import centerdecode as cd
import numpy as np
import openvino as ov
from centerdecode import graph
from openvino import opset13 as ops
from support.heads import channels_last, fill, tensor_of
from support.sayable import channels_of

F32 = {"INFERENCE_PRECISION_HINT": "f32"}


def head_arrays(family, name="noise", batch=1, classes=3, grid=(7, 9)):
    """Return float32 arrays by head, for the heads that say boxes or keypoints."""
    single = family.keypoints is not None and family.keypoints.single
    channels = channels_of(family, joints=5)
    if not single:
        channels["heatmap"] = classes
    heads = {
        head: fill(name, (batch, channels[head], *grid), seed)
        for seed, head in enumerate(family.heads)
        if head in channels
    }
    if family.layout == "NHWC":
        heads = {head: channels_last(array) for head, array in heads.items()}
    return heads


def head_model(family, heads, element_type="f32", dynamic=False):
    """Return a model that gives what it takes: a tensor for each of the heads.

    dynamic: of any number of images of any size.
    """
    spatial = (2, 3) if family.layout == "NCHW" else (1, 2)
    parameters = []
    for head, array in heads.items():
        shape = [*array.shape]
        for axis in (0, *spatial) if dynamic else ():
            shape[axis] = -1
        type_ = getattr(ov.Type, element_type)
        parameters.append(ops.parameter(ov.PartialShape(shape), type_, name=head))
        parameters[-1].output(0).set_names({family.heads[head][0]})
    return ov.Model([own.output(0) for own in parameters], parameters, "heads")


def compiled(model, **config):
    """Return the model compiled for the CPU, in f32 unless told."""
    config = {"INFERENCE_PRECISION_HINT": "f32"} | config
    return ov.Core().compile_model(model, "CPU", config)


def infer(network, tensors):
    """Return the outputs by name."""
    found = network([*tensors])
    return {port.get_any_name(): array for port, array in found.items()}


def images_of(outputs):
    """Return the detections of each image as tuples of arrays, and assert that the rows behind
    them are empty."""
    images = []
    for i, count in enumerate(outputs["counts"]):
        rows = {name: array[i] for name, array in outputs.items() if name != "counts"}
        assert (rows.pop("class_ids")[count:] == -1).all()
        assert not any(array[count:].any() for array in rows.values())
        columns = ("boxes", "scores", "class_ids", "keypoints", "keypoint_scores")
        images.append(tuple(outputs[name][i][:count] for name in columns if name in outputs))
    return images


def columns_of(detections):
    """Return Detections as `images_of` gives them."""
    own = [detections.xyxy, detections.scores, detections.class_ids]
    if detections.keypoints is not None:
        own += [detections.keypoints, detections.keypoint_scores]
    return tuple(own)


def decoded(family, heads, **options):
    """Return what `Decoder` finds in each image, as `images_of` gives it."""
    outputs = {family.heads[head][0]: tensor for head, tensor in heads.items()}
    return [columns_of(one) for one in cd.Decoder(family, **options)(outputs)]


def shared(arrays):
    """Return tensors that are the arrays, and no copies of them."""
    return [ov.Tensor(np.ascontiguousarray(array), shared_memory=True) for array in arrays]


def passing_on(arrays, layout, element_type="f32", dynamic=False):
    """Return a model whose outputs are its inputs, heads of these shapes."""
    parameters = []
    for name, array in arrays.items():
        channel = layout.index("C")
        sides = [-1 if dynamic and i != channel else n for i, n in enumerate(array.shape)]
        kind = getattr(ov.Type, element_type)
        parameters.append(ops.parameter(ov.PartialShape(sides), kind))
        parameters[-1].output(0).set_names({name})
    return ov.Model([ops.result(one) for one in parameters], parameters, "heads")


def run(family, arrays, element_type="f32", dynamic=False, **options):
    """Return what the embedded decoder gives, by name, and what a Decoder gives."""
    model = passing_on(arrays, family.layout, element_type, dynamic)
    embedded = graph.embed(model, family, native=False, **options)
    request = ov.Core().compile_model(embedded, "CPU", F32).create_infer_request()
    tensors = {name: tensor_of(array, element_type) for name, array in arrays.items()}
    for i, tensor in enumerate(tensors.values()):
        request.set_input_tensor(i, tensor)
    request.infer()
    names = [next(iter(port.names)) for port in embedded.outputs]
    found = {name: request.get_tensor(name).data.copy() for name in names}
    return found, cd.Decoder(family, **options)(tensors)
