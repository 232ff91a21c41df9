"""Every layout people have becomes the same data set, and what cannot be read is named with its line."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from caser.data import table
from caser.data.table import Roles, Settings, TableError, times

ROWS = [(1, 10, 4.0, 100), (1, 11, 3.0, 200), (1, 12, 5.0, 300), (2, 11, 2.0, 50), (2, 10, 5.0, 60), (2, 12, 1.0, 70)]


def written(separator: str, header: str = "", columns=(0, 1, 2, 3)) -> bytes:
    lines = [separator.join(f"{row[at]:g}" for at in columns) for row in ROWS]
    return "\n".join(([header] if header else []) + lines).encode() + b"\n"


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    frame = pd.DataFrame(ROWS, columns=["user_id", "item_id", "rating", "timestamp"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], unit="s")
    frame.to_parquet(buffer)
    return buffer.getvalue()


def brought(content: bytes, name: str = "log.csv", day_first: bool | None = None, **settings):
    events, items = table.pair(table.opened(name, content))
    roles = settings.pop("roles", None) or table.proposal(table.layout(events), events.name).decided(events.name)
    return table.prepare("own", table.read(events, roles, day_first), Settings(**settings), items)


CSV = written(",", "userId,movieId,rating,timestamp")
LAYOUTS = {
    "csv": CSV,
    "other order of columns": written(",", "timestamp,item_id,user_id,rating", (3, 1, 0, 2)),
    "semicolons": written(";", "user;item;rating;time"),
    "bom and crlf": b"\xef\xbb\xbf" + CSV.replace(b"\n", b"\r\n"),
    "blank lines": CSV.replace(b"\n", b"\n\n"),
    "quoted": b'"user","item","rating","time"\n' + b"\n".join(b",".join(b'"%g"' % v for v in r) for r in ROWS),
    "tabs without header": written("\t"),
    "MovieLens 1M and MovieTweetings": written("::"),
    "RecBole": written("\t", "user_id:token\titem_id:token\trating:float\ttimestamp:float"),
    "milliseconds": b"user,item,rating,time\n"
    + b"\n".join(b"%d,%d,%g,%d" % (u, i, r, 10**12 + 1000 * t) for u, i, r, t in ROWS),
    "ISO": b"user,item,rating,time\n"
    + b"\n".join(b"%d,%d,%g,2020-01-01T00:%02d:%02dZ" % (u, i, r, t // 60, t % 60) for u, i, r, t in ROWS),
    "gzip": gzip.compress(CSV),
    "zip": zipped(ratings_csv=CSV, README_txt=b"nothing\n"),
    "parquet": parquet(),
}


@pytest.mark.parametrize("content", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_the_same_data_set(content):
    found = brought(content).dataset
    assert found.user_ids.tolist() == [1, 2]
    assert found.item_ids.tolist() == [10, 11, 12]
    assert found.item_ids[found.item].tolist() == [10, 11, 12, 11, 10, 12]
    assert found.rating.tolist() == [4, 3, 5, 2, 5, 1]
    assert np.diff(found.timestamp[:3]).tolist() == [100, 100]


def test_the_order_of_the_file_is_kept_where_there_is_no_time():
    found = brought(b"user_id,book_id,rating\n7,3,5\n7,1,4\n8,1,1\n7,2,3\n8,3,2\n8,2,2\n", "ratings.csv")
    assert found.dataset.item_ids[found.dataset.item].tolist() == [3, 1, 2, 1, 3, 2]
    assert any("its order is used" in note for note in found.notes)


@pytest.mark.parametrize("sign", ["", ":"])
def test_lines_of_sequences_are_read_in_their_order(sign):
    lines = f"ann{sign} i3 i1 i2\nbob{sign} i2 i3\ncid{sign} i1 i9 i3 i2\n"
    found = brought(lines.encode(), "seq.txt").dataset
    names = found.catalogue["item_id"].to_numpy()
    assert found.user_names == ("ann", "bob", "cid")
    assert names[found.item].tolist() == ["i3", "i1", "i2", "i2", "i3", "i1", "i9", "i3", "i2"]


RETAIL = (
    b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    b'536365,85123A,"HOLDER, WHITE",6,12/1/2010 8:26,2.55,17850,United Kingdom\n'
    b"536365,71053,LANTERN,6,12/1/2010 8:26,3.39,17850,United Kingdom\n"
    b"536366,71053,LANTERN,6,12/13/2010 8:28,3.39,17850,United Kingdom\n"
    b"536367,84879,BIRD,32,12/14/2010 8:34,1.69,13047,United Kingdom\n"
    b"536368,22960,JAM,6,12/15/2010 8:34,4.25,,United Kingdom\n"
    b"536369,71053,LANTERN,6,12/16/2010 8:34,4.25,13047,United Kingdom\n"
    b"536370,22960,JAM,6,12/17/2010 8:34,4.25,13047,United Kingdom\n"
    b"536371,22960,JAM,6,12/18/2010 8:34,4.25,17850,United Kingdom\n"
)


def test_online_retail_with_its_repeats_titles_and_missing_customers():
    once, kept = (brought(RETAIL, "retail.csv", bad_share=0.2, repeats=how) for how in ("first", "kept"))
    assert (len(once.dataset), len(kept.dataset)) == (6, 7)
    assert once.dataset.catalogue["title"].tolist() == ["JAM", "LANTERN", "BIRD", "HOLDER, WHITE"]  # by id, as text
    assert any("line 6: its user is ''" in note for note in once.notes)
    with pytest.raises(TableError, match=r"1 of 8 rows \(12.5%\) cannot be read: line 6: its user is ''"):
        brought(RETAIL, "retail.csv")


def test_days_that_could_be_read_either_way_are_asked_for():
    content = b"user,item,time\n1,1,1/2/2020\n1,2,3/4/2020\n1,3,5/6/2020\n2,1,1/2/2020\n"
    with pytest.raises(table.Undecided, match=r"'time' of log\.csv does not tell whether the day or the month"):
        brought(content)
    day, month = (brought(content, day_first=first).dataset.timestamp[0] for first in (True, False))
    assert (pd.Timestamp(day, unit="s").month, pd.Timestamp(month, unit="s").month) == (2, 1)


def test_a_table_of_items_gives_titles_years_genres_and_further_columns():
    items = (
        b"movieId,title,genres,runtime,country,notes\n10,Alien (1979),Horror|Sci-Fi,117,GB,a\n"
        b"11,Jaws (1975),Horror,124,US,b\n13,Unwatched (2000),Drama,90,FR,c\n"
    )
    found = brought(zipped(ratings_csv=CSV, movies_csv=items), "set.zip")
    rows = found.dataset.catalogue
    assert rows["title"].tolist() == ["Alien", "Jaws", "item 12"]
    assert rows["year"].tolist() == [1979, 1975, 0]
    assert rows["genres"].tolist() == [("Horror", "Sci-Fi"), ("Horror",), ()]
    assert rows["runtime"].tolist()[:2] == [117, 124]
    assert rows["country"].tolist()[:2] == ["GB", "US"]
    assert rows["country"].isna().tolist() == [False, False, True]
    assert any("lacks 1 of 3 items" in note for note in found.notes)


def test_recbole_items_have_their_types_taken_off():
    inter = written("\t", "user_id:token\titem_id:token\trating:float\ttimestamp:float")
    item = (
        b"item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n10\tAlien\t1979\tHorror Sci-Fi\n"
    )
    found = brought(zipped(**{"ml_inter": inter, "ml_item": item}), "ml.zip").dataset.catalogue
    assert found.loc[0, ["title", "year"]].tolist() == ["Alien", 1979]


def test_filters_say_what_each_of_them_leaves():
    found = brought(CSV, lowest=2)
    assert [(step.label, step.rows, step.users, step.items) for step in found.steps] == [
        ("rows that can be read", 6, 2, 3),
        ("rated 2 or more", 5, 2, 3),
        ("first interactions only", 5, 2, 3),
    ]
    with pytest.raises(TableError, match="no interaction is left; lower the least rating or k"):
        brought(CSV, lowest=3, k_core=2)


def test_a_core_is_the_largest_in_which_all_have_enough():
    rows = [(u, i) for u in range(6) for i in range(6) if (u + i) % 2] + [(9, 0), (9, 99), (8, 98)]
    content = "user,item\n" + "\n".join(f"{u},{i}" for u, i in rows)
    found = brought(content.encode(), k_core=3).dataset
    assert np.diff(found.offset).min() >= 3
    assert found.views.min() >= 3
    assert 9 not in found.user_ids


def test_a_sample_of_users_is_the_same_every_time():
    content = "user,item\n" + "\n".join(f"{u},{i}" for u in range(40) for i in range(4))
    first, again = (brought(content.encode(), sample=10).dataset for _ in range(2))
    assert first.n_users == 10
    assert first.checksum == again.checksum


def test_ids_of_any_kind_are_numbered_in_alphabetical_order_and_found_again():
    found = brought("user,item\nzoë,b\nzoë,a\nzoë,c\nAnn ,b\n Ann,a\n".encode()).dataset
    assert found.user_names == ("Ann", "zoë")
    assert found.user_ids.tolist() == [1, 2]
    assert found.catalogue["item_id"].tolist() == ["a", "b", "c"]
    assert found.find_user("zoë") == 1
    for unknown in ("bob", "2"):
        with pytest.raises(ValueError, match=f"no user '{unknown}' in own; its 2 users have ids such as 'Ann'"):
            found.find_user(unknown)


def test_ids_with_leading_zeros_stay_apart():
    found = brought(b"user,item\n01,1\n01,2\n01,3\n1,1\n1,2\n1,3\n").dataset
    assert found.user_names == ("01", "1")


def test_what_is_amiss_is_said():
    found = brought(b"user,item,time\na,x,5\na,y,5\na,z,5\nA,x,5\nb,X,5\n")
    said = " ".join(found.notes)
    assert "2 users have fewer than 3 interactions" in said
    assert "All times are the same" in said
    assert "1 of 3 users differ from another only by capitals" in said
    assert "1 of 4 items differ from another only by capitals" in said


def test_latin_1_is_read_and_said():
    found = brought("user,item\n1,é\n1,b\n1,c\n2,é\n".encode("iso-8859-1"))
    assert found.dataset.catalogue["item_id"].tolist() == ["b", "c", "é"]
    assert any("is not UTF-8; it was read as Latin-1" in note for note in found.notes)


MANY = b"".join(b"%d,%d,5\n" % (u, i) for u in range(20) for i in range(20))
BAD = {
    "empty": (b"", "log.csv is empty"),
    "blank": (b"\n \n", "no line that is not blank"),
    "one column": (b"user\n1\n2\n", "no two fields"),
    "binary": (b"user,item\n\x00\x01", "line 2 holds a NUL"),
    "a quotation mark": (b'user,item\n1,2\n1,"3\n1,4\n', "line 3 opens a quotation mark that is never closed"),
    "numbers in words": (b"user,item,rating\n1,2,five\n1,3,four\n", r"line 2: its rating is 'five'"),
    "the year 50000": (b"user,item,time\n1,2,50000-01-01\n1,3,1515700000001\n", "its time is '50000-01-01'"),
    "before 1970": (b"user,item,time\n1,2,1950-01-01\n1,3,1950-01-02\n", "its time is '1950-01-01'"),
    "mixed separators": (b"user,item,time\n" + MANY + b"1;2;3\n" * 300, "has 1 fields instead of 3"),
    "one item": (b"user,item\n1,2\n2,2\n3,2\n", "one item, log.csv has no more"),
    "one user": (b"user,item\n1,2\n1,3\n1,4\n", "one user"),
    "too short": (b"user,item\n1,2\n2,3\n3,4\n3,5\n", "nobody has 3 interactions"),
    "a bad zip": (b"PK\x03\x04nothing", "cannot be unpacked"),
    "a bad gzip": (b"\x1f\x8bnothing", "cannot be unpacked"),
    "bad parquet": (b"PAR1nothing", "cannot be read"),
    "SQL": (
        b"-- a dump\nINSERT INTO log VALUES (1,2),(1,3);\n",
        "export .* as CSV",
    ),
    "ragged rows of JSON": (b"[[1, 2], [1]]", "do not have 2 values each"),
    "a path out": (zipped(**{"../../x_csv": CSV}), "leads out of the archive"),
    "no table": (zipped(a_pdf=b"x"), "holds no table"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_named_with_its_remedy(content, said):
    with pytest.raises(TableError, match=said):
        brought(content)


def test_archives_and_files_are_bounded(monkeypatch):
    monkeypatch.setenv("CASER_UPLOAD_MB", "1")
    for content in (
        b"user,item\n" + b"1,2\n" * 300_000,
        zipped(a_csv=b"0" * 2_000_000),
        gzip.compress(bytes(2_000_000)),
    ):
        with pytest.raises(TableError, match="larger than 1 MB; cut it, or set CASER_UPLOAD_MB"):
            table.opened("log", content)
    monkeypatch.setenv("CASER_UPLOAD_MB", "many")
    with pytest.raises(TableError, match="CASER_UPLOAD_MB is 'many'"):
        table.opened("log", CSV)


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (Roles("who", "movieId"), "has no column 'who' for the user; it has userId, movieId"),
        (Roles("userId", "userId"), "is chosen for the user and for the item"),
        (Roles("userId", ""), "no column is chosen for the item"),
    ],
)
def test_columns_that_cannot_be_are_named(roles, said):
    with pytest.raises(TableError, match=said):
        brought(CSV, roles=roles)


@pytest.mark.parametrize(
    "wrong", [{"k_core": 0}, {"repeats": "all"}, {"bad_share": 2.0}, {"noun": "<b>"}, {"lowest": float("nan")}]
)
def test_settings_out_of_their_bounds_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)


def test_the_first_rows_are_shown_as_they_are():
    (file,) = table.opened("log.csv", CSV)
    shown = table.preview(file, 2)
    assert shown.columns.tolist() == ["userId", "movieId", "rating", "timestamp"]
    assert shown.iloc[1].tolist() == ["1", "11", "3", "200"]


def test_a_parquet_file_with_gaps_is_read_and_shown():
    buffer = io.BytesIO()
    rows = pd.DataFrame({"user": ["a", "b"] * 4, "item": list("xyzwxyzw"), "title": [None, "Ten"] * 4})
    rows["time"] = pd.to_datetime(["2024-01-01 10:00:00.5", None] * 4)
    rows.to_parquet(buffer)
    (file,) = table.opened("a.parquet", buffer.getvalue())
    assert table.preview(file)["title"].tolist() == ["", "Ten"] * 4
    found = table.read(file, table.proposal(table.layout(file)).decided())
    assert (len(found.user), found.bad) == (4, 4)
    assert "row 2: its time is ''" in found.problems


@pytest.mark.parametrize("broken", [b"\xff\xff", b"}}"])
def test_a_parquet_file_whose_notes_for_pandas_are_damaged_is_read_as_it_is(broken):
    content = parquet()
    at = content.rindex(b'"pandas_version"')
    damaged = content[:at] + broken + content[at + len(broken) :]
    assert table.preview(*table.opened("a.parquet", damaged)).shape == (len(ROWS[:20]), 4)
    assert len(brought(damaged, "a.parquet").dataset) == len(brought(content, "a.parquet").dataset)


def test_how_far_reading_and_preparing_are_is_told():
    shares = []
    (file,) = table.opened("log.csv", CSV)
    found = table.read(file, table.proposal(table.layout(file)).decided(), on_share=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    shares.clear()
    table.prepare("own", found, Settings(k_core=2), on_share=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


# ---- what people's programs write


@pytest.mark.parametrize("missing", ["NA", "NULL", "\\N", "nan", "None", "#N/A", "  "])
@pytest.mark.parametrize("role", ["user", "item"])
def test_a_missing_id_is_missing_and_counted(missing, role):
    lines = [["u", "i"]] + [[f"u{user}", f"b{item}"] for user, item, _, _ in ROWS * 2]
    lines[3][role == "item"] = missing
    found = brought("\n".join(",".join(line) for line in lines).replace("u,i", "user,item", 1).encode(), bad_share=0.1)
    assert not {missing, missing.strip()} & {*(found.dataset.user_names or ()), *found.dataset.catalogue["item_id"]}
    assert any("1 of 12 rows" in note for note in found.notes)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1600-01-01"])
def test_an_impossible_day_costs_its_row(day):
    lines = [f"u{user},b{item},2020-01-0{at % 7 + 1}" for at, (user, item, _, _) in enumerate(ROWS * 2)]
    lines[4] = f"u1,b11,{day}"
    found = brought(("user,item,date\n" + "\n".join(lines)).encode(), bad_share=0.1)
    assert any("1 of 12 rows" in note and day in note for note in found.notes)


@pytest.mark.parametrize("form", [".0", ".00"])
def test_ids_that_passed_through_a_column_with_gaps_are_whole_numbers(form):
    lines = [f"{user}{form},{item}{form},{rating}" for user, item, rating, _ in ROWS]
    items = b"movieId,title\n10,Ten\n11,Eleven\n12,Twelve\n"
    found = brought(
        zipped(ratings_csv=("userId,movieId,rating\n" + "\n".join(lines)).encode(), movies_csv=items), "x.zip"
    )
    assert found.dataset.user_ids.tolist() == [1, 2]
    assert found.dataset.catalogue["title"].tolist() == ["Ten", "Eleven", "Twelve"]


def test_versions_stay_words():
    lines = [f"{user},v{item}.0" for user, item, _, _ in ROWS]
    assert set(brought(("user,item\n" + "\n".join(lines)).encode()).dataset.catalogue["item_id"]) == {
        "v10.0",
        "v11.0",
        "v12.0",
    }


def test_ratings_with_a_decimal_comma_are_read():
    lines = [f"{user};{item};{rating - 0.5:.1f}".replace(".", ",") for user, item, rating, _ in ROWS]
    found = brought(("user;item;rating\n" + "\n".join(lines)).encode())
    assert sorted(found.dataset.rating.tolist()) == [0.5, 1.5, 2.5, 3.5, 4.5, 4.5]


@pytest.mark.parametrize("array", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_json_is_read_a_line_or_a_list(array, packed):
    rows = [
        {
            "reviewerID": f"u{user}",
            "asin": f"b{item}",
            "overall": rating,
            "unixReviewTime": 10**9 + at,
            "helpful": [0, 1],
        }
        for user, item, rating, at in ROWS
    ]
    text = json.dumps(rows) if array else "\n".join(map(json.dumps, rows))
    found = brought(
        gzip.compress(text.encode()) if packed else text.encode(), "reviews.json.gz" if packed else "reviews.json"
    )
    assert found.dataset.user_names == ("u1", "u2")
    assert found.dataset.rating.tolist() == [4, 3, 5, 2, 5, 1]
    assert any("helpful" in note for note in found.notes)


@pytest.mark.parametrize("array", [False, True])
def test_json_may_mix_numbers_with_words_and_lack_a_field_at_first(array):
    rows = [{"user": user, "item": item if item > 10 else f"b{item}", "n": [1]} for user, item, _, _ in ROWS]
    rows = [{**row, "time": 100 * n} if n else row for n, row in enumerate(rows)]
    text = json.dumps(rows) if array else "\n".join(map(json.dumps, rows))
    found = brought(text.encode(), "log.json", bad_share=0.2).dataset
    assert found.item_ids.tolist() == ["11", "12", "b10"]
    assert found.timestamp.tolist() == [100, 200, 300, 400, 500]


@pytest.mark.parametrize("text", ['{"user": 1,\n{"user"', '[{"user": 1}, 7]', '[{"user": '])
def test_json_that_cannot_be_read_is_called_so(text):
    with pytest.raises(TableError, match=r"JSON that cannot be read|has one column"):
        brought(text.encode(), "log.json")


def test_a_least_rating_without_a_rating_is_refused():
    with pytest.raises(TableError, match="no column is known to be the rating; name it with --rating"):
        brought(written(",", "user,item,stuff,timestamp"), lowest=4)


@pytest.mark.parametrize("name", ["Book-Rating", "user_rating", "review_score", "Bewertung", "stars", "оценка"])
def test_a_least_rating_counts_however_its_column_is_called(name):
    found = brought(written(",", f"user,isbn,{name},timestamp"), lowest=3)
    assert (found.steps[1].label, found.steps[1].rows) == ("rated 3 or more", 4)


@pytest.mark.parametrize(
    "bad",
    ["10,Ten, unquoted,1990", "10,Again,1990", '10,"The \\"Great\\", Ten",1990,more'],
    ids=["comma", "twice", "more"],
)
def test_one_bad_row_of_a_table_of_items_is_left_out_where_that_is_allowed(bad):
    items = f"item,title,year\n10,Ten,1990\n11,Eleven,1991\n12,Twelve,1992\n{bad}\n".encode()
    found = brought(zipped(ratings_csv=CSV, movies_csv=items), "x.zip", bad_share=0.3)
    assert found.dataset.catalogue["title"].tolist() == ["Ten", "Eleven", "Twelve"]
    assert any("movies.csv" in note for note in found.notes)
    with pytest.raises(TableError, match=r"movies\.csv"):
        brought(zipped(ratings_csv=CSV, movies_csv=items), "x.zip", bad_share=0.0)


def test_quotation_marks_with_a_backslash_are_part_of_the_title():
    lines = [f'u{user},b{item},"The \\"Best\\", part {item}"' for user, item, _, _ in ROWS]
    found = brought(("user,item,title\n" + "\n".join(lines)).encode())
    assert found.dataset.catalogue["title"].tolist()[0] == 'The "Best", part 10'


@pytest.mark.parametrize("above", ["sep=;\n", "Export of my shop, 2024\n\n", "# made by a shop\n# in 2024\n"])
def test_lines_above_a_table_are_passed_over(above):
    separator = ";" if "sep" in above else ","
    found = brought(above.encode() + written(separator, separator.join(("user", "item", "rating", "time")))).dataset
    assert found.user_ids.tolist() == [1, 2]
    assert found.rating.tolist() == [4, 3, 5, 2, 5, 1]


def test_a_separator_at_the_end_of_every_row_is_passed_over():
    found = brought(written(",", "user,item,rating,time").replace(b"\n", b",\n").replace(b"time,", b"time")).dataset
    assert found.rating.tolist() == [4, 3, 5, 2, 5, 1]


def test_lines_with_problems_are_numbered_from_the_files_start():
    found = brought(b"My shop\n\n" + CSV.replace(b"2,12,1,70", b",12,1,70"), bad_share=0.5)
    assert any("line 9" in note for note in found.notes)


# ---- what a column may be


def proposed(header: str, row: str, count: int = 30) -> dict[str, str]:
    """The roles of a table whose rows are made from `row` for n = 0 .. count - 1: 6 users, 5 items."""
    lines = [header] if header else []
    lines += [
        row.format(n=n, u=n % 6, i=n % 5, r=n % 5 + 1, t=1_600_000_000 + 977 * n, d=n % 28 + 1) for n in range(count)
    ]
    (file,) = table.opened("log.csv", "\n".join(lines).encode())
    return {role: column for role, column in vars(table.proposal(table.layout(file)).decided()).items() if column}


@pytest.mark.parametrize(
    ("header", "row", "roles"),
    [
        (
            "review_id,user_id,business_id,stars,date",
            "v{n},u{u},s{i},{r},2020-01-{d:02d}",
            "user_id business_id date stars",
        ),
        (",user_id,anime_id,rating", "{n},{u},{i},{r}", "user_id anime_id - rating"),
        ("item_idx,user_idx,relevance,timestamp", "p{i},u{u},{r},{t}", "user_idx item_idx timestamp -"),
        (
            "product/productId,review/userId,review/time",
            "p{i},u{u},{t}",
            "review/userId product/productId review/time -",
        ),
        ("user_id,item_id,order_date", "u{u},b{i},2020-01-{d:02d} 10:00:00", "user_id item_id order_date -"),
        ("client,sku,t_dat", "u{u},b{i},202001{d:02d}", "client sku t_dat -"),
        ("client,sku,played_at", "u{u},b{i},{t}", "client sku played_at -"),
        ("", "{u},2020-01-{d:02d}T10:00:00Z,{i},0", "column 1,column 3,column 2,-"),
        ("", "{u},{i},{r}", "column 1,column 2,-,column 3"),
        ("", "{u},{i},{t}", "column 1,column 2,column 3,-"),
        ("", "{u},{i},{r},{t}", "column 1,column 2,column 4,column 3"),
    ],
)
def test_columns_of_unknown_names_are_known_by_their_values(header, row, roles):
    wanted = zip(("user", "item", "time", "rating"), roles.split("," if "," in roles else None), strict=True)
    assert proposed(header, row) == {role: column for role, column in wanted if column != "-"}


@pytest.mark.parametrize(
    "form",
    [
        *("Jan {d}, 2020", "{d}-Jan-2020 10:00:00", "{d}/1/2020", "1580{d:02d}4800", "202001{d}T101500Z"),
        *("[{d}/Jan/2020:10:15:00 +0000]", "438{d},427083"),
    ],
)
def test_a_column_is_a_time_in_every_form_that_is_read(form):
    row = ("u{u};b{i};" + form).replace("{d}", "{d:02d}")
    assert proposed("client;sku;played", row) == {"user": "client", "item": "sku", "time": "played"}


def test_columns_of_json_are_known_by_their_values_as_well():
    rows = [{"n": n, "client": f"u{n % 6}", "sku": f"b{n % 5}", "at": f"2020-01-{n + 1:02d}"} for n in range(28)]
    (file,) = table.opened("log.json", json.dumps(rows).encode())
    assert vars(table.proposal(table.layout(file)).decided()) == vars(Roles("client", "sku", "at"))


def test_json_without_a_plain_field_is_refused():
    with pytest.raises(TableError, match="JSON without a field that holds one value"):
        brought(b'{"a": [[1]]}\n', "log.json")


def test_a_diarys_year_is_no_user():
    row = "2024-01-{d:02d},Film {i},{r}990,https://films/{n},4"
    assert proposed("Date,Name,Year,Letterboxd URI,Rating", row.replace("{r}990", "199{r}")).get("user") != "Year"


def test_a_column_has_one_role():
    with pytest.raises(TableError, match="'rating' is chosen for the time and for the rating"):
        brought(CSV, roles=Roles("userId", "movieId", "rating", "rating"))


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-31 13:05:00 UTC",
        "2020-01-31T13:05:00+00:00",
        "1/31/2020 1:05:00 PM",
        "31.01.2020 13:05",
        "01/31/20 13:05",
        "Fri Jan 31 13:05:00 2020",
        "Fri Jan 31 13:05:00 +0000 2020",
        "Fri, 31 Jan 2020 13:05:00 GMT",
        "Jan 31, 2020 13:05",
        "20200131130500",
        "1580475900",
        "1580475900000",
        "43861.54514",
    ],
)
def test_a_time_is_read_in_every_form_that_programs_write(text):
    found, clear, _ = times.instants(pd.Series([text] * 3), "the time")
    assert clear.all()
    assert abs(found[0] / times.SECOND - 1_580_475_900) <= 1


@pytest.mark.parametrize(
    "text", ["Jan 31, 2020", "31-Jan-20", "20200131", "1/31/2020 12:05 AM", "31.1.20", "31 January 2020"]
)
def test_a_day_is_read_in_every_form(text):
    found, clear, _ = times.instants(pd.Series([text]), "the time")
    assert clear.all()
    assert pd.Timestamp(found[0]).strftime("%Y-%m-%d") == "2020-01-31"


def test_a_time_that_no_form_fits_says_the_forms():
    with pytest.raises(TableError, match="Times are read as seconds or milliseconds since 1970, 2020-01-31"):
        brought(b"user,item,time\n1,2,soon\n1,3,later\n2,3,never\n")


@pytest.mark.parametrize(
    "content",
    [
        b"% bip weighted\n" + written(" "),
        b'"user" "item" "rating" "time"\n' + b"\n".join(b'"r" "%d" "%d" %g %d' % row for row in ROWS),
        b"\n".join(b"%5d %4d  %g %d " % row for row in ROWS),
    ],
    ids=["a comment", "R's row names", "aligned"],
)
def test_columns_that_blanks_separate_are_no_sequences(content):
    found = brought(content, "log.txt").dataset
    assert (found.user_ids.tolist(), found.item_ids.tolist()) == ([1, 2], [10, 11, 12])
    assert found.rating.tolist() == [4, 3, 5, 2, 5, 1]


def test_a_field_longer_than_python_reads_is_no_fault():
    rows = "user,item,time\n" + "".join(f"u{n % 7},b{n % 5},{1_600_000_000 + n}\n" for n in range(70))
    (file,) = table.opened("log.csv", f"{rows}u1,{'b' * 200_000},soon\n".encode())
    assert table.read(file, Roles("user", "item", "time")).bad == 1


def test_a_time_that_no_calendar_has_is_named_so():
    when = pa.array([2**62, *range(1_600_000_000_000, 1_600_000_007_000, 1000)], pa.timestamp("ms"))
    buffer = io.BytesIO()
    pq.write_table(pa.table({"user": ["a", "b"] * 4, "item": ["x", "y"] * 4, "time": when}), buffer)
    (file,) = table.opened("log.parquet", buffer.getvalue())
    table.preview(file)
    assert table.read(file, Roles("user", "item", "time")).bad == 1


@pytest.mark.parametrize("names", [[], ["user", "user", "item"]])
def test_a_parquet_file_whose_columns_have_no_name_of_their_own_is_refused(names):
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array(["a", "b"])] * len(names), names=names), buffer)
    with pytest.raises(TableError, match="two of one name"):
        table.layout(*table.opened("log.parquet", buffer.getvalue()))


def test_a_name_of_a_thousand_letters_is_read_in_no_time():
    name = "ж" * 100_000
    rows = [{name: f"u{n % 6}", "item": f"b{n % 5}", "time": 1_600_000_000 + n} for n in range(60)]
    (file,) = table.opened("log.json", json.dumps(rows, ensure_ascii=False).encode())
    assert table.proposal(table.layout(file)).roles.user == name


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_hour_of_a_day_may_stand_in_a_column_of_its_own(kind):
    hours = ("09:30", "23:15", "00:05", "12:00")
    rows = pd.DataFrame(
        [(f"u{n % 7}", f"b{n % 5}", f"2021-03-{n // 7 + 1:02d}", hours[n % 4] if n != 9 else "") for n in range(70)],
        columns=["user", "item", "date", "hour"],
    )
    buffer = io.BytesIO()
    (rows.to_csv if kind == "csv" else rows.to_parquet)(buffer, index=False)
    (file,) = table.opened(f"log.{kind}", buffer.getvalue())
    found = table.read(file, Roles("user", "item", "date"))
    expected = pd.to_datetime(rows["date"] + " " + rows["hour"].replace("", "00:00"))
    assert found.bad == 0
    assert (found.time.astype("datetime64[ns]") == expected.to_numpy()).all()
    assert any("'date' and 'hour' are read together" in note for note in found.notes)
