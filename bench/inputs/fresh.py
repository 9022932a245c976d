"""New processes, because a process imports once."""

import subprocess
import sys


def importing(module):
    """Return a call that starts a Python that imports the module, and ends."""
    return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
