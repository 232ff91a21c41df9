"""Which column is what: of forty well-known tables, of made-up ones, and what is said where that is not clear."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from caser import cli
from caser.data import table
from caser.data.table.names import hints
from caser.data.table.profile import columns_of
from tests.caser.data.table import fuzz
from tests.caser.data.table.headers import TABLES, rows


def proposal(text: str, **given: str) -> table.Proposal:
    (file,) = table.opened("log.csv", text.encode())
    return table.proposal(table.layout(file), "log.csv", given)


def roles(found: table.Proposal) -> dict[str, str]:
    return {role: column for role, column in vars(found.roles).items() if column}


def written(header: str, form: str, order: str = "shuffled", users: int = 40) -> str:
    """A table of made-up rows."""
    return "\n".join([header] * bool(header) + [form.format_map(row) for row in rows(order, users=users)])


@pytest.mark.parametrize("known", TABLES, ids=lambda known: known.name)
def test_a_well_known_table_gives_the_right_roles(known):
    found = proposal(known.text())
    assert not found.questions
    assert known.gives(roles(found), has_header=True), roles(found)


ASKED = "Amazon 2023|Amazon Fine Foods|Steam reviews|Twitch|BeerAdvocate|Goodreads reviews|Kaggle shop|Online Retail"


@pytest.mark.parametrize("known", TABLES, ids=lambda known: known.name)
def test_without_its_header_it_gives_the_right_roles_or_a_question(known):
    found = proposal(known.text(has_header=False))
    assert bool(found.questions) == (known.name in str.split(ASKED, "|"))
    if not found.questions:
        assert known.gives(roles(found), has_header=False), roles(found)


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_a_made_up_table_gives_the_right_roles_or_a_question(first):
    for seed in range(first, first + 20):
        text, right, _ = fuzz.table(seed)
        found = proposal(text)
        assert found.questions or roles(found) == right, seed


def test_most_tables_whose_columns_are_named_ask_nothing():
    named = [text for text, right, has_header in map(fuzz.table, range(40)) if has_header and "user" in right]
    assert sum(not proposal(text).questions for text in named) >= 0.6 * len(named)


# ---- names help and do not decide


def test_a_name_is_none_where_the_values_cannot_be():
    text = written("item,user,time,rating,product", "{n},{u},{r},{t},{i}09")
    assert roles(proposal(text)) == {"user": "user", "item": "product", "time": "rating"}


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("review/profileName", "user"),
        ("Kundennummer", "user"),
        ("用户编号", "user"),
        ("id_produit", "item"),
        ("musicbrainz-track-id", "item"),
        ("商品ID", "item"),
        ("unixReviewTime", "time"),
        ("t_dat", "time"),
        ("Дата", "time"),
        ("Book-Rating", "rating"),
        ("Calificación", "rating"),
        ("track_name", "title"),
        ("review_id", ""),
        ("venueCategoryId", ""),
        ("play_duration", ""),
        ("release_date", ""),
    ],
)
def test_a_name_speaks_for_a_role(name, role):
    said = hints(name)
    best = max(said, key=said.__getitem__)
    assert (best if said[best] > 0 else "") == role


@pytest.mark.parametrize(
    ("header", "form", "said"),
    [
        ("user,item", "{u}1,{n}", "no column that can be the item .*'item': .* new in every row"),
        ("user,item", "ann,{i}", "'user' has one user, 'ann'"),
        ("username,track,shop", "ann,{i},{c}", "'username' has one user, 'ann'"),
        ("user,item,rating", "{u},1{u},{r}", "which is the item|can be the item"),
        ("", "{i},{u},{r}", "does not tell whether 'column 1' or 'column 2' is the user"),
        ("a,b", "{u}4,{i}5", "does not tell whether 'a' or 'b' is the user"),
    ],
    ids=["a row an item", "one user", "one listener", "one item each", "no header", "no name"],
)
def test_what_is_not_clear_is_asked_with_the_columns_and_the_flags(header, form, said):
    found = proposal(written(header, form))
    assert found.questions
    message = found.asked("log.csv")
    assert pd.Series([message]).str.contains(said, regex=True).all(), message
    assert "Say which is which, such as --" in message
    (file,) = table.opened("log.csv", written(header, form).encode())
    with pytest.raises(table.Undecided, match="Its columns:"):
        table.proposal(table.layout(file), "log.csv").decided("log.csv")


def test_the_command_line_stops_and_flags_answer(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path))
    path = tmp_path / "log.csv"
    path.write_text(written("", "{i},{u},{r}"), "utf-8")
    importing = ["data", "--import", str(path), "--name", "x", "--check"]
    assert cli.main(importing) == 2
    said = capsys.readouterr().err
    assert "column 2: 40 values, each 8 to 13 times; whole numbers 1 to 40" in said
    assert "--user 'column" in said
    assert cli.main([*importing, "--user", "column 2", "--item", "column 1"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("log.csv: user 'column 2', item 'column 1', rating 'column 3'")
    assert "column 2: 40 values, each 8 to 13 times" in said


def test_what_is_given_wins_over_everything():
    text = written("user_id,item_id,rating,when", "{u},{i},{r},{t}")
    swapped = proposal(text, user="item_id", item="user_id", rating="-", time="rating")
    assert not swapped.questions
    assert roles(swapped) == {"user": "item_id", "item": "user_id", "time": "rating", "rating": "-"}
    with pytest.raises(table.TableError, match="no column 'who' for the user; it has user_id"):
        proposal(text, user="who")


def test_a_proposal_says_why():
    found = proposal(written("user_id,item_id", "{u},{i}"))
    assert found.reasons["user"] == "user_id: 40 values, each 8 to 13 times"


# ---- files of any size and kind


def test_of_a_large_file_rows_from_everywhere_are_looked_at():
    rows = 60_000
    text = "".join(f"{n // 12},{n * 7919 % 997},{1_500_000_000 + n},some words {n % 50}\n" for n in range(rows))
    (file,) = table.opened("log.csv", b"a,b,c,d\n" + text.encode())
    sample = table.layout(file).sample()
    assert not sample.is_whole
    assert 4_000 < len(sample.rows) <= 10_000
    assert int(sample.rows[0][0]) == 0
    assert int(sample.rows[-1][0]) > 0.95 * rows / 12


def test_texts_with_line_breaks_leave_the_rows_of_a_large_file_whole():
    text = "".join(f'{n // 12},{n * 7919 % 997},"line\nand, another\nof {n}"\n' for n in range(120_000))
    (file,) = table.opened("log.csv", b"user,item,text\n" + text.encode())
    sample = table.layout(file).sample()
    assert len(sample.rows) > 1_000
    assert all(row[0].isdigit() and row[1].isdigit() for row in sample.rows)


@pytest.mark.parametrize("group", [None, 500])
def test_parquet_is_looked_at_everywhere(group):
    frame = pd.DataFrame({"user": [n // 9 for n in range(30_000)], "item": [n * 7919 % 997 for n in range(30_000)]})
    packed = io.BytesIO()
    frame.to_parquet(packed, row_group_size=group)
    (file,) = table.opened("log.parquet", packed.getvalue())
    sample = table.layout(file).sample()
    assert len(sample.rows) <= 10_000
    assert int(sample.rows[-1][0]) > 0.9 * 30_000 / 9
    assert roles(table.proposal(table.layout(file))) == {"user": "user", "item": "item"}


def test_lines_of_sequences_stay_what_they_are():
    text = "".join(
        f"{user} {' '.join(str(user * k % 90 + 1) for k in range(2, 4 + user % 5))}\n" for user in range(1, 80)
    )
    assert roles(proposal(text)) == {"user": "user", "item": "item"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["1", "2", "1", "NA"], "2 values, each 1 to 2 times"),
        (["a", "b", "c"], "3 values, new in every row"),
        (["x", "x"], "one value, 'x'"),
        (["", "null"], "no value"),
    ],
)
def test_a_column_says_how_often_its_values_come(values, said):
    (column,) = columns_of(["c"], [(value,) for value in values])
    assert column.how_often == said


@pytest.mark.parametrize(
    ("values", "is_time"),
    [
        (["2020-01-01", "2020-02-01"], True),
        (["1577836800", "1577923200"], True),
        (["1577836800123", "1577923200456"], True),
        (["214536502", "214577561"], False),  # ids; as seconds in 1976
        (["2053013555631882655", "2053013558920217191"], False),
        (["3.5", "4.5"], False),
        (["0270da4daac5", "3bfc269594ef"], False),
    ],
)
def test_times_lie_in_a_plausible_span(values, is_time):
    (column,) = columns_of(["c"], [(value,) for value in values])
    assert (column.as_time >= 2) == is_time
