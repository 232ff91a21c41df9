"""Training in a process of its own: start it, watch it, cancel it, find it again.

A job is a folder. Its child process, `python -m caser.jobs FOLDER`, reads spec.json, trains, and
appends what happens to events.jsonl, one JSON line for each event; whoever wants to know reads the folder.
While it lives the child holds a lock on FOLDER/lock, which the system lets go when the child dies,
however it dies. So a restarted dashboard finds its job again, and a recycled process id fools nobody.
"""

from __future__ import annotations

import dataclasses
import faulthandler
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from caser import files, interpreter
from caser.files import locks, places

if TYPE_CHECKING:  # importing torch takes seconds; the child takes its lock before that
    from caser.experiment import Experiment
    from caser.training.loop import Snapshot
    from caser.training.reports import EpochReport

KEPT = 20  # jobs kept, the newest
LAUNCH_SECONDS = 60  # a child that has not taken its lock by then is given up
GRACE_SECONDS = 10  # between the request to stop and the child's ending itself
LOG_TAIL = 4000  # bytes
SHARE = "share"  # the file in which the child says how far an epoch is
FILTERS = "filters.safetensors"  # of some epochs, so that they can be watched forming
MOST_EPOCHS, MOST_WATCHED = 40, 400_000  # epochs and weights in it
ACTIVE = ("waiting", "starting", "running")
FINAL = ("finished", "cancelled", "failed")
UNREADABLE = "unreadable"
LATEST = 1e11  # seconds since 1970; no clock says more
DIED = (
    "The training process ended without a word, so something outside stopped it. "
    "If memory ran short, start again with a smaller batch_size or d."
)


@dataclass(frozen=True)
class State:
    """A job at one moment.

    Attributes:
        status: "waiting" (for an earlier job), "starting" (loading the program and the data), "running",
            "finished", "cancelled", "failed" (and says why), "died" (killed from outside, or crashed) or "unreadable"
            (its files were damaged, or written by another version).
        begun: when it was started, in seconds since 1970; elapsed: seconds since then, or until its end.
        pid: of the child. reports: one for each epoch so far. message: why it failed or died, and what to do.
        checkpoint: the name of the result once finished. stopping: it was asked to stop.
        log: the end of what it printed, once failed or died. doing, share: what it does, one of
            `reports.DOINGS`, and how much of that is done.
    """

    status: str
    begun: float
    elapsed: float
    pid: int
    reports: tuple[EpochReport, ...] = ()
    message: str = ""
    checkpoint: str = ""
    stopping: bool = False
    log: str = ""
    doing: str = ""
    share: float = 0.0

    @property
    def active(self) -> bool:
        return self.status in ACTIVE


@dataclass(frozen=True)
class Job:
    """One training run, known by its folder; see `start`, `current` and `recent`."""

    folder: Path

    @property
    def name(self) -> str:
        """The checkpoint's name: what follows the date and time in the folder's."""
        return self.folder.name.split("-", 2)[-1]

    def spec(self) -> dict:
        """The experiment's fields; ValueError if spec.json is missing or broken."""
        from caser.config import Config
        from caser.experiment import Experiment

        fields = {field.name: field.default for field in dataclasses.fields(Experiment)}
        try:
            spec = fields | json.loads((self.folder / "spec.json").read_text(encoding="utf-8"))
            if odd := [name for name, value in spec.items() if name not in fields or value is dataclasses.MISSING]:
                raise ValueError(f"missing or unknown: {', '.join(odd)}")
            return spec | {"config": Config.from_dict(spec["config"])}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{self.folder / 'spec.json'} does not describe a training run ({error})") from error

    def state(self) -> State:
        """How it stands; costs a few small reads."""
        alive = locks.is_held(self.folder / "lock")  # before the events: whoever lets go has written its last
        events = self._events()
        last = events[-1] if events else {"event": "launched", "at": time.time()}
        begun = events[0]["at"] if events else last["at"]
        status = _status(last["event"], alive)
        if status == "died" and not self._readable(events):
            status = UNREADABLE
        doing, share = self._share(events) if status == "running" else ("", 0.0)
        return State(
            status,
            begun,
            elapsed=max(0.0, (time.time() if status in ACTIVE else last["at"]) - begun),
            pid=events[0].get("pid", 0) if events else 0,
            reports=_reports(events),
            message=DIED if status == "died" else last.get("message", ""),
            checkpoint=last.get("checkpoint", ""),
            stopping=(self.folder / "stop").exists(),
            log=self._log_tail() if status in ("failed", "died") else "",
            doing=doing,
            share=share,
        )

    def _readable(self, events: list[dict]) -> bool:
        """Whether it has events, and a spec.json that can be read if it has one."""
        try:
            if (self.folder / "spec.json").exists():
                self.spec()
        except (ValueError, OSError):
            return False
        return bool(events)

    def remove(self) -> None:
        """Delete its folder; ValueError while it goes on."""
        if locks.is_held(self.folder / "lock"):
            raise ValueError(f"{self.name!r} is being trained; cancel it first")
        shutil.rmtree(self.folder, ignore_errors=True)

    def cancel(self) -> None:
        """Ask it to stop; it does so within a batch, or ends itself after `GRACE_SECONDS`.

        Raises:
            ValueError: its folder cannot be written to.
        """
        try:
            (self.folder / "stop").touch()
        except OSError as error:
            raise ValueError(
                f"cannot stop {self.name!r}: {self.folder} is not writable ({error.strerror}); "
                "stop it as the person who started it"
            ) from error

    def report(self, event: str, **details) -> None:
        """Append one event; for the child only."""
        line = json.dumps({"event": event, "at": time.time()} | details) + "\n"
        try:
            with (self.folder / "events.jsonl").open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:  # a full disk is no reason to lose what is being trained
            print(f"cannot report {event!r} ({error.strerror or error})", file=sys.stderr, flush=True)

    def tell_share(self, every: float = 1.0) -> Callable[[str, float], None]:
        """Writes what is done and how much of it, at most once in `every` seconds; for the child only."""
        last = time.monotonic()

        def tell(doing: str, share: float) -> None:
            nonlocal last
            if time.monotonic() - last >= every:
                last = time.monotonic()
                with suppress(OSError):  # a full disk is no reason to stop
                    files.replace(self.folder / SHARE, lambda aside: aside.write_text(f"{share:.4f} {doing}"))

        return tell

    def _share(self, events: list[dict]) -> tuple[str, float]:
        """What is done, and how much of it, in [0, 1]; "" and 0 before the first report since the last epoch ended."""
        from caser.training.reports import DOINGS

        try:
            path = self.folder / SHARE
            share, doing = path.read_text().split(" ", 1)
            current = 0 <= float(share) <= 1 and doing in DOINGS and path.stat().st_mtime > events[-1]["at"]
        except (OSError, ValueError, IndexError):  # no file yet, or not one that can be read
            return "", 0.0
        return (doing, float(share)) if current else ("", 0.0)

    def keep_filters(self, snapshots: dict[int, Snapshot]) -> None:
        """Write the filters after some epochs, also the first and the newest, if they are few; for the child only.

        Args:
            snapshots: of a phase so far, by epoch.
        """
        from caser.files import arrays
        from caser.training.loop import snapshot_epochs

        size, newest = sum(weight.numel() for weight in snapshots[0].values()), max(snapshots)
        most = min(MOST_EPOCHS, MOST_WATCHED // max(size, 1))
        if not size or most < 2:
            return
        epochs = range(newest + 1) if newest < most else snapshot_epochs(newest, most)
        kept = {f"{epoch}/{name}": weight for epoch in epochs for name, weight in snapshots[epoch].items()}
        try:
            arrays.write(self.folder / FILTERS, {}, kept)
        except OSError as error:
            print(f"cannot keep the filters ({error.strerror or error})", file=sys.stderr, flush=True)

    def filters(self) -> dict[int, Snapshot]:
        """The filters after some epochs of the phase going on, by epoch, 0 untrained; {} where none were kept."""
        from caser.files import arrays

        try:
            _, weights = arrays.read(self.folder / FILTERS, lambda record, shapes: None)
            snapshots: dict[int, Snapshot] = {}
            for place, weight in weights.items():
                epoch, name = place.split("/")
                snapshots.setdefault(int(epoch), {})[name] = weight
        except (OSError, ValueError):  # none yet, or not what was written
            return {}
        return dict(sorted(snapshots.items()))

    def _events(self) -> list[dict]:
        """What was reported up to its end."""
        try:
            text = (self.folder / "events.jsonl").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        events = [event for line in text.splitlines() if (event := _parsed(line))]
        ends = [i for i, event in enumerate(events, start=1) if event["event"] in FINAL]
        return events[: ends[0]] if ends else events

    def _log_tail(self) -> str:
        try:
            return (self.folder / "log.txt").read_bytes()[-LOG_TAIL:].decode("utf-8", "replace")
        except OSError:
            return ""


def _parsed(line: str) -> dict | None:
    """The event on a line; None for one half written, now or when the disk was full, or not of this version."""
    from caser.training.reports import EpochReport

    try:
        event = json.loads(line)
        if not (isinstance(event["event"], str) and 0 <= event["at"] < LATEST):
            return None
        if event["event"] == "epoch":
            event["report"] = EpochReport.checked(event["report"])
        return event | {name: str(event[name]) for name in ("message", "checkpoint") if name in event}
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _status(event: str, alive: bool) -> str:
    """The status that the last event and the lock amount to."""
    if event in FINAL:
        return event
    if not alive:
        return "died"
    return {"launched": "starting", "waiting": "waiting"}.get(event, "running")


def _reports(events: list[dict]) -> tuple[EpochReport, ...]:
    return tuple(event["report"] for event in events if event["event"] == "epoch")


def folder() -> Path:
    """Where jobs are kept: CASER_JOBS_DIR, else ~/.cache/caser/jobs."""
    return places.chosen("CASER_JOBS_DIR", places.home() / "jobs").absolute()


def recent() -> list[Job]:
    """The jobs kept, newest first."""
    return [Job(path.parent) for path in reversed(places.listed(folder(), "*/events.jsonl"))]


def active() -> list[Job]:
    """The jobs that are running or wait their turn, in that order."""
    return [job for job in reversed(recent()) if job.state().active]


def current() -> Job | None:
    """The job that is running or, if none is, the one started last."""
    return next(iter(active() or recent()), None)


class Busy(ValueError):
    """Another job is running."""


def start(experiment: Experiment, queue: bool = False) -> Job:
    """Train in a process of its own, one at a time; returns once that process is up.

    Args:
        queue: wait for the jobs that are there already instead of giving up.

    Raises:
        Busy: a job is running and `queue` is off.
        ValueError: a waiting job has that name, nothing can be written here, or no process could be started.
    """
    root = folder()
    with _claimed(root):
        before = active()
        if before and not queue:
            raise Busy(f"{before[0].name!r} is being trained; wait for it, cancel it, or queue this one behind it")
        if experiment.name in [job.name for job in before]:
            raise ValueError(f"{experiment.name!r} is being trained or waits its turn; choose another name")
        try:
            job = _new_job(root, experiment)
            _launch(job)
        except OSError as error:
            raise _unwritable(root, error) from error
        _forget_old(root)
    return job


@contextmanager
def _claimed(root: Path) -> Iterator[None]:
    """Hold the right to start a job, waiting for it; ValueError if `root` cannot be written to."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        file = (root / "claim").open("ab")
    except OSError as error:
        raise _unwritable(root, error) from error
    with file:
        locks.lock(file)
        yield


def _unwritable(root: Path, error: OSError) -> ValueError:
    return ValueError(
        f"cannot keep training runs in {root} ({error.strerror or error}); set CASER_JOBS_DIR to a folder you can "
        "write to, with room"
    )


def _new_job(root: Path, experiment: Experiment) -> Job:
    job = Job(root / f"{_stamp(root)}-{experiment.name}")
    fields = {f.name: getattr(experiment, f.name) for f in dataclasses.fields(experiment)}
    job.folder.mkdir()
    spec = json.dumps(fields | {"config": experiment.config.to_dict()}, indent=1)
    (job.folder / "spec.json").write_text(spec, encoding="utf-8")
    return job


def _stamp(root: Path) -> str:
    """Date and time for a folder's name, later than every other's: it orders the jobs, and a clock can be set back."""
    taken = (path.name[:21].replace("-", "") for path in root.glob("*-*-*"))
    last = max((int(digits) for digits in taken if digits.isdecimal()), default=0)
    now = int(datetime.now(UTC).strftime("%Y%m%d%H%M%S%f"))
    digits = f"{max(now, last + 1):020d}"
    return f"{digits[:8]}-{digits[8:]}"


def _launch(job: Job) -> None:
    """Start the child and wait, a fraction of a second, until it holds its lock."""
    with (job.folder / "log.txt").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-u", "-m", "caser.jobs", str(job.folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(),
            start_new_session=True,  # stopping the dashboard does not stop the training
        )
    threading.Thread(target=child.wait, daemon=True).start()  # so that no zombie stays behind
    deadline = time.monotonic() + LAUNCH_SECONDS
    while not job._events():  # a file that is there may still be empty
        if child.returncode is not None or time.monotonic() > deadline:
            child.kill()
            raise ValueError(f"the training process could not be started; it said: {job._log_tail() or 'nothing'}")
        time.sleep(0.02)


def _environment() -> dict[str, str]:
    """Ours, plus what the child needs to find this package and to share the cores.

    By default the threads of a torch operation wait for each other by spinning. On cores that are
    also used by others that was measured to be 20 times slower than sleeping.
    """
    return {"OMP_WAIT_POLICY": "PASSIVE"} | interpreter.environment()


def _forget_old(root: Path) -> None:
    """Delete all but the newest jobs, and none that is active."""
    newest_first = [path.parent for path in reversed(places.listed(root, "*/spec.json"))]
    for old in newest_first[KEPT:]:
        if not locks.is_held(old / "lock"):
            shutil.rmtree(old, ignore_errors=True)


def main(arguments: list[str]) -> None:
    """The child: train what FOLDER/spec.json says and report to FOLDER."""
    faulthandler.enable()  # a crash in native code leaves its trace in the log
    job = Job(Path(arguments[0]))
    with (job.folder / "lock").open("ab") as lock:
        locks.lock(lock)
        job.report("launched", pid=os.getpid())
        if not _wait_for_turn(job):
            job.report("cancelled")
            return
        threading.Thread(target=_end_if_deaf, args=(job,), daemon=True).start()
        _give_way()
        _train(job)


def _wait_for_turn(job: Job) -> bool:
    """Wait until no earlier job is active; False if asked to stop meanwhile."""
    waiting = False
    while any(earlier.folder.name < job.folder.name for earlier in active()):
        if not waiting:
            job.report("waiting")
            waiting = True
        if (job.folder / "stop").exists():
            return False
        time.sleep(0.3)
    return True


def _end_if_deaf(job: Job) -> None:
    """End this process if it has been asked to stop but is too busy to notice."""
    while not (job.folder / "stop").exists():
        time.sleep(0.5)
    time.sleep(GRACE_SECONDS)
    job.report("cancelled")
    os._exit(1)


def _give_way() -> None:
    """Use every core, but let the dashboard go first."""
    import torch

    from caser.training.devices import cores

    if hasattr(os, "nice"):
        os.nice(10)
    torch.set_num_threads(cores())


def _train(job: Job) -> None:
    from caser.experiment import Experiment
    from caser.training.loop import Cancelled

    try:
        experiment = Experiment(**job.spec())
        job.report("started")
        done = experiment.run(
            on_epoch=lambda report: job.report("epoch", report=dataclasses.asdict(report)),
            should_stop=(job.folder / "stop").exists,
            on_snapshot=job.keep_filters,
            on_share=job.tell_share(),
        )
        job.report("finished", checkpoint=done.name)
    except Cancelled:
        job.report("cancelled")
    except Exception as error:
        traceback.print_exc()
        job.report("failed", message=_explain(error))


def _explain(error: Exception) -> str:
    """What went wrong and what to do, for somebody who does not read tracebacks."""
    if isinstance(error, ValueError):
        return str(error)
    if isinstance(error, MemoryError) or re.search("out of memory|not enough memory", str(error)):
        return "the memory did not suffice; train with a smaller batch_size or d"
    return f"{type(error).__name__}: {error}; the end of the log says where"


if __name__ == "__main__":
    main(sys.argv[1:])
