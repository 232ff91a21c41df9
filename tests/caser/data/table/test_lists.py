"""Several items in one field: each becomes a row, in their order; a list of something else stays what it is."""

from __future__ import annotations

import json
import random

import pytest

from caser.data import table
from tests.caser.data.table.headers import rows
from tests.caser.data.table.test_table import brought

BY_USER: dict[int, list[dict]] = {}
for made in rows("time", 3):
    BY_USER.setdefault(made["u"], []).append(made)
SEQUENCES = {f"u{user}": [f"b{row['i']}" for row in taken] for user, taken in BY_USER.items()}

PAIRS = [(user, item) for user, items in SEQUENCES.items() for item in items]


def lines(form, header: str = "") -> str:
    return "\n".join([header] * bool(header) + [form(user, items) for user, items in SEQUENCES.items()])


def events(items: list[str]) -> list[dict]:
    return [{"aid": item, "ts": 1_600_000_000_000 + place, "type": "clicks"} for place, item in enumerate(items)]


FORMS = {
    "blanks.csv": lines(lambda user, items: f"{user},{' '.join(items)}", "user_id,history"),
    "brackets.csv": lines(lambda user, items: f'{user},"{items}"', "user_id,books"),
    "brackets and age.csv": lines(lambda user, items: f'{user},{user[1:]},"{items}"', "user_id,age,liked"),
    "bars.tsv": lines(lambda user, items: f"{user}\t{'|'.join(items)}", "client\tproducts"),
    "commas without a header.tsv": lines(lambda user, items: f"{user}\t{','.join(items)}"),
    "lists.jsonl": lines(lambda user, items: json.dumps({"user": user, "items": items})),
    "sessions.jsonl": lines(lambda user, items: json.dumps({"session": user, "events": events(items)})),
    "by name.json": json.dumps(SEQUENCES),
    "under a key.json": json.dumps(
        {"count": 9, "rows": [{"user": user, "item": item} for user, items in SEQUENCES.items() for item in items]}
    ),
    "columns.json": json.dumps(
        {role: {str(n): row[n_role] for n, row in enumerate(PAIRS)} for n_role, role in enumerate(("user", "item"))}
    ),
    "columns and rows.json": json.dumps({"columns": ["user", "item"], "data": PAIRS}),
    "rows.json": json.dumps(PAIRS),
    "objects.json": json.dumps(
        [{"user": {"id": user}, "item": {"id": item}} for user, items in SEQUENCES.items() for item in items]
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_item_of_a_list_is_a_row_in_their_order(name):
    found = brought(FORMS[name].encode(), name).dataset
    names = found.catalogue["item_id"].to_numpy()
    read = {
        found.user_name(user): names[found.item[found.offset[user] : found.offset[user + 1]]].tolist()
        for user in range(found.n_users)
    }
    assert read == SEQUENCES


def test_headings_are_a_column_as_in_the_netflix_prize():
    by_item: dict[str, list[str]] = {}
    for user, item in PAIRS:
        by_item.setdefault(item, []).append(f"{user},3,2005-0{1 + int(user[1:]) % 9}-01")
    text = "\n".join("\n".join([f"{item}:", *below]) for item, below in by_item.items())
    events, _ = table.pair(table.opened("combined.txt", text.encode()))
    read = table.read(events, table.Roles("column 2", "column 1", "column 4", "column 3"))
    assert sorted((read.users[u], read.items[i]) for u, i in zip(read.user, read.item, strict=True)) == sorted(PAIRS)
    assert f"has {len(by_item)} headings" in events.notes[0]


def behaviors() -> str:
    """As MIND writes them: of each user what was clicked before, and lists of which the last two items were clicked."""
    rng, lists = random.Random(0), []
    for user, taken in BY_USER.items():
        before = " ".join(f"N{row['i']}" for row in taken[:-2])
        for row in taken[-2:]:
            shown = [f"N{row['i']}-1", *(f"N{rng.randint(1, 60)}-0" for _ in range(3))]
            lists.append(f"U{user}\t{row['d']:%-m/%-d/%Y %-I:%M:%S %p}\t{before}\t{' '.join(rng.sample(shown, 4))}")
    rng.shuffle(lists)
    return "\n".join(f"{number}\t{text}" for number, text in enumerate(lists, 1))


def test_minds_behaviors_are_what_was_clicked_in_the_order_of_time():
    found = brought(behaviors().encode(), "behaviors.tsv")
    assert any("news that were clicked are read" in note for note in found.notes)
    names = found.dataset.catalogue["item_id"].to_numpy()
    for user in range(found.dataset.n_users):
        start, end = found.dataset.offset[user : user + 2]
        taken = BY_USER[int(found.dataset.user_name(user)[1:])]
        assert names[found.dataset.item[start:end]].tolist() == [f"N{row['i']}" for row in taken]


NO_LISTS = {
    "a column of items": "user_id,item_id,tags\n" + "".join(f'u{n % 7},b{n % 5},"[1, 2, {n}]"\n' for n in range(60)),
    "texts": "user,item,text\n" + "".join(f"u{n % 7},b{n % 5},it has 2 or 3 parts {n}\n" for n in range(60)),
    "places": "user,where\n" + "".join(f'u{n % 7},"[40.{n % 9}, -74.{n % 9}, {n % 3}.5]"\n' for n in range(60)),
    "numbers in groups": "user,phone\n" + "".join(f"u{n % 7},555 01 {10 + n % 5}\n" for n in range(60)),
}


@pytest.mark.parametrize("text", NO_LISTS.values(), ids=NO_LISTS)
def test_what_is_no_list_of_items_stays_one_value(text):
    (file,) = table.opened("log.csv", text.encode())
    assert table.pair([file])[0].data == file.data


def test_of_json_with_a_column_of_items_a_list_is_left_out_and_named():
    objects = [{"user": f"u{n % 7}", "item": f"b{n % 5}", "tags": [1, 2, 3]} for n in range(60)]
    found = brought(json.dumps(objects).encode(), "log.json")
    assert len(found.dataset) == 35
    assert any("its fields tags hold more than one value" in note for note in found.notes)
