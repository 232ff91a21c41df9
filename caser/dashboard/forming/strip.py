"""The drawing of forming filters: all epochs are handed over once, and the browser plays them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, results
from caser.dashboard.forming.content import content
from caser.dashboard.runtime.component import component
from caser.data import cinema
from caser.data.dataset import Split
from caser.explain.planted import Formed, formed
from caser.jobs import Job, State
from caser.training.loop import Snapshot
from caser.training.reports import EpochReport

_mount = component("caser_forming", __file__, '<section class="forming"></section>')


@dataclass(frozen=True, eq=False)
class Moment:
    """The filters after one epoch; `key` says whose and when."""

    key: tuple
    snapshot: Snapshot


def draw(
    snapshots: Mapping[int, Snapshot],
    reports: Sequence[EpochReport],
    shown: Sequence[Formed],
    of: int,
    key: str,
    live: bool = False,
) -> None:
    """Draw filters forming; the arguments are those of `content`."""
    _mount(key=key, data=content(snapshots, reports, shown, of, live))


def replay(trained: Checkpoint, split: Split, key: str = "replay") -> None:
    """The forming of a trained model's filters, from the epochs its checkpoint keeps."""
    if len(trained.snapshots) < 2:
        st.info("This checkpoint saved no filters of earlier epochs. One trained on the Train page does.")
        return
    reports = [EpochReport(**report) for report in trained.metadata.history]
    phase = [report for report in reports if report.phase == reports[-1].phase] if reports else []
    draw(trained.snapshots, phase, _all_formed(trained, split), trained.metadata.epochs, key)


@results.kept(max_entries=4, spinner="Testing what the filters looked for after every epoch …")
def _all_formed(trained: Checkpoint, split: Split) -> list[Formed]:
    earlier = sorted(trained.snapshots)[:-1]
    return [*(formed(trained.snapshots[epoch], split) for epoch in earlier), trained_formed(trained, split)]


def trained_formed(trained: Checkpoint, split: Split) -> Formed:
    """What the filters of a finished model look for, by all its weights."""
    names = results.filter_names(trained, split)
    return Formed(
        {at: name.text for at, name in names.items() if name.named},
        {pattern.rule: pattern.filter for pattern in results.planted(trained, split)},
    )


def of_job(job: Job, state: State, split: Split, of: int, key: str, last: Formed | None = None) -> None:
    """The filters of a run as far as it is; nothing before it has any.

    Args:
        of: epochs in all. last: what the filters of the finished model look for.
    """
    snapshots = job.filters()
    if not snapshots:
        return
    phase = state.reports[-1].phase if state.reports else "select"
    reports = [report for report in state.reports if report.phase == phase]
    shown = _so_far(job, phase, snapshots, split)
    draw(snapshots, reports, [*shown[:-1], last or shown[-1]], of, key, live=state.active)


def _so_far(job: Job, phase: str, snapshots: Mapping[int, Snapshot], split: Split) -> list[Formed]:
    """What the filters looked for by the epoch, where that is quick: on the simulated films."""
    if not cinema.planted(split.dataset):
        return [Formed()] * len(snapshots)
    return [_formed(Moment((job.folder.name, phase, epoch), snapshot), split) for epoch, snapshot in snapshots.items()]


@loaders.kept_by(loaders.KNOWN_BY | {Moment: lambda moment: moment.key}, max_entries=256)
def _formed(moment: Moment, split: Split) -> Formed:
    return formed(moment.snapshot, split)
