"""The kinds of inputs: each draws one from a generator and tries it; whatever it raises is harm."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import math
import random
import shutil
import zipfile
from collections.abc import Callable
from functools import partial

import pandas as pd
import torch
from streamlit.testing.v1 import AppTest

from caser import checkpoint, cli, data, findings, jobs
from caser.checkpoint import CheckpointError
from caser.data import history, movielens, own, table
from caser.data.archive import DataError
from caser.data.dataset import TooShort, split
from caser.data.titles import UnknownTitle
from caser.evaluation import METRICS
from caser.files import arrays
from caser.models import ANONYMOUS, MODELS
from caser.recommend import recommend
from tests.fuzz import endpoint, hostile
from tests.fuzz.place import FILMS, RATINGS, Place
from tests.fuzz.watch import Harm

PAGES = ("overview", "recommend", "filters", "compare", "chapter", "train", "data")
Draw = tuple[str, Callable[[], None]]  # what is tried, in words, and the trying of it


def command_line(rng: random.Random, place: Place) -> Draw:
    """A command with flags that are right, wrong or of another command."""
    name = rng.choice(("data", "train", "evaluate", "compare", "report", "filters", "recommend", "explain"))
    models = ["cinema-caser", "cinema-mf", *MODELS]
    known = [
        *models,
        *METRICS,
        "cinema",
        "ml-100k",
        "auto",
        "cpu",
        "cuda:0",
        "meta",
        "0",
        "3",
        "first",
        "Alien",
        "seed",
    ]
    flags = [option for action in _actions(name) for option in action.option_strings if option not in ("-h", "--help")]
    words = [name, *{"data": [], "train": ["--name", "new"]}.get(name, [rng.choice(models[:2])])]
    words += {"recommend": ["--sequence", "Alien"], "explain": ["--user", "1", "--item", "2"]}.get(name, [])
    words += ["--out", str(place.folder / "page.html")] if name == "report" else []
    for _ in range(rng.choice((0, 1, 2, 3))):
        words += [rng.choice(flags)] if flags and rng.random() < 0.7 else []
        words += [hostile.argument(rng, known)] if rng.random() < 0.9 else []
    if rng.random() < 0.1:
        words[rng.randrange(len(words))] = hostile.argument(rng, known)
    return repr([word[:200] for word in words]), partial(_run_command, words)


def _actions(name: str) -> list:
    (commands,) = (action for action in cli.parser()._actions if action.choices)
    return commands.choices[name]._actions


def _run_command(words: list[str]) -> None:
    out, err, answered = io.StringIO(), io.StringIO(), False
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code, answered = cli.main(words), True
        except SystemExit as left:  # argparse's own way to refuse, and to help
            code = left.code
    if code not in (0, 2, 130) or "Traceback" in err.getvalue():
        raise Harm(f"exit code {code}: {err.getvalue()[-500:]}")
    if code == 2 and not err.getvalue().strip():
        raise Harm("refused without a word")
    if answered and code == 0 and words[0] in ("recommend", "explain") and "--json" in words:
        json.loads(out.getvalue(), parse_constant=_no_number)


def _no_number(word: str) -> None:
    raise Harm(f"{word} among the scores")


ADDRESS = {
    "data": ("cinema", "ml-100k"),
    "model": ("cinema-caser", "cinema-mf"),
    "against": ("cinema-mf", "cinema-caser"),
    "user": ("1", "5", "801"),
    "sequence": ("1,2,3", "mine", "7"),
    "pin": ("3", "films:1,2"),
    "film": ("1", "9"),
    "k": ("1", "100"),
    "rewatch": ("0", "1"),
    "view": ("Map", "Are they real?", "Switch off"),
    "ask": ("Why this film",),
    "by": ("Leave films out",),
    "how": ("Every setting",),
    "metric": tuple(METRICS),
    "models": ("cinema-caser,cinema-mf",),
    "edits": ("drop:1", "1"),
    **dict.fromkeys(
        ("off", "turn", "filter", "beside", "colour", "temperature", "who", "type", "saved", "step", "reading"),
        ("1", "h0"),
    ),
}


def address(rng: random.Random, place: Place) -> Draw:
    """A page with parameters that are right, wrong, or given twice."""
    page, params = rng.choice(PAGES), {}
    for name in rng.sample(list(ADDRESS), rng.choice((1, 2, 3, 6))):
        texts = [hostile.text(rng, ADDRESS[name]) for _ in range(rng.choice((1, 1, 1, 2)))]
        params[name] = texts if len(texts) > 1 else texts[0]
    if rng.random() < 0.7:
        params["data"] = "cinema"
    return f"{page} {str(params)[:300]}", partial(_open_page, page, params)


def _open_page(page: str, params: dict) -> None:
    from tests.pages.conftest import APP

    app = AppTest.from_file(str(APP), default_timeout=10)
    for name, text in params.items():
        app.query_params[name] = text
    app.switch_page(f"{page}.py").run()
    if app.exception:
        raise Harm(f"a red box: {app.exception[0].message}\n{''.join(app.exception[0].stack_trace[-6:])}")
    for shown in app.get("bidi_component"):
        if '"nan"' in shown.proto.json or "NaN" in shown.proto.json:
            raise Harm("nan in a table")


def checkpoint_file(rng: random.Random, place: Place) -> Draw:
    """A checkpoint of which bytes, its record or an array were changed; the record as if it had been written so."""
    name = rng.choice(list(place.whole))
    how = rng.choice(("bytes", "record", "array"))
    content = hostile.damaged(rng, place.whole[name]) if how == "bytes" else _rewritten(rng, place, name, how)
    return f"{name} {how}", partial(_load_checkpoint, place, name, content)


def _rewritten(rng: random.Random, place: Place, name: str, how: str) -> bytes:
    place.restore()
    record, weights = arrays.read(place.checkpoints / name, lambda record, shapes: None)
    if how == "record":
        record = hostile.altered(rng, record)
        if not isinstance(record, dict):
            record = {"format": record}
        record = json.loads(json.dumps(record).replace("NaN", "null").replace("-Infinity", "-1e999"))
    else:
        key = rng.choice(list(weights))
        flat = weights[key].clone().reshape(-1).float()
        if len(flat):
            flat[rng.randrange(len(flat))] = rng.choice((math.nan, math.inf, -math.inf, 1e38, -1e38, 0.0))
        changed = flat.reshape(weights[key].shape)
        weights[key] = rng.choice((changed, changed[:0], changed.double(), changed.to(torch.int8), flat, changed[None]))
        if rng.random() < 0.7:
            own = {name.removeprefix("weights/"): one for name, one in weights.items() if name.startswith("weights/")}
            record["weights_sha256"] = arrays.digest(own)
    target = place.folder / "rewritten.safetensors"
    with contextlib.suppress(ValueError):  # what JSON cannot say cannot be written either
        arrays.write(target, record, weights)
    return target.read_bytes() if target.exists() else b""


def _load_checkpoint(place: Place, name: str, content: bytes) -> None:
    path = place.checkpoints / name
    path.write_bytes(content)
    try:
        checkpoint.describe(path)
        loaded = checkpoint.load(path)
    except CheckpointError:
        return
    finally:
        place.restore()
    films = data.load("cinema")
    try:
        loaded.metadata.require(films)
    except CheckpointError:
        return
    scores = recommend(loaded.model, films, ANONYMOUS, [1, 2, 3], 5)["score"]
    if not scores.map(math.isfinite).all():
        raise Harm(f"scores {scores.tolist()}")


def checkpoint_shown(rng: random.Random, place: Place) -> Draw:
    """A page that shows a checkpoint whose record was changed as if it had been written so."""
    name, page = rng.choice(list(place.whole)), rng.choice(PAGES[:6])
    content = _rewritten(rng, place, name, "record")
    params = {"data": "cinema", "model": name.removesuffix(".safetensors")}

    def tries() -> None:
        (place.checkpoints / name).write_bytes(content)
        try:
            _open_page(page, params)
        finally:
            place.restore()

    return f"{page} with {name}", tries


def findings_file(rng: random.Random, place: Place) -> Draw:
    """What is kept beside a checkpoint, damaged: read as it was, or not at all."""
    path = findings.path_of("cinema-caser")
    content = hostile.damaged(rng, _findings_of(place), head=10**9)

    def tries() -> None:
        path.write_bytes(content)
        try:
            findings.load(checkpoint.load("cinema-caser"))
        finally:
            path.unlink()

    return path.name, tries


def _findings_of(place: Place) -> bytes:
    kept = place.folder / "findings.kept"
    if not kept.exists():
        trained = checkpoint.load("cinema-caser")
        findings.save(findings.find(trained, split(data.load("cinema"))), trained)
        shutil.move(findings.path_of("cinema-caser"), kept)
    return kept.read_bytes()


def run_record(rng: random.Random, place: Place) -> Draw:
    """The files of a run, with odd lines, odd fields or damaged bytes."""
    events, spec = place.run
    told = [hostile.altered(rng, event) if rng.random() < 0.3 else event for event in events]
    lines = place.lines(told[: rng.choice((0, 1, 3, 4, 4, 4))])
    described = json.dumps(hostile.altered(rng, spec) if rng.random() < 0.6 else spec).encode()
    if rng.random() < 0.4:
        lines = hostile.damaged(rng, lines)
    if rng.random() < 0.2:
        described = hostile.damaged(rng, described)
    return repr((lines[:300], described[:200])), partial(_read_run, place, lines, described)


def _read_run(place: Place, lines: bytes, described: bytes) -> None:
    job = place.write_run(lines, described)
    state = job.state()
    if not (math.isfinite(state.begun) and math.isfinite(state.elapsed)):
        raise Harm(f"a time that is no number: {state}")
    with contextlib.suppress(ValueError):
        job.spec()
    if jobs.recent() != [job] or jobs.active():
        raise Harm("it is not listed, or is said to be running")
    job.remove()
    if jobs.recent():
        raise Harm("it cannot be removed")


def rating_file(rng: random.Random, place: Place) -> Draw:
    """A MovieLens set with damaged ratings or films: read with all that is in it, or refused."""
    name = rng.choice(list(RATINGS))
    ratings, films = RATINGS[name].encode(), FILMS[name].encode()
    if rng.random() < 0.6:
        ratings = hostile.damaged(rng, ratings, head=10**9)
    if rng.random() < 0.5:
        films = hostile.damaged(rng, films, head=10**9)

    def tries() -> None:
        with contextlib.suppress(DataError):
            read = movielens.load(name, place.write_set(name, ratings, films))
            if not (read.rating >= 0).all() or not 0 <= read.item.min() <= read.item.max() < read.n_items:
                raise Harm(f"misread: {read}")

    return f"{name} {ratings[:80]!r} {films[:80]!r}", tries


HISTORIES = {
    "watched.csv": "Date,Name,Year,Letterboxd URI\n2020-01-02,Alien,1979,https://x.test/a\n2020-02-03,Heat,1995,\n",
    "ratings.csv": "Const,Your Rating,Date Rated,Title,Year\ntt0078748,9,2020-01-02,Alien,1979\n",
    "NetflixViewingHistory.csv": 'Title,Date\n"Alien","1/2/20"\n"Heat: Season 1: A","13/2/20"\n',
    "history.json": '[{"watched_at": "2020-01-02T00:00Z", "type": "movie", "movie": {"title": "Alien", "year": 1979}}]',
    "list.csv": "Letterboxd list export v7\nDate,Name,URL\n\nPosition,Name,Year,URL,Description\n1,Alien,1979,u,\n",
    "ids.csv": "userId,movieId,rating,timestamp\n1,50,4.0,880000000\n1,99999,4.0,880000001\n",
    "songs.json": '{"t": [{"endTime": "2020-01-02", "artistName": "A", "trackName": "B", "msPlayed": 99999}]}',
    "films.txt": "Alien (1979)\nHeat https://www.imdb.com/title/tt0113277/\nThe Matrix\n",
}


def history_file(rng: random.Random, place: Place) -> Draw:
    """A history of one's own, damaged: read and matched, or refused."""
    name = rng.choice(list(HISTORIES))
    content = hostile.damaged(rng, HISTORIES[name].encode(), head=10**9)

    def tries() -> None:
        with contextlib.suppress(history.HistoryError, history.Undecided):
            review = place.matcher.review(history.read(name, content, day_first=rng.random() < 0.5))
            review.sequence(review.likeliest())

    return f"{name} {content[:200]!r}", tries


TABLES = {
    "log.csv": "user,item,time,stars\n"
    + "".join(f"u{i % 7},book {i % 5},{10**9 + i},{i % 5 + 1}\n" for i in range(60)),
    "log.tsv": "who\twhat\twhen\n" + "".join(f"{i % 7}\t{i % 5}\t2020-01-{i % 28 + 1:02}\n" for i in range(60)),
    "log.inter": "user_id:token\titem_id:token\ttimestamp:float\n"
    + "".join(f"{i % 7}\t{i % 5}\t{10**9 + i}.0\n" for i in range(60)),
    "ratings.dat": "".join(f"{i % 7}::{i % 5}::{i % 5 + 1}::{10**9 + i}\n" for i in range(60)),
    "lines.txt": "".join(f"user{u} a b c d{u % 3} e\n" for u in range(12)),
}
ITEMS = "item,title,year,genres,pages\n" + "".join(f"book {i},The {i},19{i}0,Drama|War,{i}00\n" for i in range(5))


def own_table(rng: random.Random, place: Place) -> Draw:
    """A file of interactions of one's own, plain or packed, damaged: kept whole and read again, or refused."""
    name, packed = rng.choice(list(TABLES)), rng.choice(("", "", "", ".gz", ".zip", ".parquet"))
    content = TABLES[name].encode()
    if rng.random() < 0.8:
        content = hostile.damaged(rng, content, head=10**9)
    content = _packed(name, content, packed)
    if packed and rng.random() < 0.5:
        content = hostile.damaged(rng, content, head=10**9)
    items = hostile.damaged(rng, ITEMS.encode(), head=10**9) if rng.random() < 0.4 else None
    day_first = rng.choice((None, True, False))
    settings = {
        "noun": hostile.text(rng, ("book", "film")),
        "repeats": rng.choice(("first", "last", "kept")),
        "k_core": rng.choice((1, 1, 2, 3, 50)),
        "sample": rng.choice((0, 0, 3)),
        "bad_share": rng.choice((0.0, 0.01, 1.0)),
    }

    def tries() -> None:
        try:
            wanted = table.Settings(**settings)
        except ValueError:  # a noun that is none
            wanted = table.Settings()
        _bring(f"{name}{packed}", content, items, wanted, day_first)

    return f"{name}{packed} {settings} {content[:200]!r}", tries


def _packed(name: str, content: bytes, how: str) -> bytes:
    if how == ".gz":
        return gzip.compress(content)
    packed = io.BytesIO()
    if how == ".zip":
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"folder/{name}", content)
    elif how == ".parquet":
        frame = pd.DataFrame({"user": [b"u1", b"u2"] * 9, "item": range(18), "time": pd.Timestamp("2020-01-01")})
        frame.to_parquet(packed)
    return packed.getvalue() or content


def _bring(name: str, content: bytes, items: bytes | None, settings: table.Settings, day_first: bool | None) -> None:
    try:
        file, beside = table.pair(table.opened(name, content))
        beside = table.pair(table.opened("items.csv", items))[0] if items else beside
        layout = table.layout(file)
        table.preview(file)
        found = table.read(file, table.proposal(layout, name).decided(name), day_first)
        prepared = table.prepare("brought", found, settings, beside)
    except (table.TableError, table.Undecided):
        return
    own.keep(prepared)
    try:
        read = own.load("brought")
        if len(read) != len(prepared.dataset) or read.n_items != prepared.dataset.n_items:
            raise Harm(f"{prepared.dataset} was kept, {read} read")
        with contextlib.suppress(TooShort):  # which every page says
            split(read)
    finally:
        own.path_of("brought").unlink()


def own_set(rng: random.Random, place: Place) -> Draw:
    """A set of one's own that is damaged where it is kept: read, or refused."""
    content = hostile.damaged(rng, place.own_set)

    def tries() -> None:
        own.folder().mkdir(parents=True, exist_ok=True)
        own.path_of("kept").write_bytes(content)
        try:
            data.source("kept")
            own.load("kept")
        except DataError:
            return
        finally:
            own.path_of("kept").unlink()

    return f"{len(content):,} bytes", tries


def title(rng: random.Random, place: Place) -> Draw:
    """What somebody types where a film is asked for."""
    text = hostile.text(rng, rng.sample(place.films.labels, 5))

    def tries() -> None:
        with contextlib.suppress(UnknownTitle):
            found = place.films.find(text)
            if not 0 <= found < place.films.dataset.n_items:
                raise Harm(f"film {found}")

    return repr(text[:200]), tries


KINDS: dict[str, tuple[Callable[[random.Random, Place], Draw], int]] = {  # and how many of a hundred inputs
    "command line": (command_line, 15),
    "address": (address, 7),
    "checkpoint": (checkpoint_file, 15),
    "checkpoint shown": (checkpoint_shown, 3),
    "findings": (findings_file, 5),
    "run record": (run_record, 9),
    "rating file": (rating_file, 10),
    "history": (history_file, 10),
    "own table": (own_table, 8),
    "own set": (own_set, 2),
    "endpoint": (endpoint.request, 10),
    "title": (title, 6),
}
