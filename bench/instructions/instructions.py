"""Did a decode become slower? Counted in instructions, which no noise can change.

    python bench/instructions/instructions.py             # compare with instructions.json
    python bench/instructions/instructions.py --update    # write what is counted now into it

Needs CMake, valgrind, and the compiler that the table names, to its first two numbers:
others count other numbers, and then nothing is compared, and the program says so.
valgrind 3.19 has no AVX-512, so it is AVX2 and scalar.
"""

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "instructions"
TABLE = Path(__file__).with_suffix(".json")
OPTIONS = ["BUILD_TYPE=Release", "CXX_EXTENSIONS=OFF"]


def build():
    """Return the program that decodes."""
    options = [f"-DCMAKE_{option}" for option in OPTIONS]
    options += ["-DCENTERDECODE_PYTHON=OFF", "-DCENTERDECODE_BENCH=ON"]
    for command in (
        ["cmake", "-S", ROOT, "-B", BUILD, *options],
        ["cmake", "--build", BUILD, "--target", "count_decodes"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
    return BUILD / "bench" / "instructions" / "count_decodes"


def count(program):
    """Return the compiler, and instructions by case."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                "valgrind", "--tool=callgrind", "--collect-atstart=no",
                f"--callgrind-out-file={folder}/out", program,
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        profiles = [path.read_text() for path in Path(folder).iterdir()]
    counts = {}
    for profile in profiles:
        case = re.search(r"^desc: Trigger: Client Request: (.*)$", profile, re.MULTILINE)
        if case:
            counts[case[1]] = int(
                re.search(r"^(?:summary|totals): (\d+)", profile, re.MULTILINE)[1]
            )
    lines = done.stdout.splitlines()
    names = [line.rpartition(": ")[0] for line in lines[1:]]
    assert sorted(names) == sorted(counts), (names, counts)
    return lines[0].removeprefix("compiler: "), {name: counts[name] for name in names}


def compare(counts, table):
    """Print a line a case; return those that do not hold."""
    tolerance = table["tolerance"]
    wrong = sorted({*counts} ^ {*table["counts"]})
    for name in wrong:
        print(f"{name}: only in {'the program' if name in counts else TABLE.name}")
    for name, own in counts.items():
        if name in wrong:
            continue
        change = own / table["counts"][name] - 1
        holds = abs(change) <= tolerance
        verdict = "" if holds else "  SLOWER" if change > 0 else "  FASTER: record it"
        print(f"{name:28} {own:12,} {100 * change:+7.2f} %{verdict}")
        if not holds:
            wrong.append(name)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help=f"write {TABLE.name}")
    update = parser.parse_args().update
    table = json.loads(TABLE.read_text()) if TABLE.is_file() else {"tolerance": 0.03}
    lacking = [tool for tool in ("cmake", "valgrind") if shutil.which(tool) is None]
    if lacking or platform.machine() != "x86_64":
        print(f"skipped: needs x86-64, cmake and valgrind; this is {platform.machine()} {lacking}")
        return 0
    compiler, counts = count(build())
    if update:
        table |= {"compiler": compiler, "counts": counts}
        TABLE.write_text(json.dumps(table, indent=2) + "\n")
        print(f"{TABLE.name}: {len(counts)} cases of {compiler}")
        return 0
    if compiler.split(".")[:2] != table["compiler"].split(".")[:2]:
        print(f"skipped: counts are those of {table['compiler']}, and this is {compiler}")
        return 0
    wrong = compare(counts, table)
    if wrong:
        print(f"{len(wrong)} of {len(counts)} differ by more than {100 * table['tolerance']:g} %; "
              "where that is meant: python bench/instructions/instructions.py --update")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
