"""Work that is half done until it is let go, and tells how far it is."""

import time
from collections import Counter
from pathlib import Path

from caser.dashboard import loaders, waiting

_begun = Counter()


def let_go(home: Path, number: int) -> Path:
    """The file that lets this work be done, in the home of the server."""
    return home / f"let-go-{number}"


def _work(number: int) -> str:
    _begun[number] += 1
    tell = waiting.teller()
    while not let_go(Path.home(), number).exists():
        tell(0.5)
        time.sleep(0.05)
    return f"{number} is done, begun {_begun[number]} times"


slow = loaders.kept_by({}, spinner="Ranking films …")(_work)
