"""Marks in a text: found, replaced, and refused where a reader would lose something."""

import pytest

from caser.verifying.marks import alike, marked, written

TEXT = "Of <!-- figures: users -->943 users<!-- /figures -->:\n\n<!-- figures: rows -->\n| a |\n<!-- /figures -->\n"


def test_what_stands_between_marks_is_found_and_replaced():
    assert marked(TEXT) == {"users": "943 users", "rows": "\n| a |\n"}
    changed = written(TEXT, {"users": "900 users"})
    assert changed == TEXT.replace("943", "900")
    assert marked(changed)["rows"] == "\n| a |\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT + TEXT, "marked twice"),
        ("of <!-- figures: users -->943 users", "no partner"),
        ("943 users<!-- /figures -->", "no partner"),
        ("of\n<!-- figures: users -->943<!-- /figures --> users", "users --> begins a line"),
        ("of <!-- figures: users -->943\n<!-- /figures --> users", "/figures --> begins a line"),
    ],
)
def test_marks_that_would_lose_something_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        marked(text)


@pytest.mark.parametrize(
    ("stands", "derived", "slack", "same"),
    [
        ("0.136 ± 0.006", "0.136 ± 0.006", 0, True),
        ("0.136 ± 0.006", "0.137 ± 0.006", 0, False),
        ("0.136 ± 0.006", "0.137 ± 0.006", 1, True),
        ("0.136 ± 0.006", "0.138 ± 0.006", 1, False),
        ("0.999", "1.000", 1, True),
        ("24.1%", "24.1%: outside", 1, False),
        ("0.13", "0.136", 9, False),
        ("below GRU4Rec", "below SASRec", 9, False),
        ("on two\nlines", "on two lines", 0, True),
        ("| a |\n| b |", "| a | b |", 0, False),
    ],
)
def test_texts_say_the_same_up_to_their_last_digit(stands, derived, slack, same):
    assert alike(stands, derived, slack) is same
