"""How long does `import centerdecode` take?

    pytest bench/process/bench_import.py

In a new process each time, whose own start is the first row.
"""

import subprocess
import sys

import pytest
from inputs import fresh


@pytest.mark.parametrize("module", ["sys", "numpy", "centerdecode", "openvino"])
def test_import(benchmark, module):
    code = f"import sys, {module}; print('openvino' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(module == "openvino")
    benchmark(fresh.importing(module))
