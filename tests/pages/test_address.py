"""An address that names what is not there: a notice and the default, never an exception."""

import pytest

PARAMETERS = [("filters", "view"), ("recommend", "ask"), ("compare", "metric")]
NUMBERS = [("recommend", "who"), ("recommend", "temperature"), ("recommend", "k"), ("filters", "step")]


@pytest.mark.parametrize(("page", "name"), PARAMETERS)
@pytest.mark.parametrize("value", ["nonsense", "", "\x00", "<b>x</b>", "a" * 3000])
def test_a_choice_that_is_not_there_is_said_and_the_default_shown(open_page, read, page, name, value):
    app = open_page(page, **{name: value})
    assert not app.exception
    if app.query_params.get(name):
        assert "is unknown" in read(app)


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\u00a0"])
@pytest.mark.parametrize(("name", "value"), [("user", "5"), ("film", "12"), ("k", "7"), ("sequence", "3,5")])
def test_a_blank_at_the_end_of_a_value_is_no_part_of_it(open_page, name, value, blank):
    app = open_page("recommend", **{"data": f"cinema{blank}", name: f"{value}{blank}"})
    assert not app.warning
    assert app.query_params[name] in (value, [value])


def test_one_given_twice_does_no_harm(open_page):
    for page, name in PARAMETERS:
        assert not open_page(page, **{name: ["Map", "All filters"]}).exception


@pytest.mark.parametrize(("page", "name"), NUMBERS)
@pytest.mark.parametrize("value", ["nan", "inf", "-1e9", "many", "", "1e400"])
def test_a_number_that_cannot_be_is_no_exception(open_page, page, name, value):
    for ask in ("Who or what", "Why this film") if page == "recommend" else ("",):
        assert not open_page(page, **{name: value, **({"ask": ask} if ask else {})}).exception
