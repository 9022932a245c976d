"""The decoders that `centerdecode bench` and `bench/` compare, and how they are timed.

Nothing here is imported before a benchmark runs.
"""
