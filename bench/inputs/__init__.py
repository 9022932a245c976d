"""What the benchmarks decode, run and start, a kind of input a module."""
