"""Suggestions for the browser: under the digest of a data set, which only those can name who are shown it."""

from __future__ import annotations

from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from caser.dashboard import ids, loaders
from caser.data.dataset import Dataset
from caser.data.search import TitleSearch

PLACE = "search"  # before the digest in the address
SUGGESTED = 8
GENRES = 3
NOT_KEPT = {"Cache-Control": "no-store"}  # what somebody typed stays in no browser's cache
_offered: WeakValueDictionary[str, Dataset] = WeakValueDictionary()  # by digest; the loaders' cache owns them


@loaders.kept(max_entries=3)  # without a spinner: a browser asks for it, and no page waits
def _search(dataset: Dataset) -> TitleSearch:
    return TitleSearch(loaders.titles(dataset))


def address(dataset: Dataset) -> str:
    """Where a page's browser asks for suggestions, relative to the page."""
    _offered[dataset.digest] = dataset
    return f"{PLACE}/{dataset.digest}"


def answer(request: Request) -> Response:
    """The films suggested for the text `q`, the best first: own id as the address has it, title, year, genres.

    The first answer, also to no text at all, takes as long as the search takes to be made ready.
    """
    dataset = _offered.get(request.path_params["digest"])
    if dataset is None:
        return PlainTextResponse("This data set is not in memory any more; reload the page.", 404)
    try:
        suggested = _search(dataset).suggest(request.query_params.get("q", ""), SUGGESTED)
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    return JSONResponse([_film(dataset, item) for item in suggested], headers=NOT_KEPT)


def _film(dataset: Dataset, item: int) -> dict:
    title, year, genres = (dataset.catalogue[column].iat[item] for column in ("title", "year", "genres"))
    return {"id": ids.written(dataset.item_id(item)), "title": title, "year": int(year), "genres": genres[:GENRES]}
