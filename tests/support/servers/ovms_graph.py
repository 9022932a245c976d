"""Model Server's side of a Python node, by its documentation: `pyovms`, the file that a
graph names, and in which order the functions of its class are called."""

import importlib
import importlib.util
import re
import sys
import types

import numpy as np

DATATYPES = {"e": "FP16", "f": "FP32", "d": "FP64", "i": "INT32", "B": "UINT8"}
STREAM = re.compile(r'^\s*(input|output)_stream: "(\w+):(\w+)"', re.MULTILINE)


class Tensor(np.ndarray):
    """pyovms.Tensor: a buffer, and what is said of it, which need not be what it holds."""

    def __new__(cls, name, data, shape=None, datatype=None):
        made = np.asarray(memoryview(data)).view(cls)
        made._name, made._shape, made._datatype = name, shape, datatype
        return made

    @property
    def name(self):
        return self._name

    @property
    def data(self):
        return memoryview(self)

    @property
    def shape(self):
        return tuple(self.data.shape if self._shape is None else self._shape)

    @property
    def datatype(self):
        return DATATYPES[self.data.format] if self._datatype is None else self._datatype


def pyovms():
    """The server's module where there is one, else one that stands for it."""
    if importlib.util.find_spec("pyovms") is None:
        sys.modules["pyovms"] = types.ModuleType("pyovms")
        sys.modules["pyovms"].Tensor = Tensor
    return importlib.import_module("pyovms")


class Node:
    """The Python node of a graph, from its loading on."""

    def __init__(self, graph, handler=None):
        text = graph.read_text()
        (node,) = re.findall(
            r"^node \{(?:(?!^\}).)*PythonExecutorCalculator.*?^\}", text, re.MULTILINE | re.DOTALL
        )
        path = graph.parent / re.search(r'handler_path: "(.*)"', node)[1]
        self.streams = {"input": {}, "output": {}}
        for kind, tag, name in STREAM.findall(node):
            self.streams[kind][name] = tag
        self._model = (handler or self._handler_of(path))()
        self._model.initialize(
            {
                "node_name": re.search(r'name: "(\w+)"', node)[1],
                "input_names": [*self.streams["input"]],
                "output_names": [*self.streams["output"]],
                "base_path": str(path.parent),
            }
        )

    @staticmethod
    def _handler_of(path):
        sys.path.append(str(path.parent))
        try:
            return importlib.import_module(path.stem).OvmsPythonModel
        finally:
            sys.path.remove(str(path.parent))

    def __call__(self, inputs):
        """The outputs by name. Inputs are Tensors by name, and come by their tags."""
        tags = self.streams["input"]
        outputs = self._model.execute([inputs[name] for name in sorted(inputs, key=tags.get)])
        assert [one.name for one in outputs] == [*self.streams["output"]]
        return {one.name: np.array(memoryview(one)) for one in outputs}

    def close(self):
        self._model.finalize()
