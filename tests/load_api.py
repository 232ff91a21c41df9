"""Programs that ask the endpoint of a server that is started for it, so many requests always in flight.

    python -m tests.load_api [--model ml-100k-caser] [--in-flight 50] [--questions 2000] [--requests 20000]

Lists for viewers, similar films and reasons, 12, 6 and 2 of 20. Every question is asked once, which works it out; then
they are asked at random, which the server remembers. Each connection asks again as soon as it is answered, or, with
`--rate`, so often a second that all together come to that rate. Printed for both: answers a second, errors, the
median, 95 % and worst time, and the server's processor time per answer. Data and checkpoints are those of the
environment. On one core: `taskset -c 0 python -m tests.load_api` has client and server share it; start the server
under `taskset -c 0` and give its `--address` to spare it the client. Not part of the quick suite.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import time
import urllib.parse
from contextlib import nullcontext
from dataclasses import dataclass, field

from tests.browser.measure_redraws import app, percentile
from tests.load import _listening, _processor

KINDS = ("recommend",) * 12 + ("similar",) * 6 + ("explain",) * 2


@dataclass
class Tally:
    """Seconds of every answer, and what was no answer."""

    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def questions(given: argparse.Namespace) -> list[str]:
    """Different ones, as paths with a query."""
    rng, drawn = random.Random(0), {}
    while len(drawn) < given.questions:
        kind, user, item = rng.choice(KINDS), rng.randint(1, given.viewers), rng.randint(1, given.items)
        asked = {"recommend": {"user": user}, "similar": {"item": f"id:{item}"}}.get(kind, {"user": user, "item": item})
        if kind == "explain":
            asked["item"] = f"id:{item}"
        drawn[f"/api/{kind}?{urllib.parse.urlencode({'model': given.model, **asked})}"] = None
    return list(drawn)


async def ask(address: str, paths: list[str], pause: float, tally: Tally) -> None:
    """One connection's requests, one after the other; `pause` is the least time from one to the next."""
    host = urllib.parse.urlsplit(address)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    for path in paths:
        asked = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host.netloc}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = await reader.readexactly(int(head.partition("content-length: ")[2].split("\r")[0]))
        tally.took.append(time.perf_counter() - asked)
        if " 200 " not in head.partition("\r")[0] or not json.loads(body):
            tally.errors.append(body[:200].decode())
        await asyncio.sleep(max(pause - tally.took[-1], 0))
    writer.close()


async def crowd(address: str, paths: list[str], given: argparse.Namespace, pid: int | None) -> str:
    """All connections at once; what was measured, as text."""
    tally, before, begun = Tally(), _processor(pid), time.monotonic()
    pause = given.in_flight / given.rate if given.rate else 0.0
    shares = [paths[number :: given.in_flight] for number in range(given.in_flight)]
    await asyncio.gather(*(ask(address, share, pause, tally) for share in shares if share))
    lasted, n = time.monotonic() - begun, len(tally.took)
    times = [statistics.median(tally.took), percentile(tally.took, 0.95), max(tally.took)]
    said = "median {:.1f}, 95 % {:.1f}, worst {:.1f} ms".format(*(1000 * seconds for seconds in times))
    spent = 1000 * (_processor(pid) - before) / n
    return f"{n:,} answers, {n / lasted:,.0f} a second, {len(tally.errors)} errors; {said}; {spent:.2f} ms of processor"


async def measure(address: str, given: argparse.Namespace, pid: int | None) -> None:
    """Both rounds, printed; a first question has the server load what it needs."""
    asked = questions(given)
    await ask(address, asked[:1], 0.0, Tally())
    print("for the first time:", await crowd(address, asked, given, pid))
    again = random.Random(1).choices(asked, k=given.requests)
    print("asked again:", await crowd(address, again, given, pid))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="ml-100k-caser")
    parser.add_argument("--viewers", type=int, default=943, help="user ids from 1 to this one are asked for")
    parser.add_argument("--items", type=int, default=1682, help="item ids from 1 to this one")
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=0, help="answers a second; 0 is as many as there can be")
    parser.add_argument("--address", help="of a running server")
    parser.add_argument("--pid", type=int, help="of that server, for its processor time")
    given = parser.parse_args()
    print(f"{given.in_flight} in flight, load average {os.getloadavg()[0]:.1f} before")
    with nullcontext(given.address) if given.address else app() as address:
        asyncio.run(measure(address, given, given.pid if given.address else _listening(address)))


if __name__ == "__main__":
    main()
