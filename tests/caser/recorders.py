"""Stand-ins for what a GPU records."""

from __future__ import annotations


class Remembers:
    """Replays by doing the remembered work again, on whatever the arguments' places then hold."""

    def __init__(self):
        self.replays = 0

    def warm_up(self, work):
        return work()

    def record(self, work, generators):
        def replay():
            self.replays += 1
            return work()

        return replay


class Refuses(Remembers):
    """Cannot record."""

    def record(self, work, generators):
        raise RuntimeError("operation not permitted when stream is capturing\nand more")
