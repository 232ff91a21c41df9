"""How many threads torch is to use, found by trying: on a busy machine one is faster than all.

The threads of an operation wait for the last of them, and on a core that something else uses that one is late.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

import numpy as np
import torch

TRIES = 4  # pieces of work that each number is given; the first of them is not counted
RECENT = 12  # pieces of work whose median says how fast it is now
SLOWER = 1.3  # times as slow as when the number was chosen: it is tried anew
LEAST = 2.0  # seconds between two trials, which cost some time


class Threads(AbstractContextManager):
    """Times pieces of like work, each inside `with`, on one thread and on all there are, and goes on with the faster.

    It looks again when the work has become slower. Leaving the work for good, call `release`. Nothing happens where
    torch has one thread, or where the work is not a CPU's.
    """

    def __init__(self, device: torch.device | str = "cpu"):
        self.most = torch.get_num_threads() if torch.device(device).type == "cpu" else 1
        self.chosen = self.most
        self._begin_trial()

    def _begin_trial(self) -> None:
        self.laps: dict[int, list[float]] = {self.most: [], 1: []}
        self.trying, self.recent, self.since = self.most > 1, [], time.monotonic()

    def __enter__(self) -> Threads:
        if self.most > 1:
            if self.trying:
                self.chosen = next(n for n, laps in self.laps.items() if len(laps) < TRIES)
            if torch.get_num_threads() != self.chosen:
                torch.set_num_threads(self.chosen)
        self.begun = time.perf_counter()
        return self

    def __exit__(self, *error) -> None:
        lap = time.perf_counter() - self.begun
        if self.trying:
            self.laps[self.chosen].append(lap)
            if all(len(laps) == TRIES for laps in self.laps.values()):
                self._choose()
        elif self.most > 1:
            self.recent = [*self.recent[1 - RECENT :], lap]
            slow = len(self.recent) == RECENT and np.median(self.recent) > SLOWER * self.usual
            if slow and time.monotonic() - self.since > LEAST:
                self._begin_trial()

    def _choose(self) -> None:
        medians = {n: float(np.median(laps[1:])) for n, laps in self.laps.items()}
        self.chosen = min(medians, key=medians.get)
        self.usual, self.trying = medians[self.chosen], False

    def release(self) -> None:
        """Give torch back the number it had."""
        if self.most > 1:
            torch.set_num_threads(self.most)
