"""Which epoch is chosen, and how many are left."""

from caser.config import TrainingConfig
from caser.training.reports import EpochReport, chosen, epochs_done, epochs_left


def report(phase, epoch, ndcg=None):
    validation = {} if ndcg is None else {"ndcg@10": ndcg}
    return EpochReport(phase, epoch, 10, 1.0, validation, 1e3, 30.0)


def test_the_chosen_epoch_is_the_first_best_or_the_last_without_early_stopping():
    reports = [report("select", i, v) for i, v in enumerate((0.1, 0.3, 0.3, 0.2), 1)] + [report("refit", 1)]
    assert chosen(reports, patience=4) is reports[1]
    assert chosen(reports, patience=0) is reports[3]
    assert chosen(reports[4:], patience=4) is chosen([], patience=0) is None


def test_a_record_that_lacks_epochs_goes_by_the_epochs_it_has():
    reports = [report("select", 4, 0.3), report("select", 6, 0.2), report("refit", 3)]
    assert chosen(reports, patience=4).epoch == 4
    assert chosen(reports, patience=0).epoch == 6
    assert epochs_done(reports) == 9


def test_the_refit_counts_among_the_epochs_left():
    assert epochs_left(report("select", 3, 0.1), TrainingConfig()) == 17
    assert epochs_left(report("select", 3, 0.1), TrainingConfig(refit=False)) == 7
    assert epochs_left(report("refit", 3), TrainingConfig()) == 7
