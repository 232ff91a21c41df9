"""What there is to know of one item at a glance, beside why it is recommended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from caser.data.dataset import URL, Dataset
from caser.explain.film_map import nearest
from caser.recommend import rank_of

_PLACES = {  # of the columns of `LINK_COLUMNS`
    "imdb_id": ("IMDb", "https://www.imdb.com/title/tt{:07d}/"),
    "tmdb_id": ("TMDB", "https://www.themoviedb.org/movie/{}"),
}


@dataclass(frozen=True)
class Card:
    """One item.

    Attributes:
        title, year, genres: of the catalogue; 0 where the year is not known.
        times, place, n_items: how often it was watched, and its rank by that among all.
        alike: the most similar by the model's vectors; "" where it has none.
        genre, rank, rivals: its rarest genre, and its rank among those of that genre on the visitor's list, of how
            many; "" and 0 without a genre.
        links: names and addresses, of http or https.
    """

    title: str
    year: int
    genres: tuple[str, ...]
    times: int
    place: int
    n_items: int
    alike: str
    genre: str
    rank: float
    rivals: int
    links: tuple[tuple[str, str], ...]


def card(
    dataset: Dataset,
    item: int,
    scores: np.ndarray,
    left_out: Sequence[int],
    vectors: np.ndarray | None,
    among: np.ndarray,
) -> Card:
    """The card of an item, dense, on the list of `scores`, float (n_items,), without the items left out.

    Args:
        vectors: float (n_items, d), of `film_map.film_vectors`. among: int64, where the most similar is looked for.
    """
    row, views = dataset.catalogue.iloc[item], dataset.views
    genre, same = _rarest(dataset, row["genres"])
    if genre:
        same[list(left_out)] = False
        same[item] = True
    alike = nearest(vectors, item, 1, among) if vectors is not None else []
    return Card(
        str(row["title"]),
        int(row["year"]),
        row["genres"],
        int(views[item]),
        1 + int((views > views[item]).sum()),
        dataset.n_items,
        dataset.labels[alike[0][0]] if alike else "",
        genre,
        rank_of(scores, item, np.flatnonzero(~same)) if genre else 0,
        int(same.sum()),
        tuple(_links(dataset, item)),
    )


def _rarest(dataset: Dataset, genres: Sequence[str]) -> tuple[str, np.ndarray]:
    """The genre that fewest items have, and which these are, bool (n_items,)."""
    have = {genre: np.array([genre in own for own in dataset.catalogue["genres"]]) for genre in genres}
    genre = min(have, key=lambda name: have[name].sum(), default="")
    return genre, have.get(genre, np.zeros(dataset.n_items, bool))


def _links(dataset: Dataset, item: int):
    for column, (name, address) in _PLACES.items():
        if column in dataset.catalogue and (number := int(dataset.catalogue[column].iat[item])):
            yield name, address.format(number)
    address = str(dataset.catalogue[URL].iat[item] or "") if URL in dataset.catalogue else ""
    if name := web_host(address):
        yield name, address


def web_host(address: str) -> str:
    """Whose an address of http or https is; "" for anything else.

    >>> web_host("https://example.org/a?b"), web_host("javascript:alert(1)"), web_host("http://[")
    ('example.org', '', '')
    """
    try:
        parts = urlsplit(address.strip())
        return parts.hostname or "" if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
