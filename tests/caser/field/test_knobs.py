"""What turned knobs do, said: the main point first, in viewers of 100."""

import dataclasses

import pytest

from caser.explain.knobs import KnobEffect
from caser.field.knobs import sentence
from caser.words import speaking

WORSE = KnobEffect(
    943,
    943,
    {"hr@10": 0.251, "hr@50": 0.574},
    {"hr@10": -0.018, "hr@50": -0.004},
    {"hr@10": 0.006, "hr@50": 0.009},
)


def changed(**values) -> KnobEffect:
    return dataclasses.replace(WORSE, **values)


def test_it_says_better_or_worse_then_by_how_much_then_for_whom():
    assert sentence(WORSE) == (
        "Worse for all viewers together. The right film is in the first 10 for 23 of 100 viewers instead of 25 "
        "(-1.8 ± 0.6). In the first 50: for 57.0 of 100 viewers instead of 57.4 (-0.4 ± 0.9, may be chance). "
        "All 943 viewers counted."
    )


@pytest.mark.parametrize(
    ("ten", "fifty", "said"),
    [
        (0.03, 0.001, "Better on these viewers; of many settings tried, some look better by chance."),
        (0.03, -0.02, "Better on one count, worse on the other."),
        (0.001, -0.02, "Worse for all viewers together."),
        (0.001, -0.001, "Any difference may be chance."),
    ],
)
def test_the_main_point(ten, fifty, said):
    assert sentence(changed(change={"hr@10": ten, "hr@50": fifty})).startswith(said)


def test_what_may_all_be_chance_is_called_so_once():
    said = sentence(changed(change={"hr@10": 0.0001, "hr@50": -0.004}))
    assert said == (
        "Any difference may be chance. The right film is in the first 10 for 25.1 of 100 viewers, as before (± 0.6). "
        "In the first 50: for 57.0 of 100 viewers instead of 57.4 (-0.4 ± 0.9). All 943 viewers counted."
    )


def test_no_viewer_is_moved():
    still = changed(change={"hr@10": 0.0, "hr@50": 0.0}, margin={"hr@10": 0.0, "hr@50": 0.0})
    assert sentence(still) == (
        "No difference for any viewer. The right film is in the first 10 for 25.1 of 100 viewers, as before. "
        "In the first 50: for 57.4 of 100 viewers, as before. All 943 viewers counted."
    )


def test_a_sample_is_called_one_in_the_words_of_the_data():
    with speaking("book"):
        said = sentence(changed(users=10_000, everybody=69_878))
    assert said.endswith("10,000 of 69,878 users counted.")
    assert "right book" in said
    assert not any(word in said for word in ("film", "viewer"))


def test_lists_that_hold_all_that_is_left_measure_nothing():
    nan = float("nan")
    small = changed(change={"hr@10": -0.018, "hr@50": nan})
    assert "first 50" not in sentence(small)
    assert sentence(changed(change={"hr@10": nan, "hr@50": nan})).startswith("Nobody has more films left")
