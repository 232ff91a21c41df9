"""Something slow, which tells how far it is."""

import time

from caser.dashboard import loaders, waiting


def _count(step: float) -> int:
    tell = waiting.teller()
    for done in range(100):
        time.sleep(step)
        tell((done + 1) / 100)
    return 100


slow = loaders.kept_by({}, spinner="Ranking films …")(_count)
