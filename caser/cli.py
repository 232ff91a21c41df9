"""python -m caser: data, train, tune, evaluate, compare, report, study, filters, recommend, explain, similar,
picture, export, verify, bench.

A mistake of the caller's ends with one line on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from caser import checkpoint, data, experiment, files, findings, report, study, words
from caser.benchmark import run as benchmark
from caser.checkpoint import Checkpoint
from caser.config import CHAPTER, TrainingConfig, preset
from caser.data import encodings, history, own, table
from caser.data.dataset import TIES, Dataset, Split, split, statistics
from caser.data.table.layout import NONE
from caser.data.text import plural
from caser.data.titles import TitleIndex, label, repeated, twins
from caser.evaluation import METRICS, Comparison, Ranks, compare, evaluate
from caser.experiment import Experiment
from caser.explain.curves.effects import curve_effects
from caser.explain.explanation import Explanation, explain
from caser.explain.film_map import film_vectors, similar
from caser.explain.filters import has_convolutions, horizontal_name
from caser.explain.preferences import often_watched
from caser.export import export
from caser.field import curves, effects
from caser.field import sweep as sweep_said
from caser.field import works as works_said
from caser.field.entrants import Entrant, kept_seeds, ranks_of, screen_names
from caser.field.standings import Standings, standings
from caser.field.verdict import pair_verdict, verdict
from caser.fields import named
from caser.handout import drawing
from caser.handout import page as handout_page
from caser.handout.content import Visitor, conditions_said, handout
from caser.listing.narrowing import Narrowing, narrowing
from caser.models import ANONYMOUS, MODELS
from caser.picture import page
from caser.picture.payload import fits_browser, pack
from caser.recommend import OF_ALL, rank_of, recommend, rows, score_catalogue
from caser.study import sweep
from caser.training.devices import resolve_device
from caser.training.distributed import LostProcess
from caser.training.loop import Cancelled
from caser.training.reports import LIVE_METRICS, EpochReport
from caser.training.tuning import FIXED, Search, Trial
from caser.verifying import verify

CONFIG_FIELDS = {  # by name; a field that two configurations share means the same in both
    f.name: f for config in (*(m.Config for m in MODELS.values()), TrainingConfig) for f in dataclasses.fields(config)
}
ROLES = tuple(f.name for f in dataclasses.fields(table.Roles))
BETWEEN_LINES = 5.0  # seconds between two lines of progress in a file
STUDIED = "hr@50"  # the metric of a study's sentences
OF_A_LIST = (  # what of a report is asked for a visitor alone
    *("item", "slide", "k", "rewatch", "variety", "genre", "not_genre", "years", "known", "column", "without"),
    *("day_first", "likeliest", "profile"),
)
SWEPT = (STUDIED, "ndcg@10", "auc")  # the metrics that values of a setting are compared by
SAYING_WHICH = "id:187 is an item id and title:187 a title, where a number may be either"


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code.

    0, 1 where another of torchrun's processes was lost, a part of the benchmark failed or a figure differs, 2 for a
    caller's mistake, 130 when interrupted.
    """
    arguments = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):  # a letter that the encoding lacks costs that letter, not the list
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        arguments.run(arguments)
    except ValueError as error:
        print(f"caser: {error}", file=sys.stderr)
        return 2
    except (LostProcess, benchmark.Unmeasured, verify.Differs) as error:
        print(f"caser: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, Cancelled):
        print(
            "caser: stopped; `train --resume` continues after the last whole epoch, `tune` after the last trial",
            file=sys.stderr,
        )
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m caser", description="See a convolutional recommender work.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for add in ADDERS:
        add(commands)
    return top


def _command(commands, name: str, run: Callable, help: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
    command.set_defaults(run=run)
    return command


def _add_data(commands) -> None:
    command = _command(commands, "data", run_data, "what a data set holds; fetches it, or brings your own")
    command.add_argument("name", nargs="?", metavar="NAME", help=f"one of {', '.join(data.sources())}; none lists all")
    group = command.add_argument_group("data of your own")
    group.add_argument("--import", dest="bring", type=Path, metavar="FILE", help="CSV, TSV, Parquet, .inter or zip")
    group.add_argument("--items", type=Path, metavar="FILE", help="a table of the items: title, year, genres, others")
    group.add_argument("--encoding", help="of files that are not UTF-8, such as cp1251 or gbk; found out by default")
    group.add_argument("--name", dest="new", metavar="NAME", help="what to call it; the file's name by default")
    for role in ROLES:
        group.add_argument(f"--{role}", metavar="COLUMN", help=f"the column of the {role}; {NONE!r} for none")
    group.add_argument("--noun", help="what one item is: film, book, product (default item)")
    _add_day_order(group)
    for f in dataclasses.fields(table.Settings):
        if f.metadata:
            _add_setting(group, f)
    group.add_argument("--check", action="store_true", help="report what would be kept, and keep nothing")
    group.add_argument("--rename", metavar="NEW", help="give a data set that you brought another name")
    group.add_argument("--delete", action="store_true", help="delete a data set that you brought")


def _add_train(commands) -> None:
    command = _command(commands, "train", run_train, "train a model and save it as a checkpoint")
    _add_subject(command)
    command.add_argument("--preset", default="tuned", help=f"chapter ({CHAPTER}), paper or tuned (default tuned)")
    command.add_argument("--name", required=True, help="of the checkpoint")
    command.add_argument(
        "--seeds",
        type=int,
        default=1,
        help="train this many seeds; keep the median on validation, with all test ranks",
    )
    command.add_argument("--resume", action="store_true", help="continue a run of that name that was interrupted")
    command.add_argument("--overwrite", action="store_true", help="replace a checkpoint of that name")
    _add_device(command)
    settings = command.add_argument_group("settings, each over the preset's")
    for f in CONFIG_FIELDS.values():
        _add_setting(settings, f)


def _add_tune(commands) -> None:
    command = _command(commands, "tune", run_tune, "search for a model's best settings on validation")
    _add_subject(command)
    command.add_argument("--trials", type=int, default=30, help="settings to try, earlier ones counted in (default 30)")
    command.add_argument("--timeout", type=float, metavar="S", help="stop after this many seconds")
    command.add_argument("--journal", type=Path, metavar="FILE", help="where trials are kept; the same file continues")
    _add_device(command)
    settings = command.add_argument_group("settings to fix instead of searching")
    for f in CONFIG_FIELDS.values():
        if f.name not in FIXED:
            _add_setting(settings, f)


def _add_subject(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dataset", default="ml-100k", help="default ml-100k")
    command.add_argument("--model", default="caser", help=f"one of {', '.join(MODELS)} (default caser)")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--ties", default="first", help=f"which of tied last items is the target: {', '.join(TIES)}")


def _add_setting(group, f: dataclasses.Field) -> None:
    flag, help = "--" + f.name.replace("_", "-"), f.metadata["help"].replace("%", "%%")
    if isinstance(f.default, bool):
        group.add_argument(flag, dest=f.name, action=argparse.BooleanOptionalAction, default=None, help=help)
    else:
        group.add_argument(flag, dest=f.name, type=type(f.default), default=None, metavar="X", help=help)


def _add_evaluate(commands) -> None:
    command = _command(commands, "evaluate", run_evaluate, "rank every user's test film with the saved weights")
    command.add_argument("checkpoints", nargs="+", metavar="CHECKPOINT", help="a name in checkpoints/ or a path")
    command.add_argument("--json", action="store_true", help="a JSON list, one object for each checkpoint")
    _add_device(command)


def _add_compare(commands) -> None:
    command = _command(commands, "compare", run_compare, "the first checkpoint compared with each other, by user")
    command.add_argument("checkpoints", nargs="+", metavar="CHECKPOINT", help="names in checkpoints/ or paths")
    command.add_argument("--metric", default="ndcg@10", help=f"one of {', '.join(METRICS)} (default ndcg@10)")
    command.add_argument("--json", action="store_true", help="a JSON list, one object for each other checkpoint")
    _add_device(command)


def _add_report(commands) -> None:
    command = _command(
        commands, "report", run_report, "a comparison of checkpoints, or the list of one visitor, to hand on"
    )
    command.add_argument("checkpoints", nargs="+", metavar="CHECKPOINT", help="names in checkpoints/ or paths")
    command.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FILE",
        help="an HTML page that needs no network, or a visitor's list as .svg (the dashboard saves PNG); one of that "
        "name is replaced",
    )
    command.add_argument("--metric", help=f"to order a comparison by, one of {', '.join(METRICS)} (default ndcg@10)")
    _add_who(command.add_argument_group("the list of a visitor, by one checkpoint"), required=False)
    _add_item(command, required=False)
    command.add_argument("--slide", action="store_true", help="an .svg of 16:9")
    _add_list(command)
    command.set_defaults(device="cpu", usual={name: command.get_default(name) for name in OF_A_LIST})


def _add_study(commands) -> None:
    command = _command(commands, "study", run_study, "which parts or values matter in a model; trains it again")
    command.add_argument("checkpoint", metavar="CHECKPOINT", help="a name in checkpoints/")
    command.add_argument(
        "--seeds",
        type=int,
        default=study.SEEDS,
        metavar="N",
        help=f"trainings of each variant (default {study.SEEDS}); what an earlier study measured is kept",
    )
    command.add_argument(
        "--vary", metavar="L=3,5,9", help="instead, train it with other values of one setting, and compare them"
    )


def _add_filters(commands) -> None:
    command = _command(
        commands, "filters", run_filters, "what each horizontal filter looks for, and whether it is real"
    )
    command.add_argument("checkpoint", metavar="CHECKPOINT", help="a name in checkpoints/")
    command.add_argument(
        "--seeds", type=int, metavar="N", help="train N - 1 other seeds, see which filters come back, save the result"
    )
    command.add_argument("--json", action="store_true", help="JSON instead of a table")


def _add_recommend(commands) -> None:
    command = _command(commands, "recommend", run_recommend, "the next films for a user or for a sequence")
    _add_visitor(command)
    _add_list(command)


def _add_list(command: argparse.ArgumentParser) -> None:
    """How long a list is, and what it may hold."""
    command.add_argument("-k", type=int, default=10, help="how many films (default 10)")
    command.add_argument("--rewatch", action="store_true", help="also rank what was watched already")
    command.add_argument("--variety", type=float, default=0.0, metavar="V", help="from 0 to 1, the most varied")
    group = command.add_argument_group("what the list may hold; ranks among all stay in rank_of_all")
    group.add_argument("--genre", nargs="+", default=[], metavar="GENRE", help="at least one of these")
    group.add_argument("--not-genre", nargs="+", default=[], metavar="GENRE", help="none of these")
    group.add_argument("--years", default="", metavar="SPAN", help="1980-1989, 1980- or -1989")
    group.add_argument("--known", default="", metavar="SPAN", help="how often watched: 50- is at least, -50 at most")
    group.add_argument("--column", nargs="+", default=[], metavar="NAME=VALUE", help="a span, or words separated by |")
    group.add_argument(
        "--without",
        nargs="+",
        default=[],
        metavar="TITLE_OR_ID_OR_FILE",
        help="not these; a file, such as a watchlist, in any form that histories are read from",
    )


def _add_explain(commands) -> None:
    command = _command(commands, "explain", run_explain, "why a film is scored as it is for a user or a sequence")
    _add_visitor(command)
    _add_item(command, required=True)


def _add_item(command: argparse.ArgumentParser, required: bool) -> None:
    first = "" if required else " (default the first of the list)"
    help = f"the film to explain{first}; {SAYING_WHICH}"
    command.add_argument("--item", required=required, metavar="TITLE_OR_ID", help=help)


def _add_similar(commands) -> None:
    command = _command(commands, "similar", run_similar, "the films that a model takes for most like one")
    _add_checkpoint(command)
    command.add_argument("--item", required=True, metavar="TITLE_OR_ID", help=f"the film; {SAYING_WHICH}")
    command.add_argument("-k", type=int, default=10, help="how many films (default 10)")
    command.add_argument("--json", action="store_true", help="JSON instead of a table")
    _add_device(command)


def _add_picture(commands) -> None:
    command = _command(commands, "picture", run_picture, "a Caser as a living picture: one HTML page without a server")
    _add_visitor(command, required=False)
    command.add_argument("--out", type=Path, metavar="FILE", help="the page (default CHECKPOINT.html)")


def _add_export(commands) -> None:
    command = _command(commands, "export", run_export, "a model as a folder that others can load, with a model card")
    command.add_argument("checkpoint", metavar="CHECKPOINT", help="a name in checkpoints/ or a path")
    command.add_argument("folder", type=Path, metavar="FOLDER", help="a new one, or one that is empty")
    command.add_argument("--onnx", action="store_true", help="also its scores as an ONNX graph")
    command.add_argument("--vectors", action="store_true", help="also vectors of items and users, as TSV and Parquet")
    command.add_argument("--licence", default="unknown", help="of the weights, such as mit (default unknown)")


def _add_verify(commands) -> None:
    command = _command(commands, "verify", run_verify, "derive the README's figures again, and say which are the same")
    help = "with marked figures (default README.md and docs/results.md)"
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help=help)
    command.add_argument("--quick", action="store_true", help="only what follows from what checkpoints keep; no data")
    command.add_argument("--write", action="store_true", help="put what differs right in the file")


def _add_bench(commands) -> None:
    command = _command(commands, "bench", run_bench, "how fast this machine trains, ranks and recommends")
    command.add_argument("--only", default="", help=f"parts, comma-separated, of {', '.join(benchmark.PARTS)}")
    command.add_argument("--json", action="store_true", help="one line of JSON for each part instead of tables")
    _add_device(command)


def _add_visitor(command: argparse.ArgumentParser, required: bool = True) -> None:
    """A checkpoint, and a viewer or films; unless one is `required`, the first viewer with a test film is taken."""
    _add_checkpoint(command)
    _add_who(command, required)
    command.add_argument("--json", action="store_true", help="JSON instead of a table")
    _add_device(command)


def _add_who(command, required: bool) -> None:
    """A viewer of the data, or films."""
    who = command.add_mutually_exclusive_group(required=required)
    who.add_argument("--user", metavar="ID", help="the data set's own user id")
    who.add_argument("--sequence", nargs="+", metavar="TITLE_OR_ID", help=f"films, oldest first; {SAYING_WHICH}")
    who.add_argument(
        "--history",
        metavar="FILE",
        help=f"your own, exported from {history.KNOWN}, or a list of titles",
    )
    _add_day_order(command)
    command.add_argument(
        "--likeliest", action="store_true", help="of a history: also take the likeliest film where it is unsure"
    )
    command.add_argument("--profile", metavar="NAME", help="of a history that holds several people's")


def _add_checkpoint(command: argparse.ArgumentParser) -> None:
    command.add_argument("checkpoint", metavar="CHECKPOINT", help="a name in checkpoints/ or a path")


def _add_day_order(command) -> None:
    order = command.add_mutually_exclusive_group()
    for flag, first in (("--day-first", True), ("--month-first", False)):
        help = f"of a file whose dates can be read both ways: {flag[2:].replace('-', ' ')}"
        order.add_argument(flag, action="store_const", const=first, dest="day_first", help=help)


def _add_device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", default="auto", help="auto, cuda, mps or cpu (default auto)")


def run_data(arguments) -> None:
    if arguments.bring is not None:
        run_import(arguments)
        return
    if arguments.delete or arguments.rename is not None:
        _change_own(arguments)
        return
    if arguments.name is None:
        for name, source in data.sources().items():
            print(f"{name:16} {source.place}")
        return
    source = data.source(arguments.name)
    if not source.available:
        print(f"fetching {source.name} ...", file=sys.stderr)
        source.fetch(_show_progress)
    with _bar(f"reading {source.name}") as tell:
        dataset = source.load(on_share=tell)
    print(f"{dataset.name}: {source.place}")
    for name, value in statistics(dataset, source.noun).items():
        print(f"  {name:32} {value}")
    for note in dataset.notes:
        print(f"note: {note}")
    print(dataset.licence)


def run_import(arguments) -> None:
    """Read a file of somebody's own, check it, and keep it unless only asked to check."""
    given = {f.name: getattr(arguments, f.name) for f in dataclasses.fields(table.Settings)}
    settings = table.Settings(**{name: value for name, value in given.items() if value is not None})
    name = own.check_name(arguments.new or own.name_for(arguments.bring.name), list(data.sources()))
    encoding = encodings.checked(arguments.encoding) if arguments.encoding else ""
    file, items = table.pair(table.opened_file(arguments.bring, encoding))
    if arguments.items is not None:
        items = table.described(table.opened_file(arguments.items, encoding))
    given = {role: getattr(arguments, role) for role in ROLES}
    if (label := history.personal(table.layout(file).columns)) and not any(given.values()):
        raise ValueError(
            f"{file.name} is a {label}, one person's history: `python -m caser recommend --history` takes it"
        )
    columns = table.proposal(table.layout(file), file.name, given)
    roles = columns.decided(file.name)
    try:
        with _bar(f"reading {file.name}") as tell:
            interactions = table.read(file, roles, arguments.day_first, tell)
    except table.Undecided as unclear:
        raise ValueError(f"{unclear}: --day-first or --month-first") from None
    with _bar(f"checking {interactions.rows:,} rows") as tell:
        prepared = table.prepare(name, interactions, settings, items, tell)
    said = ", ".join(f"{role} {column!r}" for role, column in vars(roles).items() if column not in ("", NONE))
    print(f"{file.name}: {said}{f'; times are {interactions.unit}' if interactions.unit else ''}")
    for reason in columns.reasons.values():
        print(f"  {reason}")
    for step in prepared.steps:
        print(f"  {step.label:42} {step.rows:>11,} rows {step.users:>9,} users {step.items:>9,} items")
    for note in prepared.notes:
        print(f"note: {note}")
    if arguments.check:
        print("checked; nothing was kept")
        return
    print(f"kept as {name} in {own.keep(prepared).parent}; next: {checkpoint.train_command(name, 'caser')}")


@contextmanager
def _bar(doing: str) -> Iterator[Callable[[float], None]]:
    """A bar with the time left, for work that reports the share done; in a file lines."""
    with _share_bar(doing) as bar:
        yield lambda share: bar.update(share - bar.n)


def _share_bar(doing: str) -> tqdm:
    layout = "{desc} {percentage:3.0f} % |{bar}| {elapsed}, {remaining} left"
    kind = tqdm if sys.stderr.isatty() else _Lines
    silent = bool(int(os.environ.get("RANK", "0")))  # under torchrun the first process speaks for all
    return kind(desc=doing, total=1.0, leave=False, disable=silent, bar_format=layout)


class _Lines(tqdm):
    """A bar where output is no terminal: a line soon, and another every few per cent, but seconds apart."""

    def __init__(self, **options):
        self.next = time.monotonic() + 0.5
        layout = "{desc} {percentage:3.0f} %, {elapsed}, {remaining} left"
        super().__init__(**options | {"bar_format": layout, "mininterval": 0.5, "miniters": 0.03})

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + BETWEEN_LINES
            print(self, file=sys.stderr, flush=True)
        return True

    def clear(self, nolock: bool = False) -> None:
        """A line that was printed stays."""

    def close(self) -> None:
        """There is nothing to take away."""


def _change_own(arguments) -> None:
    """Rename or delete a data set that somebody brought."""
    if arguments.name is None:
        raise ValueError("name the data set: python -m caser data NAME --delete, or --rename NEW")
    if not data.source(arguments.name).own:
        raise ValueError(f"{arguments.name!r} is not one that you brought; delete or rename those alone")
    if arguments.delete:
        stranded = ", ".join(checkpoint.trained_on(arguments.name))
        own.delete(arguments.name)
        print(f"deleted {arguments.name}" + (f"; without data now: {stranded}" if stranded else ""))
        return
    own.rename(arguments.name, arguments.rename, list(data.sources()))
    followed = ", ".join(checkpoint.follow(arguments.name, arguments.rename))
    print(f"{arguments.name} is now {arguments.rename}" + (f", also for {followed}" if followed else ""))


def _show_progress(done: int, total: int | None) -> None:
    of = f" of {total / 1e6:.1f}" if total else ""
    print(f"\r{done / 1e6:.1f}{of} MB", end="" if done != total else "\n", file=sys.stderr, flush=True)


def run_train(arguments) -> None:
    run = Experiment(
        name=arguments.name,
        dataset=arguments.dataset,
        config=preset(arguments.model, arguments.preset).replace(**_settings(arguments)),
        seed=arguments.seed,
        ties=arguments.ties,
        device=arguments.device,
        overwrite=arguments.overwrite,
        keep_state=True,
        resume=arguments.resume,
        seeds=arguments.seeds,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _epoch_bar("reading the data") as bar:
        done = run.run(on_epoch=bar.report, on_share=bar.share, on_start=bar.say)
    if int(os.environ.get("RANK", "0")):
        return  # under torchrun the first process speaks for all
    m = done.metadata
    print(f"{m.epochs} epochs chosen on validation; {m.seconds:.1f} s on {m.device}")
    _print_metrics([(m.name, done.ranks.means() | {"users": len(done.ranks.users)})])
    if done.seeds:
        means = [ranks.means() for ranks in done.seeds.values()]
        _print_metrics([*_spread({metric: [row[metric] for row in means] for metric in METRICS})])
        print(f"saved seed {m.seed}, the median on validation of {', '.join(map(str, done.seeds))}")
    print(_protocol(run.dataset, run.ties))
    print(f"saved {checkpoint.locate(done.name)}")


class _EpochBar:
    """How far an epoch is, and a line for each that ended."""

    def __init__(self, bar: tqdm):
        self.bar, self.doing = bar, ""

    def share(self, doing: str, done: float) -> None:
        if doing != self.doing:
            self.doing = doing
            self.bar.reset()
            self.bar.set_description_str(doing, refresh=False)
        self.bar.update(done - self.bar.n)

    def report(self, report: EpochReport) -> None:
        self.say(epoch_line(report))

    def say(self, line: str, file=None) -> None:
        """Print a line above the bar, which begins anew."""
        self.bar.clear()
        print(line, file=file, flush=True)
        self.bar.reset()


@contextmanager
def _epoch_bar(doing: str) -> Iterator[_EpochBar]:
    with _share_bar(doing) as bar:
        yield _EpochBar(bar)


def _settings(arguments) -> dict:
    """The settings given as flags, by field name."""
    return {name: value for name in CONFIG_FIELDS if (value := getattr(arguments, name, None)) is not None}


def run_tune(arguments) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parts = split(data.load(arguments.dataset), arguments.ties)
    device = resolve_device(arguments.device)
    search = Search(parts, arguments.model, _settings(arguments), arguments.seed, device)
    journal = arguments.journal or search.default_journal()
    with _epoch_bar("training") as bar:
        trials = search.run(
            journal, arguments.trials, arguments.timeout, lambda one: bar.say(trial_line(one)), bar.share
        )
    outcomes = [trial.outcome for trial in trials]
    counts = ", ".join(f"{outcomes.count(name)} {name}" for name in ("complete", "pruned", "failed"))
    print(f"\n{len(trials)} trials ({counts}) in {sum(t.seconds for t in trials):,.0f} s, kept in {journal}")
    print("   ", *(f"{name.upper():>8}" for name in LIVE_METRICS), "epochs seconds  settings")
    for trial in [trial for trial in trials if trial.validation][:10]:
        metrics = " ".join(f"{trial.validation[name]:8.4f}" for name in LIVE_METRICS)
        settings = " ".join(_flags(trial.settings))
        print(f"{trial.number:4} {metrics} {trial.epochs:6} {trial.seconds:7.1f}  {settings}")
    print("validation metrics; the test targets were not used")


def trial_line(trial: Trial) -> str:
    """One trial for people: its result and its settings."""
    came_to = trial.error or f"{trial.outcome}, NDCG@10 {trial.validation['ndcg@10']:.4f} at epoch {trial.epochs}"
    return f"trial {trial.number}: {came_to}, {trial.seconds:.1f} s  {' '.join(_flags(trial.settings))}"


def _flags(settings: dict) -> Iterable[str]:
    """Settings as `train` takes them, numbers to three digits."""
    for name, value in settings.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            yield f"--{'' if value else 'no-'}{flag}"
        else:
            yield f"--{flag} {value:.3g}" if isinstance(value, float) else f"--{flag} {value}"


def epoch_line(report: EpochReport) -> str:
    """One epoch for people: phase, loss, validation metrics, speed, time left."""
    metrics = "  ".join(f"{METRICS[name].label} {value:.4f}" for name, value in report.validation.items())
    left = f"{int(report.seconds_left) // 60}:{int(report.seconds_left) % 60:02}"
    return (
        f"{report.phase} {report.epoch:3}/{report.epochs}  loss {report.loss:.4f}  {metrics or 'train + validation'}  "
        f"{report.examples_per_second:,.0f} examples/s  {left} left at most"
    )


def run_evaluate(arguments) -> None:
    device = resolve_device(arguments.device)
    loaded = [checkpoint.load(name, device) for name in arguments.checkpoints]
    splits: dict[tuple[str, str], Split] = {}
    ranks = [_ranked(trained, _shared_split(trained, splits), device) for trained in loaded]
    rows = [(trained.name, r.means() | {"users": len(r.users)}) for trained, r in zip(loaded, ranks, strict=True)]
    if arguments.json:
        print(json.dumps([{"checkpoint": name} | nan_to_none(row) for name, row in rows]))
        return
    _print_metrics([*rows, *_over_seeds(loaded, ranks)])
    for trained, r in zip(loaded, ranks, strict=True):
        bounds = ", ".join(f"{m} {low:.3f}-{high:.3f}" for m, (low, high) in r.intervals().items())
        print(f"{trained.name}, 95 % bootstrap over users: {bounds}")
    for trained, r in zip(loaded, ranks, strict=True):
        for metric, count in r.undefined().items():
            unseen = f"unseen {plural(data.noun(trained.metadata.dataset))}"
            print(f"{trained.name}, {metric}: {count:,} users left out, who have no more {unseen} than the list holds")
    for dataset, ties in splits:
        print(_protocol(dataset, ties))


def _ranked(trained: Checkpoint, parts: Split, device) -> Ranks:
    """A checkpoint's test ranks; on a terminal with a bar and the time left."""
    with _bar(f"ranking {trained.name}") as tell:
        return evaluate(trained.model, parts, "test", device, tell)


def run_compare(arguments) -> None:
    named("metric", arguments.metric, METRICS)
    if len(set(arguments.checkpoints)) < 2:
        raise ValueError("compare needs two checkpoints or more; name another one")
    device = resolve_device(arguments.device)
    loaded, parts = _of_one_split(arguments.checkpoints, device)
    shown = zip(screen_names(loaded), loaded, strict=True)
    entrants = [_entrant(name, trained, parts, device) for name, trained in shown]
    placed, (first, *others) = standings(entrants, arguments.metric), entrants
    against = [(entrant, compare(first.ranks, entrant.ranks, arguments.metric)) for entrant in others]
    if arguments.json:
        named_as = dict(zip((entrant.name for entrant in entrants), loaded, strict=True))
        print(json.dumps([_compared(placed, first.name, entrant.name, held, named_as) for entrant, held in against]))
        return
    noun, metric = data.noun(parts.dataset.name), placed.metric
    with words.speaking(noun):
        print(f"{verdict(placed)}.")
    for entrant, held in against:
        print(
            f"{pair_verdict(placed, first.name, entrant.name)}. 95 % {metric.signed(held.low)} to "
            f"{metric.signed(held.high)}, effect {held.effect:+.2f}; ranks the {noun} higher for {held.wins}, "
            f"lower for {held.losses}"
        )
    print(_protocol(parts.dataset.name, parts.ties))


def _entrant(name: str, trained: Checkpoint, parts: Split, device) -> Entrant:
    """A checkpoint to compare; ranked, where its file does not say how, with a bar on a terminal."""
    with _bar(f"ranking {trained.name}") as tell:
        ranks = ranks_of(trained, parts, device, tell)
    return Entrant(name, trained.metadata.config.model.name, ranks, kept_seeds(trained, parts), trained.model.learns)


def _compared(placed: Standings, first: str, other: str, held: Comparison, checkpoints: dict[str, Checkpoint]) -> dict:
    """A pair for JSON: `p_value` is of the paired test alone, `p_corrected` that for all pairs (Holm)."""
    pair = placed.pair(first, other)
    over = pair.over_trainings
    return {
        "checkpoint": checkpoints[first].name,
        "against": checkpoints[other].name,
        **dataclasses.asdict(held),
        "p_corrected": pair.over_users.p_corrected,
        "over_trainings": over and dataclasses.asdict(over),
        "verdict": pair_verdict(placed, first, other),
    }


def run_report(arguments) -> None:
    if any(given is not None for given in (arguments.user, arguments.sequence, arguments.history)):
        text = _handout(arguments)
    else:
        text = _comparison(arguments)
    files.write_asked(arguments.out, text)
    print(f"saved {arguments.out}, {len(text.encode()) / 1000:,.0f} kB")


def _comparison(arguments) -> str:
    """Checkpoints compared, as a page."""
    for name, usual in arguments.usual.items():
        if getattr(arguments, name) != usual:
            flag = "-k" if name == "k" else f"--{name.replace('_', '-')}"
            raise ValueError(f"{flag} is for the list of a visitor; add --user, --sequence or --history")
    metric = arguments.metric or "ndcg@10"
    named("metric", metric, METRICS)
    loaded, parts = _of_one_split(arguments.checkpoints, "cpu")
    return report.html(report.entries(loaded, parts), parts, metric)


def _handout(arguments) -> str:
    """The list of one visitor with its reason, as a page or a drawing."""
    drawn = arguments.out.suffix.lower() == ".svg"
    if len(arguments.checkpoints) > 1 or arguments.metric:
        extra = "--metric" if arguments.metric else f"{arguments.checkpoints[1]!r}"
        raise ValueError(f"the list of a visitor is by one checkpoint; leave out {extra}, or the visitor")
    if not drawn and (arguments.slide or arguments.out.suffix.lower() not in (".html", ".htm")):
        asked = "--slide needs" if arguments.slide else "a visitor's list is written as .html or .svg: give"
        raise ValueError(f"{asked} --out FILE.svg, not {arguments.out.name!r}; the dashboard saves PNG")
    (arguments.checkpoint,) = arguments.checkpoints
    loaded, parts, user, films = _visitor(arguments)
    dataset = parts.dataset
    with words.speaking(data.noun(dataset.name)):
        narrowed = _narrowed(arguments, dataset)
        who = "" if user == ANONYMOUS else f"{words.W.viewer} {dataset.user_name(user)}"
        visitor = Visitor(user, films, who, _target(parts, user), arguments.rewatch)
        listed = _listed(arguments, loaded, dataset, user, films, narrowed)
        if not len(listed):
            raise ValueError(
                f"no other {words.W.film} is left to list; --rewatch also lists what was {words.W.watched}"
            )
        item = int(listed.index[0]) if arguments.item is None else _titles(dataset).find(arguments.item)
        said = conditions_said(narrowed, dataset, arguments.variety)
        why = explain(loaded.model, dataset, user, films, item)
        content = handout(loaded, dataset, visitor, listed, why, said)
        if drawn:
            return drawing.svg(content, drawing.SLIDE if arguments.slide else drawing.PICTURE)
        picture = ""
        if fits_browser(loaded.model):
            called = _called(loaded, parts)
            picture = handout_page.picture_of(pack(loaded, parts), loaded, dataset, visitor, item, called)
        return handout_page.html(content, dataset, picture)


def _of_one_split(names: Iterable[str], device) -> tuple[list[Checkpoint], Split]:
    """Checkpoints that were tested alike, each once, and what on; ValueError if they were not."""
    loaded = [checkpoint.load(name, device) for name in dict.fromkeys(names)]
    splits: dict[tuple[str, str], Split] = {}
    for trained in loaded:
        _shared_split(trained, splits)
    if len(splits) > 1:
        raise ValueError("these checkpoints are of different data sets or rules on ties; compare those of one split")
    return loaded, next(iter(splits.values()))


def nan_to_none(row: dict[str, float]) -> dict[str, float | None]:
    """A row of metrics for JSON, which knows no nan."""
    return {name: None if value != value else value for name, value in row.items()}


def _shared_split(trained: Checkpoint, splits: dict) -> Split:
    key = (trained.metadata.dataset, trained.metadata.ties)
    if key not in splits:
        splits[key] = experiment.split_of(trained.metadata)
    trained.metadata.require(splits[key].dataset)
    return splits[key]


def _over_seeds(loaded: list[Checkpoint], ranks: list[Ranks]) -> Iterable[tuple[str, dict[str, float]]]:
    """Mean and standard deviation over checkpoints that differ in nothing but the seed."""
    groups: dict[str, dict[int, dict[str, float]]] = {}
    for trained, r in zip(loaded, ranks, strict=True):
        m = trained.metadata
        key = json.dumps([m.dataset_checksum, m.ties, m.config.to_dict()])
        groups.setdefault(key, {})[m.seed] = r.means()
    for means in groups.values():
        if len(means) > 1:
            yield from _spread({metric: [row[metric] for row in means.values()] for metric in METRICS})


def _spread(over_seeds: dict[str, list[float]]) -> Iterable[tuple[str, dict[str, float]]]:
    """Mean and standard deviation over seeds."""
    yield f"mean of {len(next(iter(over_seeds.values())))} seeds", {m: float(np.mean(v)) for m, v in over_seeds.items()}
    yield "standard deviation", {m: float(np.std(v, ddof=1)) for m, v in over_seeds.items()}


def _print_metrics(rows: list[tuple[str, dict[str, float]]]) -> None:
    width = max(len(name) for name, _ in rows)
    print(" " * width, *(f"{METRICS[name].label:>8}" for name in METRICS), "   users")
    for name, row in rows:
        users = f"{row['users']:8,}" if "users" in row else ""
        print(f"{name:{width}}", *(f"{row[m]:8.4f}" for m in METRICS), users)


def _protocol(dataset: str, ties: str) -> str:
    simulated, noun = " (simulated viewers)" if data.source(dataset).planted else "", data.noun(dataset)
    return (
        f"{dataset}{simulated}, leave-last-out, the {ties} of tied last interactions is the test {noun}; "
        f"ranked among all {plural(noun)} the user had not seen; ties count half"
    )


def run_study(arguments) -> None:
    experiment.check_seeds(arguments.seeds)
    trained = checkpoint.load(arguments.checkpoint)
    parts = experiment.split_of(trained.metadata)
    if arguments.vary is None:
        _study_parts(trained, parts, arguments.seeds)
    else:
        _study_values(sweep.sweep_of(arguments.vary, trained, parts), trained, parts, arguments.seeds)
    print(f"saved {study.path_of(trained.name)}")


@contextmanager
def _studying(trained: Checkpoint) -> Iterator[tuple]:
    """How far a study is, what it measured before, and how it is kept."""
    with _epoch_bar("ranking the test") as bar:
        yield (
            lambda name: bar.say(f"{name} ...", sys.stderr),
            bar.share,
            study.load(trained),
            lambda measured: study.save(measured, trained),
        )


def _study_values(swept: sweep.Sweep, trained: Checkpoint, parts: Split, seeds: int) -> None:
    """Train with each value of a setting, and print a table for each metric."""
    with _studying(trained) as how:
        results = sweep.measure(swept, trained, parts, seeds, *how)
    for metric in SWEPT:
        values = sweep_said.sweeps(results, trained.metadata.config, metric)[swept.setting]
        own = sweep_said.own_value(values).name
        width = max(len(name) for name in (METRICS[metric].label, *(step.name for step in values)))
        print(f"{METRICS[metric].label:{width}}     mean   spread  seeds  minus {own} (95 %)")
        for step in values:
            change = "{:+.4f} ({:+.4f} to {:+.4f})".format(*step.added) if step.added else ""
            print(f"{step.name:{width}} {step.mean:8.4f} {step.spread:8.4f} {len(step.by_seed):6}  {change}".rstrip())
        print(f"{sweep_said.sentence(values, metric)}\n")
    print(_protocol(trained.metadata.dataset, trained.metadata.ties))


def _study_parts(trained: Checkpoint, parts: Split, seeds: int) -> None:
    with _studying(trained) as how:
        results = study.study(trained, parts, seeds, *how)
    _print_metrics([_studied(name, list(ranks.values())) for name, ranks in results.items()])
    print(_protocol(trained.metadata.dataset, trained.metadata.ties))
    if works := effects.works(results, STUDIED):
        with words.speaking(data.noun(trained.metadata.dataset)):
            print(works_said.sentence(works))
        print(works_said.advice(works, trained.name), end="\n" * (works.trainings < 2))


def _studied(name: str, ranks: list[Ranks]) -> tuple[str, dict[str, float]]:
    """A row of a study: the means of a variant over its trainings or shuffles."""
    means = {metric: float(np.mean([one.means()[metric] for one in ranks])) for metric in METRICS}
    return f"{name}, mean of {len(ranks)}" if len(ranks) > 1 else name, means | {"users": len(ranks[0].users)}


def run_filters(arguments) -> None:
    if arguments.seeds is not None:
        experiment.check_seeds(arguments.seeds)
    trained = checkpoint.load(arguments.checkpoint)
    parts = experiment.split_of(trained.metadata)
    if trained.model.has_curves and not arguments.seeds:
        _print_curves(trained, parts, arguments.json)
        return
    if arguments.seeds:
        with _epoch_bar("training") as bar:
            result = findings.find_over_seeds(
                trained,
                parts,
                arguments.seeds,
                lambda seed: bar.say(f"training seed {seed} ...", sys.stderr),
                bar.share,
            )
        print(f"saved {findings.save(result, trained)}", file=sys.stderr)
    else:
        result = findings.of(trained, parts)
    rows = [findings.about_filter(result, parts, *place) for place in result.test.filters]
    if arguments.json:
        about = {"checkpoint": trained.name, "filters": rows} | findings.about_random(result)
        print(json.dumps(about | {"sentence": findings.sentence(result, trained.name)}))
        return
    for row in rows:
        again = "" if row["found_again"] is None else f"  comes back in {row['found_again']} of {row['other_seeds']}"
        random = "" if row["random_share_95"] is None else f" (random {row['random_share_95']:.0%})"
        known = f"fires {row['fires']:4.0%}  explains {row['share_explained']:4.0%}{random}{again}"
        print(f"{row['filter']:6} {known}  {row['name']}")
    print(findings.sentence(result, trained.name))
    if not result.stability:
        print("to see which come back with another seed: --seeds 5")


def _print_curves(trained: Checkpoint, parts: Split, as_json: bool) -> None:
    """What the curves of a model without filters are worth."""
    with words.speaking(data.noun(parts.dataset.name)), _bar("ranking the test") as tell:
        said = curves.sentence(curve_effects(trained.model, parts, tell), STUDIED)
    print(json.dumps({"checkpoint": trained.name, "sentence": said}) if as_json else said)


def _narrowed(arguments, dataset: Dataset) -> Narrowing:
    """What the list may hold, by the flags of `_add_list`."""
    return narrowing(
        dataset,
        arguments.genre,
        arguments.not_genre,
        arguments.years,
        arguments.known,
        arguments.column,
        _not_these(arguments, dataset),
    )


def _listed(
    arguments, loaded: Checkpoint, dataset: Dataset, user: int, history: list[int], narrowed: Narrowing
) -> pd.DataFrame:
    """The list that the flags of `_add_list` ask for."""
    return recommend(
        loaded.model,
        dataset,
        user,
        history,
        arguments.k,
        arguments.rewatch,
        loaded.metadata.temperature,
        narrowed,
        arguments.variety,
        film_vectors(loaded.model) if arguments.variety else None,
    )


def _target(parts: Split, user: int) -> int | None:
    """What a viewer really watched next; None where it is not known."""
    known = user != ANONYMOUS and user in parts.evaluated
    return int(parts.item[parts.end("test")[user]]) if known else None


def run_recommend(arguments) -> None:
    loaded, parts, user, history = _visitor(arguments)
    dataset = parts.dataset
    narrowed = _narrowed(arguments, dataset)
    films = _listed(arguments, loaded, dataset, user, history, narrowed)
    if arguments.json:
        print(json.dumps(rows(films)))
        return
    for line in _history_lines(loaded.model.L, dataset, user, history):
        print(line)
    print(_films_text(films))
    if len(films) < arguments.k:
        print(f"no other {data.noun(dataset.name)} is left")
    if (target := _target(parts, user)) is not None:
        rank = rank_of(score_catalogue(loaded.model, user, history), target, history)
        left_out = ", not on the list" if narrowed and not narrowed.allowed(dataset)[target] else ""
        print(f"held out: {label(dataset, target)}, rank {rank:g} of all{left_out}")
    if same := twins(dataset, films.index, dataset.name):
        print(same)


def _not_these(arguments, dataset: Dataset) -> list[int]:
    """The films that `--without` names, one by one or by a file of them."""
    titles, films = _titles(dataset), []
    for text in arguments.without:
        if Path(text).is_file():
            found = history.Matcher(titles).review(history.read_file(Path(text), day_first=True)).sequence({})
            print(f"{text}: {len(found):,} of its {plural(titles.noun)} are left out", file=sys.stderr)
            films += found
        else:
            films.append(titles.find(text))
    return films


def _films_text(films: pd.DataFrame) -> str:
    shown = films.assign(genres=films["genres"].map(", ".join))
    return shown.to_string(index=False, float_format="%.3f", formatters={OF_ALL: "{:g}".format})


def _history_lines(L: int, dataset: Dataset, user: int, history: list[int]) -> Iterator[str]:
    """The latest films, how many of all a model reads that reads L, and which a visitor gave more than once."""
    films = plural(data.noun(dataset.name))
    recent = [label(dataset, item) for item in history[-max(L, 5) :]]
    yield f"recent {films}, oldest first: " + "; ".join(recent)
    if 0 < L < len(history):
        yield f"the model reads the last {L} of {len(history):,} {films}"
    if user == ANONYMOUS and (often := repeated(dataset, history)):
        yield often


def run_explain(arguments) -> None:
    loaded, parts, user, history = _visitor(arguments)
    item = _titles(parts.dataset).find(arguments.item)
    why = explain(loaded.model, parts.dataset, user, history, item)
    if arguments.json:
        known = cache(findings.of)  # asked only where a filter has fired
        about = lambda *place: findings.about_filter(known(loaded, parts), parts, *place)  # noqa: E731
        print(json.dumps(findings.explained(why, about)))
    else:
        print(_explanation_text(why, parts.dataset))


def run_similar(arguments) -> None:
    loaded = checkpoint.load(arguments.checkpoint, resolve_device(arguments.device))
    parts = experiment.split_of(loaded.metadata)
    item = _titles(parts.dataset).find(arguments.item)
    films = similar(loaded.model, parts.dataset, item, arguments.k, often_watched(parts))
    print(json.dumps(rows(films)) if arguments.json else _films_text(films))


def _explanation_text(why: Explanation, dataset: Dataset) -> str:
    lines = [f"{label(dataset, why.item.item)}: score {why.score:.3f}"]
    if why.contributions:
        who = "a new visitor's part" if why.contributions.anonymous else "user"
        parts = why.contributions
        values = [*parts.positions, parts.user, parts.network, parts.constant]
        films = [label(dataset, film.item) if film else "(padding)" for film in why.films]
        names = [*films, who, "constant of the network", f"constant of the {data.noun(dataset.name)}"]
        lines += ["contributions, which add up to it:"] + [
            f"  {value:+8.3f}  {name}" for value, name in zip(values, names, strict=True)
        ]
    order = why.order_effect
    if why.shapley.values:
        lines.append(f"Shapley values, oldest first: {', '.join(f'{v:+.3f}' for v in why.shapley.values)}")
    lines.append(f"order: {order.effect:+.3f} compared with the mean over {order.orders} orders, rank {order.rank:g}")
    fired = why.filters.fired[:5] if why.filters else ()
    lines += [f"filter {f.name}: {f.contribution:+.3f}" for f in fired]
    return "\n".join(lines)


def _visitor(arguments) -> tuple[Checkpoint, Split, int, list[int]]:
    """The checkpoint named, its split, and the user and history to recommend for."""
    loaded = checkpoint.load(arguments.checkpoint, resolve_device(arguments.device))
    parts = experiment.split_of(loaded.metadata)
    if arguments.user is not None:
        user = parts.dataset.find_user(arguments.user)
        return loaded, parts, user, parts.history(user, "test").tolist()
    titles = _titles(parts.dataset)
    if arguments.history is not None:
        return loaded, parts, ANONYMOUS, _own_films(arguments, titles)
    if arguments.sequence is None:
        first = int(parts.evaluated[0])
        return loaded, parts, first, parts.history(first).tolist()
    return loaded, parts, ANONYMOUS, [titles.find(text) for text in arguments.sequence]


def _titles(dataset: Dataset) -> TitleIndex:
    return TitleIndex(dataset, data.noun(dataset.name))


def _own_films(arguments, titles: TitleIndex) -> list[int]:
    """The films of a history that are certain to be in the data set, oldest first; what is left out is printed."""
    try:
        found = history.read_file(Path(arguments.history), day_first=arguments.day_first, who=arguments.profile)
    except history.Undecided as unclear:
        profiles = ", ".join(map(repr, unclear.answers))
        how = f"--profile with one of {profiles}" if unclear.question == "who" else "--day-first or --month-first"
        raise ValueError(f"{unclear}: {how}") from None
    review = history.Matcher(titles).review(found)
    confirmed = review.likeliest() if arguments.likeliest else {}
    print(_review_text(review, titles, "taken" if confirmed else "left out"), file=sys.stderr)
    films = review.sequence(confirmed)
    if not films:
        raise ValueError(
            f"no film of {arguments.history} is certain to be in {titles.dataset.name}; --likeliest also takes what is "
            "unsure, and --sequence takes titles and ids"
        )
    return list(films)


def _review_text(review: history.Review, titles: TitleIndex, fate: str) -> str:
    """What became of a history, and what each film that is unsure may be; `fate` says what becomes of those."""
    name = titles.dataset.name
    counts = ", ".join(f"{review.count(v):,} {v}" for v in (history.MATCHED, history.UNSURE))
    lines = [f"{review.history.source}: {counts}, {review.count(history.ABSENT):,} not in {name}"]
    if review.too_new:
        lines.append(f"{len(review.too_new):,} are newer than {name}, which ends in {review.until}")
    lines += review.notes
    for match in review.matches:
        if match.verdict == history.UNSURE:
            offered = titles.listing(match.items)
            lines.append(f"unsure, {fate}: {match.entry.called} ({match.how}): {offered}")
    return "\n".join(lines)


def run_picture(arguments) -> None:
    loaded, parts, user, films = _visitor(arguments)
    path = arguments.out or Path(f"{loaded.name}.html")
    with words.speaking(data.noun(loaded.metadata.dataset)):
        who = "a new visitor" if user == ANONYMOUS else f"{words.W.viewer} {parts.dataset.user_name(user)}"
        target, called = _target(parts, user), _called(loaded, parts)
        page.show(loaded, parts, user, films, who, target=target, names=called).write(path)
    print(f"wrote {path}, {path.stat().st_size / 1e6:.1f} MB; open it in any browser")


def run_export(arguments) -> None:
    loaded = checkpoint.load(arguments.checkpoint)
    parts = experiment.split_of(loaded.metadata)
    written = export(
        loaded,
        parts,
        data.source(parts.dataset.name),
        arguments.folder,
        with_graph=arguments.onnx,
        with_vectors=arguments.vectors,
        licence=arguments.licence,
    )
    for path in written:
        print(f"{path}, {path.stat().st_size / 1e6:.1f} MB")


def _called(loaded: Checkpoint, parts: Split) -> dict[str, str]:
    """What the filters look for, those that have a name."""
    result = findings.of(loaded, parts) if has_convolutions(loaded.model) else None
    names = result.names(parts).items() if result else ()
    return {horizontal_name(*place): name.text for place, name in names if name.named}


def run_verify(arguments) -> None:
    texts, checked = {path: verify.read(path) for path in arguments.files or verify.FILES}, []
    for figure in verify.check("\n\n".join(texts.values()), arguments.quick):
        print(figure, flush=True)
        checked.append(figure)
    if arguments.write:
        for path, text in texts.items():
            verify.write(path, verify.corrected(text, checked))
        checked = [figure for figure in checked if figure.name not in verify.FIGURES]
    verify.require_same(checked)


def run_bench(arguments) -> None:
    only = [name.strip() for name in arguments.only.split(",") if name.strip()]
    for name, record in benchmark.run(only, arguments.device):
        print(json.dumps({name: record}) if arguments.json else f"{benchmark.part_table(name, record)}\n", flush=True)


ADDERS = (  # of the commands, in the order of the help
    _add_data,
    _add_train,
    _add_tune,
    _add_evaluate,
    _add_compare,
    _add_report,
    _add_study,
    _add_filters,
    _add_recommend,
    _add_explain,
    _add_similar,
    _add_picture,
    _add_export,
    _add_verify,
    _add_bench,
)
