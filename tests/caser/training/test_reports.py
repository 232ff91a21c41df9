"""Which epoch is chosen, and how many are left."""

from caser.config import TrainingConfig
from caser.training.reports import EpochReport, choosing_scores, chosen_epoch, epochs_left


def report(phase, epoch, ndcg=None):
    validation = {} if ndcg is None else {"ndcg@10": ndcg}
    return EpochReport(phase, epoch, 10, 1.0, validation, 1e3, 30.0)


def test_the_chosen_epoch_is_the_first_best_or_the_last_without_early_stopping():
    reports = [report("select", i, v) for i, v in enumerate((0.1, 0.3, 0.3, 0.2), 1)] + [report("refit", 1)]
    scores = choosing_scores(reports)
    assert chosen_epoch(scores, patience=4) == 2
    assert chosen_epoch(scores, patience=0) == 4
    assert chosen_epoch([], patience=4) == 0


def test_the_refit_counts_among_the_epochs_left():
    assert epochs_left(report("select", 3, 0.1), TrainingConfig()) == 17
    assert epochs_left(report("select", 3, 0.1), TrainingConfig(refit=False)) == 7
    assert epochs_left(report("refit", 3), TrainingConfig()) == 7
