"""Speed and memory on the machine at hand: against a textbook implementation, and as the data grows."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from caser import checkpoint, data, interpreter
from caser.benchmark.machine import Stopwatch, describe, peak_memory
from caser.benchmark.synthetic import large_catalogue, synthetic, write_ratings
from caser.benchmark.textbook import Textbook, Windows, scores_by_candidate, scores_by_user, sort_and_loop
from caser.config import Config, preset
from caser.data.dataset import Split, from_interactions, split
from caser.data.histories import Histories
from caser.data.titles import TitleIndex, UnknownTitle
from caser.evaluation import Evaluator
from caser.explain.explanation import explain
from caser.fields import named
from caser.models import ANONYMOUS, Recommender, build, outline
from caser.models.layers import UserEmbedding
from caser.recommend import recommend
from caser.training.devices import resolve_device
from caser.training.loop import Cancelled, Fit, Phase, fit
from caser.training.reports import CHOSEN_BY, EpochReport

CHAPTER = preset("caser", "chapter")
# What the textbook does not do.
PLAIN = {"tied": False, "T": 1, "schedule": "constant", "weight_decay": 0.0, "decoupled": False, "backwards": 0.0}
SETTINGS = {"chapter": CHAPTER, "bpr64": CHAPTER.replace(d=64), "tuned": preset("caser", "tuned").replace(**PLAIN)}
MILLION = 1_000_000


@dataclass(frozen=True)
class Effort:
    """How long to measure; the defaults take some five minutes on two cores.

    Attributes:
        rounds: alternations of textbook and ours. seconds: of textbook training a round.
        users: ranked candidate by candidate. calls: of `recommend`, ten times those of `explain`.
        starts: of a fresh interpreter.
        side: of the matrices that find out what the machine can do.
        sizes: interactions of the synthetic data. steps: of training timed at each size.
        catalogues: items of the synthetic data that a catalogue's size is measured on.
        ratings: lines of the synthetic file that is read.
        titles: films of the catalogue that is searched, and of the synthetic file.
    """

    rounds: int = 5
    seconds: float = 1.0
    users: int = 20
    calls: int = 300
    starts: int = 3
    side: int = 2048
    sizes: tuple[int, ...] = (MILLION // 10, MILLION, 10 * MILLION, 20 * MILLION)
    steps: int = 40
    catalogues: tuple[int, ...] = (1_682, 3_400, 12_000, 30_000, 87_000)
    ratings: int = 20 * MILLION
    titles: int = 87_000


@dataclass(frozen=True, eq=False)
class Bench:
    """What every part measures on; `machine` as `describe` gives it."""

    split: Split
    device: torch.device
    effort: Effort
    machine: dict


def measure_training(bench: Bench) -> dict:
    """Windows a second of the textbook and of ours at each of `SETTINGS`, and ours against the roofline."""
    return {name: _race(bench, config) for name, config in SETTINGS.items()}


def _race(bench: Bench, config: Config) -> dict:
    """Textbook, ours, textbook, ours, ... after a warm-up of each; medians and ranges.

    With sampled negatives the textbook also runs in one pass for each batch: what its second pass costs.
    """
    slow_ways = {"textbook": 2} | ({"one_pass": 1} if config.training.negatives else {})
    racers = {
        way: partial(textbook_of(bench.split, "validation", config, bench.device, passes).epoch, bench.effort.seconds)
        for way, passes in slow_ways.items()
    }
    racers["ours"] = partial(Phase(bench.split, "validation", config, 0, bench.device).epoch, lambda: False)
    laps = [{name: race()[1] for name, race in racers.items()} for _ in range(1 + bench.effort.rounds)][1:]
    rates = {name: np.array([lap[name] for lap in laps]) for name in racers}  # windows a second
    fast = float(np.median(rates["ours"]))
    found = {}
    for name, rate in rates.items():
        found |= {name: float(np.median(rate)), f"{name}_range": _range(rate)}
    for way, name in zip(slow_ways, ("ratio", "one_pass_ratio"), strict=False):
        found |= {name: fast / found[way], f"{name}_range": _range(rates["ours"] / rates[way])}
    return found | _roofline(bench, config, config.training.batch_size / fast)


def _roofline(bench: Bench, config: Config, step: float, phase: Phase | None = None) -> dict:
    """How much of the machine a step of so many seconds uses; of a phase only what its steps weigh and move counts."""
    n_users, n_items = bench.split.dataset.n_users, bench.split.dataset.n_items
    flops, traffic = step_work(config, n_users, n_items, **_few(phase) if phase else {})
    least = max(flops / bench.machine["gflops"], traffic / bench.machine["gigabytes_per_second"]) / 1e9  # seconds
    return {
        "step_ms": 1e3 * step,
        "step_gflop": flops / 1e9,
        "step_megabytes": traffic / 1e6,
        "roofline_share": least / step,
    }


def _few(phase: Phase) -> dict[str, int]:
    """Of a phase's steps the items weighed, and the weights moved, about."""
    batch, pool = phase.config.batch_size, phase.objective.pool
    scored = min(phase.model.n_items, pool + batch * phase.config.T)
    moved = sum(weight.numel() for weight in phase.dense)
    for rows in phase.rows.rows:
        read = batch if isinstance(rows.table, UserEmbedding) else scored + batch * phase.model.L
        moved += min(len(rows.weight), read) * rows.weight.shape[1]
    return {"scored": scored, "parameters": moved}


def _range(values: np.ndarray) -> list[float]:
    return [float(values.min()), float(values.max())]


def textbook_of(parts: Split, stage: str, config: Config, device: torch.device, passes: int = 2) -> Textbook:
    """The textbook's training on the windows that ours trains on; `passes` as in `Textbook`."""
    histories, L = Histories(parts, stage), config.model.L
    at = histories.positions(L if config.training.full_windows else 1)
    pools = _unseen_pools(parts, stage, config.training.hide_test) if config.training.negatives else None
    windows = Windows(histories.user[at], histories.windows(at, L), histories.item[at], pools, seed=0)
    return Textbook(config, windows, seen_table(histories), 0, device, passes)


def seen_table(histories: Histories) -> Tensor:
    """bool (n_users, n_items): what each user has watched of what is not hidden."""
    table = torch.zeros(len(histories.start), histories.n_items, dtype=torch.bool)
    table[histories.visible()] = True
    return table


def _unseen_pools(parts: Split, stage: str, hide_test: bool) -> list[list[int]]:
    """The items each user has not seen, which negatives are drawn from."""
    catalogue = set(range(parts.dataset.n_items))
    pools = [list(catalogue.difference(parts.history(user, stage).tolist())) for user in range(parts.dataset.n_users)]
    if hide_test:
        for user, item in zip(parts.evaluated, parts.target("test"), strict=True):
            pools[user].remove(item)
    return pools


def step_work(
    config: Config, n_users: int, n_items: int, scored: int | None = None, parameters: int | None = None
) -> tuple[float, float]:
    """The least of one training step: floating point operations, and bytes to and from memory.

    Args:
        scored: items weighed for a window; None counts them by the loss. parameters: moved; None takes all.

    Backward is twice the forward. A parameter is 9 floats: its gradient is cleared and written, Adam reads
    four and writes three. An activation is written, read again by the backward, and its gradient written.
    """
    m, t = config.model, config.training
    blocks = sum(h * (m.L - h + 1) for h in range(1, m.L + 1))  # rows that the filters of all heights read
    features, sampled = m.n_v * m.d + m.n_h * m.L, t.negatives > 0
    scored = scored or (t.T + t.T * t.negatives if sampled else n_items)
    products = m.n_h * blocks * m.d + m.n_v * m.L * m.d + features * m.d + 2 * m.d * scored
    gathered = 2 * m.d * scored if sampled else 0
    floats = m.L * m.d + m.n_h * m.L * (m.L + 1) // 2 + 2 * features + 3 * m.d + gathered + scored
    parameters = parameters or sum(weight.numel() for weight in outline(m, n_users, n_items).parameters())
    return 3.0 * 2 * t.batch_size * products, 4.0 * (9 * parameters + 3 * t.batch_size * floats)


def measure_whole_run(bench: Bench) -> dict:
    """Seconds of a whole run of Caser `tuned`, refit included, and until it ranks as well as counting does.

    One run, since three took 56 to 58 s on the same machine. Quality is NDCG@10 on validation.
    """
    counted = fit(bench.split, preset("covisit"), device=bench.device).validation[CHOSEN_BY]
    whole, reached, quality = _timed_run(bench, counted)
    return {
        "whole_s": whole,
        "as_good_as_counting_s": reached if np.isfinite(reached) else "not reached",
        "validation_ndcg@10": quality,
        "counting_ndcg@10": counted,
    }


def _timed_run(bench: Bench, goal: float) -> tuple[float, float, float]:
    """Seconds in all and to the goal, and the quality in the end."""
    watch, spent, reached = Stopwatch(bench.device), 0.0, float("inf")

    def look(report: EpochReport) -> None:
        nonlocal spent, reached
        spent += watch.lap()
        if report.validation and report.validation[CHOSEN_BY] >= goal:
            reached = min(reached, spent)

    fitted = fit(bench.split, preset("caser", "tuned"), seed=0, device=bench.device, on_epoch=look)
    return spent + watch.lap(), reached, fitted.validation[CHOSEN_BY]


def measure_evaluation(bench: Bench) -> dict:
    """Seconds to rank every user's test film: sort-and-loop, from a sample of users, and ours."""
    phase = Phase(bench.split, "test", SETTINGS["tuned"], 0, bench.device)
    phase.epoch(lambda: False)
    model, n = phase.model.eval(), len(bench.split.evaluated)
    few = np.arange(0, n, max(1, n // bench.effort.users))
    evaluator = Evaluator(bench.split, "test", bench.device)
    laps: dict[str, list[float]] = {"ours": [], "textbook": [], "query_once": []}
    ranks, watch = evaluator(model), Stopwatch(bench.device)  # warms up, too
    for _ in range(bench.effort.rounds):
        slow = ranks_by_sorting(model, bench.split, few, scores_by_candidate)
        laps["textbook"].append(watch.lap() / len(few) * n)
        ranks_by_sorting(model, bench.split, few, scores_by_user)
        laps["query_once"].append(watch.lap() / len(few) * n)
        for _ in range(3):
            evaluator(model)
            laps["ours"].append(watch.lap())
    seconds = {name: float(np.median(times)) for name, times in laps.items()}
    return seconds | {
        "users": n,
        "ratio": seconds["textbook"] / seconds["ours"],
        "query_once_ratio": seconds["query_once"] / seconds["ours"],
        "same_ranks": float((np.abs(ranks.rank[few] - slow) <= 0.5).mean()),  # a tie counts a half in ours
    }


def ranks_by_sorting(model: Recommender, parts: Split, which: Sequence[int], scores_of: Callable) -> np.ndarray:
    """int64: the textbook's test ranks of the evaluated users numbered `which`."""
    users, targets = parts.evaluated[which].tolist(), parts.target("test")[which].tolist()
    histories = [parts.history(user, "test").tolist() for user in users]
    return np.array(sort_and_loop(users, histories, targets, parts.dataset.n_items, partial(scores_of, model), model.L))


def measure_recommend(bench: Bench) -> dict:
    """Milliseconds of a visitor's top 10, the whole table, of explaining a film, and of 1,000 visitors' top 10."""
    parts, device, rng = bench.split, bench.device, np.random.default_rng(0)
    model = build(SETTINGS["tuned"].model, parts.dataset.n_users, parts.dataset.n_items).to(device).eval()
    users = rng.choice(parts.evaluated, bench.effort.calls + 1)
    single, watch = [], Stopwatch(device)
    for user in users:
        recommend(model, parts.dataset, int(user), parts.history(user).tolist())
        single.append(1e3 * watch.lap())
    windows = torch.as_tensor(rng.integers(0, parts.dataset.n_items, (1000, model.L))).to(device)
    batch, watch = [], Stopwatch(device)
    for _ in range(max(3, bench.effort.calls // 15)):
        _top_10(model, windows)
        batch.append(1e3 * watch.lap())
    explaining, watch = [], Stopwatch(device)
    for user in users[: 1 + max(1, bench.effort.calls // 10)]:
        explain(model, parts.dataset, int(user), parts.history(user).tolist(), 0)
        explaining.append(1e3 * watch.lap())
    p50, p95 = np.percentile(single[1:], [50, 95])  # the first call is the warm-up
    return {
        "p50_ms": float(p50),
        "p95_ms": float(p95),
        "explain_ms": float(np.median(explaining[1:])),
        "batch_1000_ms": float(np.median(batch)),
    }


@torch.inference_mode()
def _top_10(model: Recommender, windows: Tensor) -> np.ndarray:
    """int64 (B, 10): for anonymous visitors with these windows, int64 (B, L), each without its own films."""
    users = windows.new_full((len(windows),), ANONYMOUS)
    scores = model.scores(users, windows).scatter_(1, windows, -torch.inf)  # (B, n_items)
    return scores.topk(10).indices.cpu().numpy()


def scale_row(n: int, device: str, steps: int) -> dict:
    """Seconds and memory with about n interactions; best called in a fresh process, whose peak memory it reports."""
    config = CHAPTER.replace(shuffle_ties=True, full_windows=False, hide_test=False)
    dataset, device = synthetic(n), torch.device(device)
    _time_steps(Phase(split(synthetic(3_000)), "validation", config, 0, device), 1)  # what only a first run waits for
    watch = Stopwatch(device)
    parts = split(dataset)
    splitting = watch.lap()
    phase = Phase(parts, "validation", config, 0, device)
    phase.histories.n_unseen(phase.histories.user[:1].long())  # builds what negatives are drawn from
    preparing = watch.lap()
    starting, step = _time_steps(phase, steps)
    evaluator = Evaluator(parts, "validation", device, parts.evaluated[:1000])
    watch.lap()
    evaluator(phase.model)
    evaluating = watch.lap()
    epoch = starting + step / config.training.batch_size * len(phase.positions)
    return {
        "interactions": len(dataset),
        "users": dataset.n_users,
        "items": dataset.n_items,
        "split_s": splitting,
        "histories_s": preparing,
        "shuffle_s": starting,
        "step_ms": 1e3 * step,
        "evaluate_ms_per_user": 1e3 * evaluating / len(evaluator.users),
        "us_per_interaction": 1e6 * (splitting + preparing + epoch) / len(dataset),
        "bytes_per_interaction": _tensor_bytes(vars(phase.histories), phase.positions) / len(dataset),
        "peak_gib": peak_memory() / 2**30,
    }


def _time_steps(phase: Phase, steps: int) -> tuple[float, float]:
    """Seconds an epoch takes to begin (shuffling), and median seconds of a training step."""
    watch, laps = Stopwatch(phase.histories.device), []

    def tick() -> bool:
        laps.append(watch.lap())
        return len(laps) > steps

    with suppress(Cancelled):
        phase.epoch(tick)
    return laps[0], float(np.median(laps[1:] or laps))


def _tensor_bytes(*values) -> int:
    """The storage of all tensors in values and in the dicts and tuples among them."""
    total = 0
    for value in values:
        if isinstance(value, Tensor):
            total += value.untyped_storage().nbytes()
        elif isinstance(value, dict):
            total += _tensor_bytes(*value.values())
        elif isinstance(value, tuple):
            total += _tensor_bytes(*value)
    return total


def measure_scale(bench: Bench) -> list[dict]:
    """`scale_row` of every size, each in a process of its own, with time an interaction against 1 million's."""
    device, steps = str(bench.device), bench.effort.steps
    rows = [_in_fresh_process(scale_row, size, device, steps) for size in bench.effort.sizes]
    base = min(rows, key=lambda row: abs(row["interactions"] - MILLION))["us_per_interaction"]
    return [row | {"relative": row["us_per_interaction"] / base} for row in rows]


def catalogue_row(n_items: int, device: str, effort: dict, machine: dict) -> dict:
    """Windows a second of tuned models on 300,000 interactions with so many items; best called in a fresh process."""
    where, effort = torch.device(device), Effort(**effort)
    bench = Bench(split(synthetic(300_000, n_items=n_items)), where, effort, machine)
    record: dict = {"items": n_items}
    for name, config in {"caser": SETTINGS["tuned"], "sasrec": preset("sasrec")}.items():
        phase = Phase(bench.split, "validation", config, 0, where)
        _, step = _time_steps(phase, effort.steps)
        record |= {f"{name}_windows": config.training.batch_size / step, f"{name}_weighed": phase.objective.pool}
        if name == "caser":
            record |= _roofline(bench, config, step, phase)
    record["peak_gib"] = peak_memory() / 2**30
    plain = textbook_of(bench.split, "validation", SETTINGS["tuned"], where)
    plain.epoch(0.0)  # a step
    record["plain_windows"] = plain.epoch(effort.seconds)[1]
    watch = Stopwatch(where)
    counting = build(preset("covisit").model, bench.split.dataset.n_users, n_items)
    counting.observe(*Histories(bench.split, "validation").visible())
    return record | {"ratio": record["caser_windows"] / record["plain_windows"], "covisit_s": watch.lap()}


def measure_catalogue(bench: Bench) -> list[dict]:
    """`catalogue_row` of every size, each in a process of its own, beside the speed with the fewest items."""
    given = str(bench.device), dataclasses.asdict(bench.effort), bench.machine
    rows = [_in_fresh_process(catalogue_row, size, *given) for size in bench.effort.catalogues]
    return [row | {"relative": row["caser_windows"] / rows[0]["caser_windows"]} for row in rows]


def measure_busy(bench: Bench) -> dict:
    """Windows a second of Caser `tuned` while another process takes a core, beside one thread with nobody else."""
    cores, rates = torch.get_num_threads(), {}
    for name, threads, busy in (("alone_one", 1, False), ("alone", cores, False), ("busy", cores, True)):
        torch.set_num_threads(threads)
        with _neighbour() if busy else nullcontext():
            phase = Phase(bench.split, "validation", SETTINGS["tuned"], 0, bench.device)
            _, step = _time_steps(phase, 2 * bench.effort.steps)
        rates[f"{name}_windows"] = SETTINGS["tuned"].training.batch_size / step
    torch.set_num_threads(cores)
    return rates | {"busy_share_of_one": rates["busy_windows"] / rates["alone_one_windows"]}


@contextmanager
def _neighbour() -> Iterator[None]:
    """Another process that takes a core as long as it can."""
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        other.kill()
        other.wait()


def _in_fresh_process(work: Callable[..., dict], *arguments: str | int | dict) -> dict:
    """What `work`, a function of a module, returns in a process that has done nothing before."""
    name = work.__name__  # taken from the function, so that it cannot be a name that is gone
    return json.loads(
        _fresh_python(f"import json; from {work.__module__} import {name}; print(json.dumps({name}(*{arguments!r})))")
    )


def _fresh_python(code: str) -> str:
    """What a fresh interpreter prints for `code`, which may import caser."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=interpreter.environment())
    if done.returncode:
        last_line = done.stderr.strip().rpartition("\n")[2]  # of a traceback: the error
        raise RuntimeError(f"a measuring process ended with {done.returncode}: {last_line or 'it said nothing'}")
    return done.stdout


def ingest_row(folder: str) -> dict:
    """Seconds and memory of loading the `ml-32m` in folder; best called in a fresh process, as `scale_row` is."""
    os.environ["CASER_DATA_DIR"] = folder
    watch = Stopwatch(torch.device("cpu"))
    ratings = len(data.load("ml-32m"))
    return {"ratings": ratings, "seconds": watch.lap(), "peak_gib": peak_memory() / 2**30}


def measure_ingest(bench: Bench) -> dict:
    """Seconds to read a file in MovieLens 32M's format: the first time, and from the cache that leaves."""
    with tempfile.TemporaryDirectory() as folder:
        write_ratings(Path(folder) / "ml-32m", bench.effort.ratings, bench.effort.titles)
        first, again = (_in_fresh_process(ingest_row, folder) for _ in range(2))
    return {
        "ratings": first["ratings"],
        "first_s": first["seconds"],
        "cached_s": again["seconds"],
        "peak_gib": max(first["peak_gib"], again["peak_gib"]),
    }


def measure_titles(bench: Bench) -> dict:
    """Finding films by title in a catalogue of the size of MovieLens 32M's."""
    ids, titles, years = zip(*large_catalogue(bench.effort.titles), strict=True)
    catalogue = pd.DataFrame({"item_id": ids, "title": titles, "year": years, "genres": [()] * len(ids)})
    n = np.arange(len(ids))
    dataset, watch = from_interactions("titles", n * 0, n, n, n * 1.0, catalogue), Stopwatch(bench.device)
    index = TitleIndex(dataset)
    built = watch.lap()
    with suppress(UnknownTitle):
        index.find("qqq")  # builds what only some look-ups need
    watch.lap()
    for title in titles[:100]:
        index.find(f"title:{title}")
    found = watch.lap()
    with suppress(UnknownTitle):
        index.find(titles[1][:-1] + "z")
    return {"titles": len(ids), "index_s": built, "found_ms": 10 * found, "did_you_mean_ms": 1e3 * watch.lap()}


COLD_START = """
import json, time
laps = [time.perf_counter()]
lap = lambda: laps.append(time.perf_counter())
import caser.cli; lap()
from caser import checkpoint, data, recommend; dataset = data.load({dataset!r}); lap()
loaded = checkpoint.load({path!r}, {device!r}); lap()
recommend.recommend(loaded.model, dataset, -1, [0, 1, 2, 3, 4]); lap()
print(json.dumps([1e3 * (b - a) for a, b in zip(laps, laps[1:])]))
"""


def measure_load(bench: Bench) -> dict:
    """Milliseconds from a fresh interpreter to the first recommendation, step by step."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(_save_untrained(bench.split, Path(folder)))
        code = COLD_START.format(dataset=bench.split.dataset.name, path=path, device=str(bench.device))
        runs, watch = [], Stopwatch(bench.device)
        for _ in range(bench.effort.starts):
            runs.append([*json.loads(_fresh_python(code)), 1e3 * watch.lap()])
    names = ("import_ms", "dataset_ms", "checkpoint_ms", "first_recommendation_ms", "process_ms")
    return dict(zip(names, np.median(runs, 0).tolist(), strict=True))


def _save_untrained(parts: Split, into: Path) -> Path:
    """A checkpoint of the tuned model's size."""
    config = SETTINGS["tuned"]
    model = build(config.model, parts.dataset.n_users, parts.dataset.n_items).eval()
    ranks = Evaluator(parts, "test", users=parts.evaluated[:1])(model)
    untrained = Fit(model, 0, {}, [], 0.0, "cpu", {0: model.filter_weights()})
    return checkpoint.save(checkpoint.of(untrained, "benchmark", config, parts, 0, ranks), into)


class Unmeasured(RuntimeError):
    """Parts of the benchmark failed; the message names each with its error."""


def run(
    only: Sequence[str] = (), device: str = "auto", effort: Effort | None = None, dataset: str = ""
) -> Iterator[tuple[str, dict | list[dict]]]:
    """Measure; yields `machine` and each part as it is done, with its JSON-ready record.

    Args:
        only: the parts, all if empty. dataset: ML-100K if it is here, else cinema, unless named.

    Raises:
        ValueError: an unknown part, device or data set.
        Unmeasured: after all others were measured, when a part failed.
    """
    parts = [named("part of the benchmark", name, PARTS) for name in only] or list(PARTS)
    where, effort = resolve_device(device), effort or Effort()
    dataset = dataset or ("ml-100k" if data.available("ml-100k") else data.EMBEDDED)
    bench = Bench(split(data.load(dataset)), where, effort, describe(where, effort.side) | {"dataset": dataset})
    yield "machine", bench.machine
    failed = []
    for name in parts:
        try:
            record = PARTS[name][1](bench)
        except Exception as error:  # whatever it is, the other parts can still be measured
            failed.append(f"{name} could not be measured ({type(error).__name__}: {error})")
        else:
            yield name, record
    if failed:
        raise Unmeasured("; ".join(failed))


def part_table(name: str, record: dict | list[dict]) -> str:
    """What `run` yields, as a table."""
    title = PARTS[name][0] if name in PARTS else name
    if isinstance(record, list):
        size = "items" if name == "catalogue" else "interactions"
        return table(title, {f"{row[size]:,}": row for row in record})
    return table(title, record if name == "training" else {"": record})


def table(title: str, columns: dict[str, dict]) -> str:
    """Columns side by side, one line for each measure; the names are those of the JSON.

    >>> print(table("lengths", {"a": {"m": 1234, "range": [1.0, 2.5]}, "b": {"m": 5}}))
    lengths           a           b
      m           1,234           5
      range    1 to 2.5
    """
    measures = list(dict.fromkeys(measure for column in columns.values() for measure in column))
    cells = [[_cell(column.get(measure, "")) for column in columns.values()] for measure in measures]
    names, label = list(columns), max(len(title), *(len(measure) + 2 for measure in measures))
    width = 2 + max(10, *(len(text) for row in [names, *cells] for text in row))
    lines = [f"{title:{label}}" + "".join(f"{name:>{width}}" for name in names)]
    for measure, row in zip(measures, cells, strict=True):
        lines.append(f"  {measure:{label - 2}}" + "".join(f"{text:>{width}}" for text in row))
    return "\n".join(line.rstrip() for line in lines)


def _cell(value) -> str:
    if isinstance(value, list):
        return " to ".join(map(_cell, value))
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


PARTS: dict[str, tuple[str, Callable[[Bench], dict | list]]] = {  # the title of each, and how it is measured
    "training": ("training, windows a second", measure_training),
    "whole": ("a whole run of tuned, seconds", measure_whole_run),
    "evaluation": ("ranking every user's test film, seconds", measure_evaluation),
    "recommend": ("ten films for a visitor", measure_recommend),
    "scale": ("synthetic interactions", measure_scale),
    "catalogue": ("a catalogue of so many items", measure_catalogue),
    "busy": ("with a neighbour on one core", measure_busy),
    "load": ("from a fresh interpreter", measure_load),
    "ingest": ("a file of ratings, read", measure_ingest),
    "titles": ("films found by title", measure_titles),
}
