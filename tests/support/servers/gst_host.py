"""DL Streamer's side of a custom-postproc-lib, on GStreamer's own buffers and structures.

Tensors and analytics are GStreamer's, too, where it is 1.26 or later; before that
tests/cpp/hosts/gst_analytics.cpp stands for them.
"""

import ctypes
import subprocess
from ctypes import byref, c_char_p, c_double, c_float, c_int, c_size_t, c_uint, c_uint32, c_void_p
from typing import NamedTuple

import numpy as np
import pytest
from support.paths import ROOT

SOURCES = ROOT / "tests" / "cpp" / "hosts"
ANALYTICS = "libgstanalytics-1.0.so.0"
GSTREAMER = ("libgstreamer-1.0.so.0", "libgobject-2.0.so.0", "libglib-2.0.so.0")
IS_PART_OF, ANY_RELATION = 2, 2**31 - 1
G_TYPE_STRING, G_TYPE_DOUBLE = 16 << 2, 15 << 2
TYPES = {"float16": 10, "float32": 11, "bfloat16": 13, "float64": 12}


class Mtd(ctypes.Structure):
    _fields_ = (("id", c_uint), ("meta", c_void_p))


class Value(ctypes.Structure):
    _fields_ = (("type", c_size_t), ("data", ctypes.c_uint64 * 2))


class Object(NamedTuple):
    """keypoints: (x, y, score) of each, of the group that is part of the object."""

    label: str
    place: tuple[int, int, int, int]
    score: float
    keypoints: list[tuple[int, int, float]]


class ConvertError(Exception):
    """What Convert threw."""


class Host:
    """What gvadetect does with what a model gives for one frame."""

    def __init__(self, folder):
        self._gst = self._analytics(folder)
        returns = {
            c_void_p: "gst_structure_new_empty gst_buffer_new gst_buffer_new_wrapped_full "
            "gst_tensor_new_simple gst_buffer_add_tensor_meta "
            "gst_buffer_add_analytics_relation_meta",
            c_size_t: "gst_value_array_get_type gst_analytics_od_mtd_get_mtd_type "
            "gst_analytics_group_mtd_get_mtd_type gst_analytics_group_mtd_get_member_count",
            c_char_p: "g_quark_to_string",
            c_uint32: "g_quark_from_string gst_analytics_od_mtd_get_obj_type",
        }
        for kind, names in returns.items():
            for name in names.split():
                getattr(self._gst, name).restype = kind
        self._gst.gst_init(None, None)
        self._shim = self._built("dlstreamer_host", folder / "libhost.so", "-ldl")

    def _analytics(self, folder):
        for library in GSTREAMER:
            try:
                ctypes.CDLL(library)
            except OSError:
                pytest.skip(f"no {library}: GStreamer is not installed")
        try:
            self.is_real = True
            found = ctypes.CDLL(ANALYTICS)
            found.gst_tensor_new_simple  # noqa: B018  # from 1.26 on
            return found
        except (OSError, AttributeError):
            self.is_real = False
            needed = [f"-l:{library}" for library in GSTREAMER]
            flags = [f"-Wl,-soname,{ANALYTICS}", "-Wl,--no-as-needed", *needed]
            return self._built("gst_analytics", folder / ANALYTICS, *flags)

    @staticmethod
    def _built(source, target, *flags):
        command = ["c++", "-std=c++17", "-O1", "-shared", "-fPIC", "-o", target]
        subprocess.run([*command, SOURCES / f"{source}.cpp", *flags], check=True)
        return ctypes.CDLL(str(target))

    def structure(self, name, **fields):
        """A GstStructure; a list is of strings, as DL Streamer hands over labels."""
        made = c_void_p(self._gst.gst_structure_new_empty(name.encode()))
        for key, field in fields.items():
            value = self._value(field)
            self._gst.gst_structure_set_value(made, key.encode(), byref(value))
            self._gst.g_value_unset(byref(value))
        return made

    def _value(self, field):
        value = Value()
        if isinstance(field, str):
            self._gst.g_value_init(byref(value), c_size_t(G_TYPE_STRING))
            self._gst.g_value_set_string(byref(value), field.encode())
        elif isinstance(field, float):
            self._gst.g_value_init(byref(value), c_size_t(G_TYPE_DOUBLE))
            self._gst.g_value_set_double(byref(value), c_double(field))
        else:
            kind = self._gst.gst_value_array_get_type()
            self._gst.g_value_init(byref(value), c_size_t(kind))
            for item in map(self._value, field):
                self._gst.gst_value_array_append_value(byref(value), byref(item))
                self._gst.g_value_unset(byref(item))
        return value

    def tensors(self, buffer, heads, column_major=False):
        """A GstTensorMeta of arrays by the names of their layers; uint16 holds bfloat16."""
        made = []
        for name, head in heads.items():
            size = c_size_t(head.nbytes)
            data = self._gst.gst_buffer_new_wrapped_full(
                0, c_void_p(head.ctypes.data), size, c_size_t(0), size, None, None
            )
            dims = (c_size_t * head.ndim)(*head.shape)
            kind = TYPES["bfloat16" if head.dtype == np.uint16 else head.dtype.name]
            quark = self._gst.g_quark_from_string(name.encode())
            given = quark, kind, c_void_p(data), int(column_major), c_size_t(head.ndim), dims
            made.append(self._gst.gst_tensor_new_simple(*given))
        # GStreamer frees the array.
        self._gst.g_malloc.restype = c_void_p
        array = self._gst.g_malloc(c_size_t(8 * len(made)))
        (c_void_p * len(made)).from_address(array)[:] = made
        meta = c_void_p(self._gst.gst_buffer_add_tensor_meta(buffer))
        self._gst.gst_tensor_meta_set(meta, len(made), c_void_p(array))
        return meta

    def __call__(self, library, heads, network, params, **options):
        """The objects that Convert adds, in its order.

        Raises:
            ConvertError: it threw.
        """
        buffer = c_void_p(self._gst.gst_buffer_new())
        meta = self.tensors(buffer, heads, **options)
        relations = c_void_p(self._gst.gst_buffer_add_analytics_relation_meta(buffer))
        structures = self.structure("network", **network), self.structure("params", **params)
        message = ctypes.create_string_buffer(1000)
        status = self._shim.host_convert(
            library.encode(), meta, *structures, relations, message, c_size_t(len(message))
        )
        if status != 0:
            raise ConvertError(message.value.decode())
        found = [*self._objects(relations)]
        self._gst.gst_mini_object_unref(buffer)
        for structure in structures:
            self._gst.gst_structure_free(structure)
        return found

    def _objects(self, relations):
        state, mtd = c_void_p(), Mtd()
        kind = c_size_t(self._gst.gst_analytics_od_mtd_get_mtd_type())
        while self._gst.gst_analytics_relation_meta_iterate(
            relations, byref(state), kind, byref(mtd)
        ):
            place, score = (c_int * 4)(), c_float()
            pointers = [byref(place, 4 * i) for i in range(4)]
            self._gst.gst_analytics_od_mtd_get_location(byref(mtd), *pointers, byref(score))
            label = self._gst.g_quark_to_string(
                self._gst.gst_analytics_od_mtd_get_obj_type(byref(mtd))
            )
            keypoints = [*self._keypoints(relations, mtd)]
            yield Object(label.decode(), tuple(place), score.value, keypoints)

    def _keypoints(self, relations, owner):
        group, back = Mtd(), Mtd()
        kind = c_size_t(self._gst.gst_analytics_group_mtd_get_mtd_type())
        related = self._gst.gst_analytics_relation_meta_get_direct_related
        if not related(relations, owner.id, ANY_RELATION, kind, None, byref(group)):
            return
        kind = c_size_t(self._gst.gst_analytics_od_mtd_get_mtd_type())
        assert related(relations, group.id, IS_PART_OF, kind, None, byref(back))
        assert back.id == owner.id
        for i in range(self._gst.gst_analytics_group_mtd_get_member_count(byref(group))):
            one, score, place = Mtd(), c_float(), (c_int * 4)()
            self._gst.gst_analytics_group_mtd_get_member(byref(group), c_size_t(i), byref(one))
            pointers = [byref(place, 4 * axis) for axis in range(4)]
            self._gst.gst_analytics_keypoint_mtd_get_position(byref(one), *pointers)
            self._gst.gst_analytics_keypoint_mtd_get_confidence(byref(one), byref(score))
            yield place[0], place[1], score.value
