"""python -m tests.fuzz --inputs 10000 --seed 0: many inputs; exit code 1 if one did harm."""

from __future__ import annotations

import argparse
import collections
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.kinds import KINDS
from tests.fuzz.search import search


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first input's number, to try it again")
    parser.add_argument("--kind", choices=KINDS, default="", help="inputs of this kind alone")
    arguments = parser.parse_args()
    tried, harmful, begun = collections.Counter(), 0, time.monotonic()
    inputs = range(arguments.first, arguments.first + arguments.inputs)
    with tempfile.TemporaryDirectory() as folder:
        for one in search(inputs, arguments.seed, Path(folder), arguments.kind):
            tried[one.kind] += 1
            if one.harm:
                harmful += 1
                print(f"\nseed {arguments.seed}, input {one.number}, {one.kind}: {one.shown}\n{one.harm}", flush=True)
    counts = ", ".join(f"{count:,} of {kind}" for kind, count in sorted(tried.items()))
    print(f"{sum(tried.values()):,} inputs ({counts}) in {time.monotonic() - begun:,.0f} s; {harmful:,} did harm")
    return int(harmful > 0)


if __name__ == "__main__":
    sys.exit(main())
