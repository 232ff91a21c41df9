"""Made-up data of any size, which only the benchmark measures on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from caser.data.dataset import CATALOGUE_COLUMNS, Dataset


def synthetic(n: int, seed: int = 0, n_items: int | None = None) -> Dataset:
    """About n interactions as skewed as ML-32M: n / 150 users, at most 80,000 items unless told, half of times tied."""
    rng = np.random.default_rng(seed)
    n_users, n_items = max(2, n // 150), n_items or min(80_000, int(1_700 * (n / 1e5) ** 0.7))
    share = rng.lognormal(0, 1, n_users)
    offset = np.concatenate([[0], np.cumsum(np.maximum(3, n * share / share.sum()).astype(np.int64))])
    skew = 50  # popularity falls as 1 / (rank + skew)
    item = skew * ((n_items + skew) / skew) ** rng.random(offset[-1], dtype=np.float32) - skew
    films = pd.DataFrame(dict(zip(CATALOGUE_COLUMNS, (np.arange(n_items), "Film", 2000, [()] * n_items), strict=True)))
    return Dataset(
        name=f"synthetic-{n}",
        item=np.clip(item, 0, n_items - 1).astype(np.int64),
        timestamp=np.cumsum(rng.integers(0, 2, offset[-1])),
        rating=np.ones(offset[-1], dtype=np.float32),
        offset=offset,
        catalogue=films,
        user_ids=np.arange(n_users),
        simulated=True,
        licence="",
    )


def write_ratings(folder: Path, n: int, films: int, a_user: int = 143) -> None:
    """`ratings.csv` and `movies.csv` of about n ratings, `a_user` each, no film twice by one user."""
    folder.mkdir(parents=True)
    rng, users = np.random.default_rng(0), max(1, n // a_user)
    catalogue = {"movieId": np.arange(1, films + 1), "title": "A film (1999)", "genres": "Drama|Comedy"}
    pd.DataFrame(catalogue).to_csv(folder / "movies.csv", index=False)
    with (folder / "ratings.csv").open("wb") as file:
        file.write(b"userId,movieId,rating,timestamp\n")  # unquoted, which pyarrow's own header is not
        for first in range(1, users + 1, 10_000):
            user = np.repeat(np.arange(first, min(first + 10_000, users + 1)), a_user)
            item = (rng.integers(films, size=len(user) // a_user).repeat(a_user) + 607 * np.arange(len(user))) % films
            rating = pa.array(rng.integers(1, 11, len(user)) / 2).cast(pa.decimal128(2, 1))  # 4.0, not 4
            timestamp = rng.integers(8 * 10**8, 17 * 10**8, len(user))
            rows = pa.table([user, item + 1, rating, timestamp], ["userId", "movieId", "rating", "timestamp"])
            pyarrow.csv.write_csv(rows, file, pyarrow.csv.WriteOptions(include_header=False))


def large_catalogue(n: int) -> list[tuple[int, str, int]]:
    """Number, title and year of n films: made-up words, every fourth with an article and a second title."""
    rng = np.random.default_rng(0)
    words = np.array(["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(3000)])
    texts = [" ".join(row) for row in rng.choice(words, (n, 3))]
    texts = [f"The {text} ({text[::-1]})" if i % 4 == 0 else text for i, text in enumerate(texts)]
    return [(i, text, 1950 + i % 70) for i, text in enumerate(texts)]
