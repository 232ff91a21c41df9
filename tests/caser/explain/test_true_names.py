"""On cinema what filters can have learnt is planted, so a filter's name can be true or false."""

import re

import pytest

from caser import checkpoint, data, findings
from caser.data import titles
from caser.data.cinema import catalogue
from caser.data.dataset import split

MODELS = ("cinema-caser-seed", "cinema-caser")
CLEANSER = {"Horror", "Comedy", "Animation", "Musical"}


@pytest.fixture(scope="module")
def parts():
    return split(data.load("cinema"))


@pytest.fixture(scope="module", params=MODELS)
def shipped(request, parts):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CASER_CHECKPOINT_DIR", raising=False)
        trained = checkpoint.load(request.param)
        return trained, findings.find(trained, parts)


def planted() -> set[str]:
    """What a row may truly be named: the genres of binges, taste and cleanser, the sagas, and popularity."""
    films = catalogue()
    films["series"] = titles.series(films["title"].tolist())
    sagas = (
        films[films["saga"] != ""].groupby("series")["saga"].nunique()
    )  # titles show "Mission" of Mission: Impossible
    series = {f"{name} films" for name in sagas[sagas == 1].index if name}
    return set(films["primary_genre"]) | CLEANSER | series | {"films of a series", "the much watched"}


def positive(name: str) -> str:
    """What a name says that a row seeks or shuns."""
    if name == "the little watched":
        return "the much watched"
    if shuns := re.fullmatch(r"no (.*) film", name):
        return f"{shuns[1]} films"
    return name.removeprefix("no ")


def test_names_are_of_what_was_planted(shipped):
    _, found = shipped
    given = [positive(row.text) for at in found.test.filters for row in found.test.row_names(*at) if row]
    assert len(given) > 5
    assert sum(name in planted() for name in given) / len(given) >= 0.9


def test_hardly_any_random_filter_has_a_name(shipped):
    """The test of concepts alone, without the comparison, names nearly all of them."""
    trained, found = shipped
    random = found.test.held_out.random.named
    assert random.mean() / len(found.test.filters) <= 0.05
    assert found.test.beats_random == (trained.name == "cinema-caser")  # of the chapter's model they say "as well"


def test_names_are_above_what_random_filters_reach_on_films_held_out(shipped, parts):
    _, found = shipped
    for name in filter(lambda name: name.named, found.names(parts).values()):
        assert min(row.share for row in name.rows) > name.random_share > 0.05
