"""A crowd: visitors with real sessions over every page of a server that is started for it.

    python -m tests.load [--visitors 25] [--minutes 5] [--arrive 10] [--address http://...]

Every visitor holds a websocket of its own, as a browser does, without drawing what it gets. It turns pages, looks at
other viewers and other tabs, and thinks two to six seconds in between. An answer counts from the request to the end of
the run. What a visitor gets is checked for its own selection: another viewer's name would be a mix-up. Printed:
interactions, errors, mix-ups, the median, 95 % and worst answer by 20 seconds, processor time per interaction and the
server's memory, read from /proc. Not part of the quick suite.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.browser.conftest import serving

LIMIT = 90  # seconds for one answer
FIRST = "overview"
PAGES = (FIRST, "recommend", "filters", "compare", "chapter", "train", "data")
TABS = {
    "recommend": ("ask", ("The other list", "Why this film", "What if", "Who or what")),
    "filters": ("view", ("The story", "Walk-through", "Step by step", "All filters", "Map", "Switch off")),
}
BLOCK = 20  # seconds
DONE = ForwardMsg.FINISHED_SUCCESSFULLY


@dataclass
class Tally:
    """What happened to everybody.

    Attributes:
        answers: (seconds since the start, seconds it took, page). first: seconds to each visitor's first page.
    """

    answers: list[tuple[float, float, str]] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


class Visitor:
    """One session: asks for pages and reads what comes back."""

    def __init__(self, number: int, dataset: str, viewers: int, tally: Tally, begun: float):
        self.random, self.dataset, self.viewers = random.Random(number), dataset, viewers
        self.tally, self.begun = tally, begun
        self.page, self.user, self.params = "overview", number % viewers + 1, {}

    async def stay(self, address: str, wait: float, until: float) -> None:
        """Arrive after `wait` seconds and leave at `until`, a time of the monotonic clock."""
        await asyncio.sleep(wait)
        stream = address.replace("http", "ws", 1) + "/_stcore/stream"
        try:
            async with connect(stream, subprotocols=["streamlit"], max_size=None, open_timeout=LIMIT) as socket:
                self.tally.first.append(await self.ask(socket))
                while time.monotonic() < until:
                    await asyncio.sleep(self.random.uniform(2, 6))
                    self.decide()
                    await self.ask(socket)
        except Exception as error:  # whatever happens to a visitor is a result
            self.tally.errors.append(f"{type(error).__name__}: {error}"[:200])

    def decide(self) -> None:
        """The next thing to look at."""
        what = self.random.random()
        if what < 0.4:
            self.page, self.params = self.random.choice(PAGES), {}
        elif what < 0.7:
            self.user = self.random.randint(1, self.viewers)
        elif self.page in TABS:
            key, tabs = TABS[self.page]
            self.params = {key: self.random.choice(tabs)}

    async def ask(self, socket) -> float:
        """Run the page as it is chosen now; returns the seconds until it was done."""
        query = {"data": self.dataset, "user": str(self.user), **self.params}
        message = BackMsg()
        message.rerun_script.query_string = urllib.parse.urlencode(query)
        message.rerun_script.page_name = "" if self.page == FIRST else self.page  # the first has no name of its own
        asked = time.monotonic()
        await socket.send(message.SerializeToString())
        async with asyncio.timeout(LIMIT):
            said = await self.answer(socket)
        took = time.monotonic() - asked
        self.tally.answers.append((asked - self.begun, took, self.page))
        self.check(said)
        return took

    async def answer(self, socket) -> list[str]:
        """The texts of a whole run."""
        said, running = [], False
        while True:
            message = ForwardMsg.FromString(await socket.recv())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                said, running = [], True
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                if element.WhichOneof("type") == "exception":
                    self.tally.errors.append(f"{self.page}: {element.exception.type} {element.exception.message}"[:200])
                elif element.WhichOneof("type") == "markdown":
                    said.append(element.markdown.body)
            elif kind == "script_finished" and running and message.script_finished == DONE:
                return said
            elif kind == "page_not_found":
                self.tally.errors.append(f"{self.page}: no such page")

    def check(self, said: list[str]) -> None:
        """On Recommend the visitor's own viewer must be named, and nobody else."""
        if self.page != "recommend":
            return
        name = f"iewer {self.user} watched "
        if not any(name in text for text in said):
            self.tally.mixed.append(
                f"asked for viewer {self.user}, read {[t for t in said if ' watched ' in t][:2]}"[:200]
            )


def report(tally: Tally, processor: float) -> str:
    """Everything measured, as text."""
    took = [seconds for _, seconds, _ in tally.answers]
    lines = [
        f"{len(took)} interactions, {len(tally.errors)} errors, {len(tally.mixed)} mixed selections",
        f"first page: median {statistics.median(tally.first):.2f} s, worst {max(tally.first):.2f} s",
        f"processor time per interaction: {processor / max(len(took), 1):.3f} s",
        f"{'seconds':>12}{'answers':>9}{'median':>8}{'95 %':>8}{'worst':>8}",
    ]
    for start in range(0, int(max(at for at, _, _ in tally.answers)) + 1, BLOCK):
        block = sorted(seconds for at, seconds, _ in tally.answers if start <= at < start + BLOCK)
        if block:
            high = block[min(len(block) - 1, int(0.95 * len(block)))]
            row = f"{start:>5} to {start + BLOCK:<4}{len(block):>9}{statistics.median(block):>8.2f}"
            lines.append(f"{row}{high:>8.2f}{block[-1]:>8.2f}")
    for page in PAGES:
        of_page = sorted(seconds for _, seconds, where in tally.answers if where == page)
        if of_page:
            lines.append(f"{page:>12}{len(of_page):>9}{statistics.median(of_page):>8.2f}{of_page[-1]:>16.2f}")
    lines.append("memory, MB: " + ", ".join(f"{at:.0f} s {size:.0f}" for at, size in tally.memory))
    return "\n".join([*lines, *sorted(set(tally.errors))[:5], *sorted(set(tally.mixed))[:5]])


async def crowd(address: str, pid: int | None, given: argparse.Namespace) -> tuple[Tally, float]:
    """Everybody at once; returns what happened and the server's processor seconds."""
    tally, begun = Tally(), time.monotonic()
    before, until = _processor(pid), begun + 60 * given.minutes
    visitors = [Visitor(number, given.data, given.viewers, tally, begun) for number in range(given.visitors)]
    waits = [given.arrive * number / max(given.visitors, 1) for number in range(given.visitors)]
    watching = asyncio.create_task(_watch(pid, tally, begun))
    await asyncio.gather(*(one.stay(address, wait, until) for one, wait in zip(visitors, waits, strict=True)))
    watching.cancel()
    return tally, _processor(pid) - before


async def _watch(pid: int | None, tally: Tally, begun: float) -> None:
    while pid:
        tally.memory.append((time.monotonic() - begun, _memory(pid)))
        await asyncio.sleep(10)


def _processor(pid: int | None) -> float:
    """Seconds of processor time a process has had."""
    if pid is None:
        return float("nan")
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Megabytes resident."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _listening(address: str) -> int | None:
    """The process that `serving` has started: a child of this one."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return int(children[0]) if children else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=25)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--arrive", type=float, default=10, help="seconds within which all arrive; 0 is all at once")
    parser.add_argument("--address", help="of a running server; its processor time and memory are then not known")
    parser.add_argument("--data", default="cinema")
    parser.add_argument("--viewers", type=int, default=800, help="user ids from 1 to this one are looked at")
    given = parser.parse_args()
    if given.address:
        print(report(*asyncio.run(crowd(given.address, None, given))))
        return
    checkpoints = Path(os.environ.get("CASER_CHECKPOINT_DIR", Path(__file__).parents[1] / "checkpoints"))
    with tempfile.TemporaryDirectory() as home, serving(checkpoints, Path(home)) as address:
        print(f"{given.visitors} visitors, {given.minutes:g} minutes, load average {os.getloadavg()[0]:.1f} before")
        print(report(*asyncio.run(crowd(address, _listening(address), given))))


if __name__ == "__main__":
    main()
