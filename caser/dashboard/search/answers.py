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
FOR_A_WHILE = {"Cache-Control": "private, max-age=600"}
_offered: WeakValueDictionary[str, TitleSearch] = WeakValueDictionary()  # by digest; the cache below owns them


@loaders.kept(max_entries=3, spinner="Preparing the search …")
def title_search(dataset: Dataset) -> TitleSearch:
    """Suggests films of a data set."""
    return TitleSearch(loaders.titles(dataset))


def address(dataset: Dataset) -> str:
    """Where a page's browser asks for suggestions, relative to the page."""
    _offered[dataset.digest] = title_search(dataset)
    return f"{PLACE}/{dataset.digest}"


def answer(request: Request) -> Response:
    """The films suggested for the text `q`, the best first: own id as the address has it, title, year, genres."""
    search = _offered.get(request.path_params["digest"])
    if search is None:
        return PlainTextResponse("This data set is not in memory any more; reload the page.", 404)
    try:
        found = search.suggest(request.query_params.get("q", ""), SUGGESTED)
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    return JSONResponse([_film(search.index.dataset, item) for item in found], headers=FOR_A_WHILE)


def _film(dataset: Dataset, item: int) -> dict:
    title, year, genres = dataset.catalogue.loc[item, ["title", "year", "genres"]]
    return {"id": ids.written(dataset.item_id(item)), "title": title, "year": int(year), "genres": genres[:GENRES]}
