"""An image's detections as the text files of YOLO and Pascal VOC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from ..families import name_of
from ..results import Detections

# What XML 1.0 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_yolo(detections: Detections, image_size: tuple[int, int]) -> str:
    """Lines of class, center x, center y, width, height and score.

    Args:
        image_size: (height, width) of the image; the numbers are fractions of it,
            with 6 digits.

    Returns:
        A line for each detection, "class cx cy w h score".
    """
    height, width = image_size
    lines = []
    for row in detections:
        x1, y1, x2, y2 = row.xyxy.tolist()
        box = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
        lines.append(f"{row.class_id} {' '.join(f'{n:.6f}' for n in (*box, row.score))}\n")
    return "".join(lines)


def to_voc(
    detections: Detections,
    image_size: tuple[int, int],
    filename: str,
    labels: Sequence[str] | None = None,
) -> str:
    """A Pascal VOC annotation, XML, as its development kit describes it.

    Args:
        image_size: (height, width) of the image, which is said to have 3 channels.
        filename: of the image, without its folder.
        labels: names of the classes; a class that has none is named by its number.

    Returns:
        The text, with its declaration. Boxes are whole pixels, counted from 1, and
        xmax and ymax belong to them: the whole image is 1, 1, width, height. Each
        object also has its score (6 digits), which VOC's readers pass over.
    """
    height, width = image_size
    root = ElementTree.Element("annotation")
    _add(root, filename=filename)
    _add(ElementTree.SubElement(root, "size"), width=width, height=height, depth=3)
    _add(root, segmented=0)
    for row in detections:
        found = ElementTree.SubElement(root, "object")
        _add(found, name=name_of(labels, row.class_id), pose="Unspecified", truncated=0)
        _add(found, difficult=0)
        x1, y1, x2, y2 = (round(corner) for corner in row.xyxy.tolist())
        xmin, ymin = (min(max(low, 0), most - 1) + 1 for low, most in ((x1, width), (y1, height)))
        xmax, ymax = max(min(x2, width), xmin), max(min(y2, height), ymin)
        box = ElementTree.SubElement(found, "bndbox")
        _add(box, xmin=xmin, ymin=ymin, xmax=xmax, ymax=ymax)
        _add(found, score=round(row.score, 6))
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _add(parent: ElementTree.Element, **texts: object) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = _NOT_XML.sub("\ufffd", str(text))
