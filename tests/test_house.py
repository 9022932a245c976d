"""The rules of the house: rooms, the arrows between them, and their sizes.

A room is a folder. Its face is its `__init__.py`; its other files are private. An arrow is an
import or an include, also one for type checkers alone.
"""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from support.paths import ROOT

PACKAGE = ROOT / "python" / "centerdecode"
CPP = ROOT / "cpp"

if not CPP.is_dir():
    pytest.skip(f"no sources at {ROOT}", allow_module_level=True)

MOST_FILES = 15
MOST_FLOORS = 10
MOST_LINES_OF_A_BINDING = 80

# Folders and bindings that are over their budget, and what they may have at most. They get
# smaller with each kind of head that the core's decoder learns.
FULL_FOLDERS = {
    "cpp/bindings": 40,
    "cpp/include/centerdecode": 21,
    "python/centerdecode/decoding": 23,
}
LONG_BINDINGS = {
    "bind_bev.cpp": 120,
    "bind_boxes.cpp": 87,
    "bind_boxes3d.cpp": 121,
    "bind_extreme_points.cpp": 141,
    "bind_joined_pairs.cpp": 107,
    "bind_keypoints.cpp": 97,
    "bind_levels.cpp": 121,
    "bind_masks.cpp": 126,
    "bind_mirror.cpp": 131,
    "bind_quadruples.cpp": 108,
    "bind_refinement.cpp": 90,
    "bind_triplets.cpp": 121,
}

# The rooms of the C++ core, each above those that it may include.
CORE = ["kernels", "peaks", "heads", "poses", "groups", "merging", "settings", "decoder"]

# The rooms of the package, floor by floor from the ground. A room imports lower floors alone.
FLOORS = [
    ["_core", "_lazy", "_files"],
    ["results", "video", "_isa", "_moved"],
    ["families"],
    ["images", "interop", "_paths"],
    ["decoding", "presets"],
    ["models"],
    ["graph", "compat", "detector"],
    [""],
    ["adapters"],
    ["cli"],
]


@cache
def modules():
    """Return the modules of the package by their dotted names; "" is the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name == "__main__.py":
            continue  # a way in, and no room
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    found["_core"] = PACKAGE / "_core.pyi"
    return found


def is_room(name):
    """Return whether a module is a folder."""
    return modules()[name].name == "__init__.py"


def room_of(name):
    """Return the room that a module lies in: a folder, or a module beside the folders."""
    if is_room(name) or "." not in name:
        return name
    return name.rpartition(".")[0]


def imported(name, node):
    """Return the modules that an import statement of a module names."""
    package = name if is_room(name) else name.rpartition(".")[0]
    if isinstance(node, ast.Import):
        named = [alias.name for alias in node.names]
        return [n.partition(".")[2] for n in named if n.split(".")[0] == "centerdecode"]
    if not isinstance(node, ast.ImportFrom):
        return []
    if node.level == 0:
        if (node.module or "").split(".")[0] != "centerdecode":
            return []
        start = node.module.partition(".")[2]
    else:
        parts = package.split(".") if package else []
        start = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])
    found = []
    for alias in node.names:
        full = f"{start}.{alias.name}".strip(".")
        found.append(full if full in modules() else start)
    return found


def is_lazy(tree, node):
    """Return whether a statement runs on demand, or for type checkers alone."""
    return node not in tree.body and not any(
        node in ast.walk(one) for one in tree.body if isinstance(one, (ast.Try, ast.With))
    )


@cache
def arrows(*, lazy_faces):
    """Return (module, imported module) of the package. The package's own face imports some rooms
    when they are asked for: those arrows count where `lazy_faces`."""
    found = set()
    for name, path in modules().items():
        if path.suffix != ".py":
            continue
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if name == "" and not lazy_faces and is_lazy(tree, node):
                continue
            found |= {(name, other) for other in imported(name, node)}
    return sorted(found)


def floor_of(room):
    """Return the number of the floor of a room; an inner room has that of its outer one."""
    top = room.split(".")[0]
    return next(i for i, rooms in enumerate(FLOORS) if top in rooms)


def between_rooms():
    """Return the arrows from room to room that count for floors and circles."""
    pairs = ((room_of(a), room_of(b)) for a, b in arrows(lazy_faces=False))
    return {(a, b) for a, b in pairs if a != b}


def test_every_room_has_a_floor():
    rooms = {room_of(name).split(".")[0] for name in modules()}
    listed = [room for floor in FLOORS for room in floor]
    assert sorted(rooms) == sorted(listed)
    assert len(FLOORS) <= MOST_FLOORS


@pytest.mark.parametrize(("name", "other"), sorted(between_rooms()))
def test_arrows_of_the_package_point_down(name, other):
    if name.split(".")[0] == other.split(".")[0]:
        return  # within one room; test_there_is_no_circle has it
    assert floor_of(other) < floor_of(name)


def test_there_is_no_circle():
    above = {}
    for name, other in between_rooms():
        above.setdefault(name, set()).add(other)
    rooms, done = {*above}, set()
    while rooms:
        free = {room for room in rooms if not (above[room] - done) & {*above}}
        assert free, f"a circle among {sorted(rooms)}"
        rooms -= free
        done |= free


@pytest.mark.parametrize("name", sorted(modules()))
def test_other_rooms_import_the_face_of_a_room(name):
    for importer, other in arrows(lazy_faces=True):
        if other != name or is_room(name) or "." not in name:
            continue
        assert room_of(importer) == room_of(name), f"{importer} imports {name}"


def private_names(tree):
    """Return the private attributes that a module asks of other objects than its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr):
            owner = ast.unparse(node.value)
            if owner not in ("self", "cls") and not owner.startswith(("self.", "super()")):
                yield node.attr
        if isinstance(node, ast.ImportFrom) and node.level > 1:
            yield from (a.name for a in node.names if re.match(r"_[a-z]", a.name))


@pytest.mark.parametrize("name", sorted(modules()))
def test_private_names_stay_in_their_room(name):
    path = modules()[name]
    if path.suffix != ".py":
        return
    own = "\n".join(other.read_text() for other in path.parent.glob("*.py"))
    rooms = {room_of(module).split(".")[-1] for module in modules()}
    for attribute in private_names(ast.parse(path.read_text())):
        if attribute in rooms or attribute in STANDARD | BORROWED:
            continue
        assert re.search(rf"(def|class) {attribute}\b|\b{attribute}\b.*[=:]", own), attribute


# Objects of the core that one room makes for another, until the core makes its own.
BORROWED = {"_rule", "_peaks"}

# Names that the standard library and others make public in spite of their underscore.
STANDARD = {"_asdict", "_replace", "_fields", "_make"}


def test_a_private_file_name_means_one_thing():
    names = Counter(name.rpartition(".")[2] for name in modules() if name and not is_room(name))
    assert [name for name, count in names.items() if count > 1 and name != "_core"] == []


def folders(*roots):
    """Return the folders below some roots that hold sources, to be named by their path."""
    found = [
        folder
        for root in roots
        for folder in [ROOT / root, *sorted((ROOT / root).rglob("*"))]
        if folder.is_dir() and "__pycache__" not in folder.parts
    ]
    return {"argvalues": found, "ids": [str(folder.relative_to(ROOT)) for folder in found]}


@pytest.mark.parametrize("folder", **folders("cpp", "python", "tests", "bench"))
def test_no_folder_has_many_files(folder):
    names = [path.name for path in folder.iterdir() if path.is_file()]
    most = FULL_FOLDERS.get(str(folder.relative_to(ROOT)), MOST_FILES)
    assert len(names) <= most, sorted(names)


@pytest.mark.parametrize("path", sorted((CPP / "bindings").glob("*.cpp")), ids=lambda p: p.name)
def test_a_binding_is_thin(path):
    lines = len(path.read_text().splitlines())
    most = MOST_LINES_OF_A_BINDING if path.name.startswith("bind_") else 2 * MOST_LINES_OF_A_BINDING
    assert lines <= LONG_BINDINGS.get(path.name, most)


@pytest.mark.parametrize(
    "path", sorted((CPP / "bindings").glob("bind_*.cpp")), ids=lambda p: p.name
)
def test_a_binding_has_no_default(path):
    text = re.sub(r"//.*", "", path.read_text())
    assert re.search(r"py::arg\([^)]*\)\s*=", text) is None


SOURCES = sorted((CPP / "src").rglob("*.[ch]pp"))


@pytest.mark.parametrize("path", SOURCES, ids=[str(p.relative_to(CPP)) for p in SOURCES])
def test_arrows_of_the_core_point_down(path):
    room = path.relative_to(CPP / "src").parts[0]
    for name in re.findall(r'^#include "([^"]+)"', path.read_text(), re.MULTILINE):
        other = Path(name).parts[0] if "/" in name else room
        if room == "kernels" or other.endswith(".hpp"):
            continue  # kernels have rules of their own, in test_architecture.py
        assert CORE.index(other) <= CORE.index(room), name
