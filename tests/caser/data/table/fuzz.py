"""Made-up tables of interactions: columns in any order, under any names or none, with columns that are nothing."""

from __future__ import annotations

import datetime as dt
import random
import string

from tests.caser.data.table.headers import rows

_TIMES = (
    lambda t: str(t),
    lambda t: f"{t}000",
    lambda t: f"{_date(t):%Y-%m-%d %H:%M:%S}",
    lambda t: f"{_date(t):%Y-%m-%dT%H:%M:%SZ}",
    lambda t: f"{_date(t):%Y-%m-%d}",
    lambda t: f"{_date(t):%d.%m.%Y}",
    lambda t: f"{_date(t):%Y%m%d}",
    lambda t: f"{_date(t):%m/%d/%Y %I:%M:%S %p}",
)
_RATINGS = (lambda r: str(r), lambda r: f"{r}.0", lambda r: f"{r - 0.5 * (r % 2)}", lambda r: str(2 * r - r % 2))
_NAMES = {
    "user": str.split(
        "user_id userID Customer visitorid reviewerID Kundennummer usuario_id utilisateur пользователь 用户ID"
    ),
    "item": str.split("item_id movieId ProductID asin business_id Artikelnummer producto livre товар 商品ID"),
    "time": str.split("timestamp date event_time unixReviewTime created_at Bestelldatum fecha heure дата 时间"),
    "rating": str.split("rating stars Score overall review_score Bewertung puntuacion note оценка 评分"),
    "title": str.split("title item_name productTitle book_title Titel titulo titre название 标题"),
    "index": ["", "Unnamed: 0", "index", "id"],
    "review": ["review_id", "transaction_id", "event_id"],
    "category": ["category", "genre", "item_category"],
    "price": ["price", "Preis", "amount"],
    "quantity": ["quantity", "Menge", "qty"],
    "country": ["country", "region", "user_country"],
    "event": ["event_type", "action", "behavior"],
    "text": ["review_text", "comment", "text"],
    "hours": ["hours", "duration", "play_duration"],
}


def _date(t: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(t, dt.UTC)


def _ids(rng: random.Random, role: str):
    """How the ids of a role are written."""
    salt = rng.randint(1, 900)
    letters = {"user": ("u", "user_", "cust-"), "item": ("i", "b", "sku", "movie-")}[role]
    kinds = (
        str,
        lambda number: str(number * 37 + salt * 1_000),
        lambda number: str(10**9 + number * 7_919 * salt),
        lambda number: f"{rng_letters[0]}{number}",
        lambda number: "".join(
            random.Random(f"{role}{salt}{number}").choices(string.ascii_letters + string.digits, k=12)
        ),
        lambda number: f"{random.Random(f'{role}{salt}{number}').getrandbits(96):024x}",
    )
    rng_letters = rng.choice(letters), ""
    return rng.choice(kinds)


def table(seed: int) -> tuple[str, dict[str, str], bool]:
    """A table as a text, its roles, and whether it has a header."""
    rng = random.Random(seed)
    order = rng.choice(("shuffled", "shuffled", "user", "time", "item"))
    made = list(rows(order, seed, rng.randint(12, 45), rng.randint(20, 90)))
    columns = _columns(rng, made)
    kept = ["user", "item", *(name for name in columns if name not in ("user", "item") and rng.random() < 0.45)]
    rng.shuffle(kept)
    naming = rng.choice(("known", "known", "meaningless", "none", "none"))
    names = {name: _name(rng, name, naming, place) for place, name in enumerate(kept, 1)}
    lines = [",".join(columns[name](row) for name in kept) for row in made]
    header = [",".join(names.values())] if naming != "none" else []
    roles = {name: names[name] or f"column {kept.index(name) + 1}" for name in kept if name in _ROLES}
    return "\n".join([*header, *lines]) + "\n", roles, bool(header)


_ROLES = ("user", "item", "time", "rating", "title")


def _name(rng: random.Random, name: str, naming: str, place: int) -> str:
    if naming == "none":
        return f"column {place}"
    return rng.choice(_NAMES[name]) if naming == "known" else f"{rng.choice('abcxyz')}{place}"


def _columns(rng: random.Random, made: list[dict]) -> dict:
    """How each column is written."""
    user, item, time, rating = _ids(rng, "user"), _ids(rng, "item"), rng.choice(_TIMES), rng.choice(_RATINGS)
    anywhen = {row["n"]: rng.randint(1_500_000_000, 1_600_000_000) for row in made}
    apart = rng.random() < 0.3  # a user's rows do not lie together in time
    return {
        "user": lambda row: user(row["u"]),
        "item": lambda row: item(row["i"]),
        "time": lambda row: time(anywhen[row["n"]] if apart else row["t"]),
        "rating": lambda row: rating(row["r"]),
        "title": lambda row: f'"{row["title"]} {row["i"]}"',
        "index": lambda row: str(row["n"]),
        "review": lambda row: row["v22"],
        "category": lambda row: row["cat"],
        "price": lambda row: str(row["price"]),
        "quantity": lambda row: str(row["q"]),
        "country": lambda row: ("Peru", "Chad", "Fiji", "Mali", "Oman")[row["u"] % 5],
        "event": lambda row: row["ev"],
        "text": lambda row: f'"{row["text"]}"',
        "hours": lambda row: str(row["hours"]),
    }
