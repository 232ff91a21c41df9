"""Where inputs are tried: folders of their own, small checkpoints, a run that is over, a data set, and no network."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
import streamlit as st
import torch

from caser import data, jobs
from caser.config import preset
from caser.dashboard.runtime import server
from caser.data import movielens, own, table
from caser.data.history import Matcher
from caser.data.titles import TitleIndex
from caser.experiment import Experiment
from caser.training.loop import Cancelled
from caser.training.reports import LIVE_METRICS, EpochReport
from tests import small
from tests.asking import Asking

RATINGS = {
    "ml-100k": "".join(f"{u}\t{(u + i) % 9 + 1}\t{i % 5 + 1}\t{88 * i + u}\n" for u in range(1, 9) for i in range(6)),
    "ml-1m": "".join(f"{u}::{(u + i) % 9 + 1}::{i % 5 + 1}::{88 * i + u}\n" for u in range(1, 9) for i in range(6)),
    "ml-20m": "userId,movieId,rating,timestamp\n"
    + "".join(f"{u},{(u + i) % 9 + 1},{i % 9 / 2 + 0.5},{88 * i + u}\n" for u in range(1, 9) for i in range(6)),
}
FILMS = {
    "ml-100k": "".join(f"{i}|Film {i}, The (199{i})|01-Jan-1990||x|0|1\n" for i in range(1, 10)),
    "ml-1m": "".join(f"{i}::Film {i}, The (199{i})::Drama|Comedy\n" for i in range(1, 10)),
    "ml-20m": "movieId,title,genres\n" + "".join(f'{i},"Film {i}, The (199{i})",Drama\n' for i in range(1, 10)),
}


@dataclass(frozen=True)
class Place:
    """A folder with `checkpoints`, `jobs` and `data`, to which the environment points; see `opened`."""

    folder: Path

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @cached_property
    def whole(self) -> dict[str, bytes]:
        """The content of every checkpoint as it was made."""
        return {path.name: path.read_bytes() for path in sorted(self.checkpoints.glob("*.safetensors"))}

    @cached_property
    def films(self) -> TitleIndex:
        return TitleIndex(data.load("cinema"))

    @cached_property
    def ask(self) -> Asking:
        """The endpoint."""
        return Asking()

    @cached_property
    def matcher(self) -> Matcher:
        return Matcher(self.films)

    @cached_property
    def own_set(self) -> bytes:
        """A data set of one's own as it is kept."""
        rows = "user,book\n" + "".join(f"u{i % 7},book {i % 5} {i % 3}\n" for i in range(90))
        (file, _) = table.pair(table.opened("log.csv", rows.encode()))
        found = table.read(file, table.proposal(table.layout(file)).decided())
        path = own.keep(table.prepare("kept", found, table.Settings(noun="book")))
        content = path.read_bytes()
        path.unlink()
        return content

    @cached_property
    def run(self) -> tuple[list[dict], dict]:
        """The events and the description of a run, as its process writes them."""
        report = EpochReport("select", 1, 9, 0.5, dict.fromkeys(LIVE_METRICS, 0.1), 1000.0, 3.0)
        events = [{"event": name, "at": 1e9} for name in ("launched", "started", "epoch", "finished")]
        events[0] |= {"pid": 1}
        events[2] |= {"report": dataclasses.asdict(report)}
        events[3] |= {"checkpoint": "cinema-mf"}
        spec = {"name": "earlier", "dataset": "cinema", "config": preset("caser").to_dict(), "seed": 0, "device": "cpu"}
        return events, spec

    @property
    def left_over(self) -> list[str]:
        """Files that are half written, or not of this place."""
        return [str(path) for path in self.folder.rglob("*") if path.name.startswith((".caser-unfinished", "tmp"))]

    def restore(self) -> None:
        """Have the checkpoints as they were made."""
        for name, content in self.whole.items():
            (self.checkpoints / name).write_bytes(content)

    def write_set(self, name: str, ratings: bytes, films: bytes) -> Path:
        """A small MovieLens set."""
        archive, folder = movielens.ARCHIVES[name], self.folder / "written" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / archive.format.ratings).write_bytes(ratings)
        (folder / archive.format.films).write_bytes(films)
        if archive.format.genres:
            (folder / archive.format.genres).write_text("unknown|0\nDrama|1\n")
        return folder

    def write_run(self, events: bytes, spec: bytes) -> jobs.Job:
        job = jobs.Job(jobs.folder() / "20200101-000000000000-earlier")
        job.folder.mkdir(parents=True, exist_ok=True)
        (job.folder / "events.jsonl").write_bytes(events)
        (job.folder / "spec.json").write_bytes(spec)
        return job

    def lines(self, records: list) -> bytes:
        return "".join(json.dumps(record) + "\n" for record in records).encode()


@contextmanager
def opened(folder: Path) -> Iterator[Place]:
    """A place in a folder that is empty but for checkpoints. Nothing in it is trained again, and nothing is fetched."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("checkpoints", "jobs", "data", "cache"):
            variable = {"checkpoints": "CHECKPOINT"}.get(name, name.upper())
            patch.setenv(f"CASER_{variable}_DIR", str(folder / name))
        patch.setenv("HOME", str(folder))
        patch.chdir(folder)
        if not (folder / "checkpoints").exists():
            small.train(folder / "checkpoints")
        unreachable = {
            name: dataclasses.replace(archive, url="http://127.0.0.1:9/")
            for name, archive in movielens.ARCHIVES.items()
        }
        patch.setattr(movielens, "ARCHIVES", unreachable)
        patch.setattr(Experiment, "run", _not_run)
        patch.setattr(server, "keep_for_good", lambda _: None)  # it takes .3 s and is for a server that stays
        place = Place(folder)
        place.whole  # noqa: B018  (read before the first is damaged)
        threads, interval = torch.get_num_threads(), sys.getswitchinterval()
        st.cache_resource.clear()
        yield place
        place.ask.close()
        st.cache_resource.clear()
        torch.set_num_threads(threads)  # main.py changes both for the whole process
        sys.setswitchinterval(interval)


def _not_run(*_, **__):
    raise Cancelled
