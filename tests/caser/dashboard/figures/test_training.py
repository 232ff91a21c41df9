"""What the figures of a training run say, on their data."""

import pytest

from caser.dashboard import theme
from caser.dashboard.figures.training import training_loss, validation_curves
from caser.training.reports import LIVE_METRICS, EpochReport

LOOK = theme.look("caser")


def report(epoch, loss, ndcg=None, phase="select"):
    validation = {} if ndcg is None else dict.fromkeys(LIVE_METRICS, 0.5) | {"ndcg@10": ndcg}
    return EpochReport(phase, epoch, 9, loss, validation, 1000.0, 1.0)


COURSE = [report(1, 3.0, 0.1), report(2, 2.0, 0.3), report(3, 1.5, 0.2)]


def test_the_loss_is_drawn_a_line_a_phase_and_put_in_words():
    figure = training_loss(COURSE, LOOK)
    assert [tuple(trace.y) for trace in figure.data] == [(3.0, 2.0, 1.5)]
    assert figure.data[0].line.color == LOOK.hue
    assert figure.layout.title.text == "The loss fell from 3.00 to 1.50 in 3 epochs"

    figure = training_loss([*COURSE, report(1, 4.0, phase="refit"), report(2, 5.0, phase="refit")], LOOK)
    assert [tuple(trace.x) for trace in figure.data] == [(1, 2, 3), (1, 2)]
    assert figure.data[0].line.dash != figure.data[1].line.dash
    assert figure.layout.title.text == "The loss rose from 4.00 to 5.00 in 2 epochs of the refit"


def test_the_first_epoch_claims_no_trend():
    assert training_loss(COURSE[:1], LOOK).layout.title.text == "Loss 3.00 after epoch 1"
    title = validation_curves(COURSE[:1], COURSE[0], LOOK).layout.title.text
    assert title == "Validation NDCG@10 is 0.100 after epoch 1"


def test_a_course_that_lacks_its_first_epochs_names_those_it_has():
    assert training_loss(COURSE[2:], LOOK).layout.title.text == "Loss 1.50 after epoch 3"
    figure = validation_curves(COURSE[1:], COURSE[2], LOOK)
    assert [tuple(trace.x) for trace in figure.data[:2]] == [(2, 3), (3,)]
    refit = [report(1, 4.0, phase="refit")]
    assert "first epoch" in validation_curves(refit, None, LOOK).layout.title.text


@pytest.mark.parametrize(
    ("course", "chosen", "title"),
    [
        (COURSE, 2, "Validation NDCG@10 peaked at 0.300 after epoch 2 of 3"),
        (COURSE[:2], 2, "Validation NDCG@10 is at its best, 0.300, after epoch 2"),
        (COURSE, 3, "Validation NDCG@10 ends at 0.200; at its best it was 0.300"),
    ],
)
def test_validation_curves_mark_the_chosen_epoch(course, chosen, title):
    figure = validation_curves(course, course[chosen - 1], LOOK)
    assert figure.layout.title.text == title
    marks = [trace for trace in figure.data if trace.name == "chosen epoch"]
    assert len(marks) == len(LIVE_METRICS)
    assert [tuple(mark.x) for mark in marks] == [(chosen,)] * len(marks)
    assert marks[2].y[0] == course[chosen - 1].validation["ndcg@10"]


def test_nothing_yet_is_a_titled_empty_figure():
    assert "first epoch" in training_loss([], LOOK).layout.title.text
    assert "first epoch" in validation_curves([], None, LOOK).layout.title.text
