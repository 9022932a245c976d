"""What all benchmarks share."""

import sys
from pathlib import Path

import pytest

# What benchmarks share is in `inputs`. The oracle is the tests', which pytest finds; nothing but
# numbers is taken from there.
sys.path.insert(0, str(Path(__file__).resolve().parent))

SHORT = pytest.mark.benchmark(max_time=0.3, min_rounds=5)
measured = pytest.StashKey[list]()


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(SHORT, append=False)


@pytest.fixture
def record(request):
    """Add a line to the table that ends the run."""
    return request.config.stash.setdefault(measured, []).append


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash.get(measured, [])
    if lines:
        terminalreporter.section("limits")
    for line in lines:
        terminalreporter.write_line(line)
