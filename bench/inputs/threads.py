"""The same work for one thread and for two."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from centerdecode.cli._suite import ours

TIMES = 50  # decodes of each tensor, so that starting a thread does not count


class Pair:
    """Two tensors of one content, each to be decoded TIMES times."""

    def __init__(self, work):
        works = [work, replace(work, heatmap=work.heatmap.copy())]
        self.decodes = [ours(own) for own in works]
        self.pool = ThreadPoolExecutor(2)

    def in_turn(self):
        return [self._run(decode) for decode in self.decodes]

    def at_once(self):
        return list(self.pool.map(self._run, self.decodes))

    @staticmethod
    def _run(decode):
        for _ in range(TIMES):
            found = decode()
        return found
