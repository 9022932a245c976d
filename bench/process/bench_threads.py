"""Do two threads decode twice as much?

    pytest bench/process/bench_threads.py

The library has no threads of its own: it lets go of the GIL, and the caller decides.
"""

from centerdecode.cli._suite import expected, ours, verify
from inputs import heads, threads


def test_one_thread(benchmark):
    work = heads.make("mb3-512")
    verify(ours(work)(), expected(work))
    benchmark(threads.Pair(work).in_turn)


def test_two_threads(benchmark):
    work = heads.make("mb3-512")
    for found in threads.Pair(work).at_once():
        verify(found, expected(work))
    benchmark(threads.Pair(work).at_once)
