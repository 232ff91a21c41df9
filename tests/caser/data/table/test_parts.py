"""Archives: parts of one table are read as one, and what is left out is said."""

from __future__ import annotations

import gzip
import io

import pandas as pd
import pytest

from caser.data import table
from caser.data.dataset import Dataset
from caser.data.table import Settings, TableError
from tests.caser.data.table.test_table import CSV, ROWS, brought, zipped

HEADER, *LINES = CSV.splitlines(keepends=True)


def packed(**members: bytes) -> bytes:
    """A zip archive; in a member's name two underscores stand for a slash, one for a dot."""
    return zipped(**{name.replace("__", "/"): content for name, content in members.items()})


def shared(*names: str, header: bytes = HEADER, pack=bytes) -> dict[str, bytes]:
    """The rows dealt out to files of these names."""
    return {name: pack(header + b"".join(LINES[at :: len(names)])) for at, name in enumerate(names)}


def pairs(dataset: Dataset) -> list[tuple[int, int]]:
    return sorted(zip(dataset.user_ids[dataset.user_of_interaction()], dataset.item_ids[dataset.item], strict=True))


def as_parquet(content: bytes) -> bytes:
    buffer = io.BytesIO()
    pd.read_csv(io.BytesIO(content)).to_parquet(buffer)
    return buffer.getvalue()


PARTS = {
    "months": shared("2019-Nov_csv", "2019-Oct_csv"),
    "Spark": shared(*(f"out__part-0000{k}_csv" for k in range(3))),
    "Spark without a header": shared(*(f"out__part-0000{k}_csv" for k in range(3)), header=b""),
    "Hadoop": shared("part-00000", "part-00001", header=b""),
    "splits": shared("train_csv", "valid_csv", "test_csv"),
    "splits in folders": shared("train__log_csv", "test__log_csv"),
    "packed parts": shared("part-00000_csv_gz", "part-00001_csv_gz", pack=gzip.compress),
    "Parquet": shared("part-0_parquet", "part-1_parquet", pack=as_parquet),
    "years without a header": shared("y2019_tsv", "y2020_tsv", header=b""),
}


@pytest.mark.parametrize("members", PARTS.values(), ids=PARTS)
def test_the_parts_of_one_table_are_read_as_one_and_named(members):
    found = brought(packed(**members), "log.zip")
    assert pairs(found.dataset) == sorted((user, item) for user, item, _, _ in ROWS)
    assert any(note.startswith("Read as one table") for note in found.notes)


def test_parts_are_in_the_order_of_their_months_and_numbers():
    files = table.opened("x.zip", packed(**shared("2019-Oct_csv", "2019-Nov_csv", "2019-Feb_csv")))
    assert [name for _, name, _ in table.pair(files)[0].parts] == ["2019-Feb.csv", "2019-Oct.csv", "2019-Nov.csv"]
    files = table.opened("x.zip", packed(**shared("p10_csv", "p9_csv")))
    assert [name for _, name, _ in table.pair(files)[0].parts] == ["p9.csv", "p10.csv"]


def test_a_row_that_cannot_be_read_is_named_by_its_own_file():
    members = shared("2019-Oct_csv", "2019-Nov_csv")
    members["2019-Nov_csv"] += b",12,1,70\n"
    found = brought(packed(**members), "log.zip", bad_share=0.5)
    assert any("line 5 of 2019-Nov.csv: its user is ''" in note for note in found.notes)


def test_other_tables_and_samples_of_the_same_columns_are_left_out_and_named():
    links = b"movieId,imdbId\n" + b"".join(b"%d,%d\n" % (n, n) for n in range(300))
    sample = HEADER + b"7,7,1,1\n"
    archive = packed(ratings_csv=CSV, ratings_small_csv=sample, links_csv=links, README_txt=b"of, mine\n")
    found = brought(archive.replace(b"ratings.small.csv", b"ratings_small.csv"), "log.zip")
    assert len(found.dataset) == len(ROWS)
    (said,) = [note for note in found.notes if note.startswith("Left out")]
    assert "links.csv, ratings_small.csv" in said
    assert "README" not in said


def test_a_larger_table_without_users_is_not_the_interactions():
    prices = b"movieId,price,shop\n" + b"".join(b"%d,%d,north\n" % (n, n) for n in range(300))
    found = brought(packed(log_csv=CSV, prices_csv=prices), "log.zip")
    assert len(found.dataset) == len(ROWS)
    assert any("prices.csv" in note for note in found.notes)


def test_parts_that_do_not_fit_each_other_are_refused():
    whole, other = as_parquet(CSV), as_parquet(CSV.replace(b",4,", b",good,"))
    with pytest.raises(TableError, match="cannot be read as one table"):
        brought(packed(**{"part-0_parquet": whole, "part-1_parquet": other}), "log.zip")


def test_items_in_parts_are_joined_too():
    half = b"movieId,title\n%d,%s\n"
    archive = packed(ratings_csv=CSV, **{"items_1_csv": half % (10, b"Ten"), "items_2_csv": half % (11, b"Eleven")})
    found = brought(archive, "log.zip")
    assert found.dataset.catalogue["title"].tolist() == ["Ten", "Eleven", "item 12"]


def test_one_file_needs_no_word():
    assert not [note for note in brought(zipped(log_csv=CSV), "log.zip").notes if "table" in note]
    assert Settings().noun == "item"
