"""`nox` lints and tests; `asan`, `aarch64`, `tidy`, `bench` and `instructions` are the rest."""

import nox

nox.options.sessions = ["lint", "tests"]


@nox.session
def lint(session: nox.Session) -> None:
    """Formats, spelling and types; mypy wants what the package imports."""
    session.install("pre-commit", ".[test]")
    session.run("pre-commit", "run", "--all-files", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The Python suite, on every instruction set that runs here."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def asan(session: nox.Session) -> None:
    """The C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer."""
    session.install("cmake", "ninja")
    session.run("cmake", "--workflow", "--preset", "asan")


@nox.session
def aarch64(session: nox.Session) -> None:
    """The C++ tests cross-compiled, under QEMU: g++-aarch64-linux-gnu and qemu-user of Debian."""
    session.install("cmake", "ninja")
    session.run("cmake", "--workflow", "--preset", "aarch64")


@nox.session
def tidy(session: nox.Session) -> None:
    """The core through clang-tidy."""
    session.install("cmake", "ninja", "clang-tidy==23.1.4")
    session.run("cmake", "--workflow", "--preset", "tidy")


@nox.session
def bench(session: nox.Session) -> None:
    """Every benchmark, each checked before it is timed."""
    session.install(".[bench,rivals]")
    session.run("pytest", "bench", *session.posargs)


@nox.session
def instructions(session: nox.Session) -> None:
    """Instruction counts of decodes against the checked-in table: valgrind of Debian."""
    session.install("cmake", "ninja")
    session.run("python", "bench/instructions/instructions.py", *session.posargs)
