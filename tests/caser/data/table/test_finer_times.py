"""Events within one second keep their order: read, prepared, kept on disk, split and trained on."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import torch

from caser import data
from caser.data import own, table
from caser.data.dataset import split, statistics
from caser.data.histories import Histories
from caser.data.table import Settings, times

START = datetime(2024, 3, 15, 10, 0, 0, tzinfo=UTC)


def moment(user: int, place: int, step: int = 90) -> datetime:
    return START + timedelta(days=user, milliseconds=step * place)


def since(at: datetime, unit: int) -> int:
    return round((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000) * unit


FORMS = {
    "milliseconds": lambda at: since(at, 1),
    "microseconds": lambda at: since(at, 1000),
    "nanoseconds": lambda at: since(at, 10**6),
    "seconds with a fraction": lambda at: f"{since(at, 1) / 1000:.3f}",
    "ISO": lambda at: at.isoformat().replace("+00:00", "Z"),
    "ISO with a comma": lambda at: at.isoformat(sep=" ", timespec="milliseconds")[:23].replace(".", ","),
    "the day first": lambda at: at.strftime("%d.%m.%Y %H:%M:%S.%f")[:-3],
    "without signs": lambda at: at.strftime("%Y%m%d%H%M%S.%f")[:-3],
    "Excel's days": lambda at: f"{since(at, 1) / 86_400_000 + 25_569:.9f}",
}


def rows(form) -> list[tuple]:
    """The latest first."""
    return [(f"u{user}", f"b{place}", form(moment(user, place))) for user in range(4) for place in range(9, -1, -1)]


def written(form) -> bytes:
    return "\n".join(["user;item;time", *(";".join(map(str, row)) for row in rows(form))]).encode()


def prepared(content: bytes, name: str = "log.csv", **settings):
    (events,) = table.opened(name, content)
    return table.prepare(
        "own", table.read(events, table.proposal(table.layout(events)).decided()), Settings(**settings)
    )


def parquet(form) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(rows(form), columns=["user", "item", "time"]).to_parquet(buffer)
    return buffer.getvalue()


FILES = {name: ("log.csv", written(form)) for name, form in FORMS.items()}
FILES["Parquet's times"] = "log.parquet", parquet(pd.Timestamp)
FILES["numbers in Parquet"] = "log.parquet", parquet(FORMS["nanoseconds"])
FILES["JSON"] = (
    "log.json",
    "\n".join(json.dumps(dict(zip(("user", "item", "time"), row, strict=True))) for row in rows(FORMS["ISO"])).encode(),
)
FILES["with one that is missing"] = "log.csv", written(FORMS["nanoseconds"]) + b"\nu0;b0;"


@pytest.mark.parametrize(("name", "content"), FILES.values(), ids=FILES)
def test_events_of_one_second_are_in_the_order_of_their_finer_times(name, content):
    found = prepared(content, name, bad_share=0.1).dataset
    places = found.item.reshape(4, 10)
    assert (places == np.arange(10)).all()
    seconds = [int(moment(user, place).timestamp()) for user in range(4) for place in range(10)]
    assert found.timestamp.tolist() == seconds
    assert not found.tied.any()


@pytest.mark.parametrize("form", ["milliseconds", "ISO", "Excel's days"])
def test_plays_within_a_second_are_no_duplicates(form):
    lines = [f"u{user},b{n // 2},{FORMS[form](moment(user, n))}" for user in range(4) for n in range(10)]
    content = "\n".join(["user,item,time", *lines, lines[0]]).encode()
    assert len(prepared(content, repeats="kept").dataset) == 40


def test_the_order_outlives_the_disk_the_split_and_the_shuffle(tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path))
    kept = prepared(written(FORMS["milliseconds"]))
    own.keep(kept)
    back = data.load("own")
    assert back.checksum == kept.dataset.checksum
    assert (back.finer.dtype, statistics(back)["neighbours tied in time"]) == (np.int32, 0)
    parts = split(back)
    assert parts.target("test").tolist() == [9] * 4
    histories = Histories(parts, "validation")
    assert torch.equal(histories.shuffle_ties(torch.Generator().manual_seed(1)), histories.item)


def test_whole_seconds_need_no_finer_times_and_have_the_checksum_they_had():
    found = prepared(b"user,item,time\n1,1,5\n1,2,5\n1,3,7\n2,1,5\n2,2,6\n").dataset
    assert found.finer is None
    assert found.checksum == "8d9cc7461186d94b11c37fcbd7d2e3e0"
    assert found.tied.tolist() == [False, True, False, False, False]


def test_the_order_of_a_millisecond_is_another_data_set():
    one, other = (
        prepared(
            b"user,item,time\n"
            + b"".join(b"%d,%d,1700000000.%d\n" % (u, i, digits[i]) for u in (1, 2) for i in range(3))
        )
        for digits in ((1, 2, 3), (1, 2, 4))
    )
    assert one.dataset.checksum != other.dataset.checksum


@pytest.mark.parametrize("text", ["1700000000123456789", " 1700000000123456789 "])
def test_no_nanosecond_is_lost(text):
    found, clear, unit = times.instants(pd.Series([text, "", text]), "the time")
    assert (found[0], unit) == (1_700_000_000_123_456_789, "nanoseconds")
    assert clear.tolist() == [True, False, True]
