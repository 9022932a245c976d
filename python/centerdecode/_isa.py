"""Which instruction set the peak scan runs on. Results are the same bits on all."""

from __future__ import annotations

from types import TracebackType

from . import _core


def active_isa() -> str:
    """The instruction set in use: the best one here, unless CENTERDECODE_ISA or
    `use_isa` chose another.

    Raises:
        ValueError: CENTERDECODE_ISA names one that does not run here.
    """
    return _core.active_isa()


def supported_isas() -> list[str]:
    """The instruction sets that this build has and this machine runs, best first."""
    return _core.supported_isas()


def build_info() -> dict[str, str | list[str]]:
    """How this was built and what runs: version, compiler, and the instruction
    sets compiled, supported here, and active."""
    return {
        "version": _core.__version__,
        "compiler": _core.compiler,
        "compiled_isas": _core.compiled_isas(),
        "supported_isas": _core.supported_isas(),
        "active_isa": _core.active_isa(),
    }


class use_isa:  # noqa: N801 - reads as a verb, with or without `with`
    """Choose the instruction set for the whole process.

    `use_isa("scalar")` stays; `with use_isa("scalar"):` puts the former back.

    Raises:
        ValueError: it does not run here; the message lists those that do.
    """

    def __init__(self, name: str) -> None:
        self._former = _core.active_isa()
        _core.set_isa(name)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _core.set_isa(self._former)
