"""Text keeps to its width, by estimates that no usual font exceeds."""

import pytest

from caser.handout.lettering import CUT, clean, fit, width, wrapped

TEXTS = [
    "The Bridge on the River Kwai (1957)",
    "七人の侍 (1954)",
    "Сталкер (1979)",
    "جدایی نادر از سیمین",
    "शोले (1975)",
    "W" * 400,
    "e\u0301" * 200,
    "👩‍🚀🎬" * 30,
    "a b " * 200,
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("most", [0, 5, 60, 240])
def test_a_line_is_never_wider_than_it_may_be(text, most):
    kept = fit(text, most, 20)
    assert width(kept, 20) <= most
    assert kept == text or kept.endswith(CUT) or not kept


@pytest.mark.parametrize("text", TEXTS)
def test_lines_are_few_narrow_and_hold_the_beginning(text):
    lines = wrapped(text, 240, 20, 3)
    assert len(lines) <= 3
    assert max(width(line, 20) for line in lines) <= 240
    begun = "".join(lines).removesuffix(CUT).replace(" ", "")
    assert text.replace(" ", "").startswith(begun)


def test_wide_letters_count_twice_and_marks_on_letters_nothing():
    assert width("七人", 10) == 20
    assert width("e\u0301", 10) == width("e", 10)
    assert fit("e\u0301e\u0301e\u0301", 20, 20).replace(CUT, "") == "" or "e\u0301" in fit("e\u0301" * 3, 33, 20)


def test_what_is_not_seen_and_what_xml_cannot_hold_is_taken_out():
    assert clean(" A\u202eB\x00\n\tC\u200b ") == "AB C"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"
