"""Models against the simulator's own next-film distribution: near it, never above it."""

import pytest
import torch

from caser import checkpoint
from caser.config import preset
from caser.data.cinema import PATTERNS, generate
from caser.data.dataset import split
from caser.evaluation import bootstrap_interval, evaluate
from caser.training.loop import Phase
from caser.verifying.oracle import oracle

CASER = preset("caser", "tuned").replace(
    d=32, L=5, lr=6e-3, epochs=10, batch_size=512, T=1, backwards=0.0
)  # order matters
MF = preset("mf", "tuned").replace(d=32, lr=1e-2, epochs=15)
COUNTING = {
    "covisit": preset("covisit"),
    "covisit-level": preset("covisit").replace(fade=1.0, L=200),  # a whole history without its order
    "ease": preset("ease"),
    "ease-level": preset("ease").replace(tau=0.0, L=1000),  # likewise
}
TRAINED = {"caser": CASER, "mf": MF, **COUNTING}
SHIPPED = ("caser", "mf", "neumf", "gru4rec", "sasrec", "bert4rec", "convformer")


def trained(parts, config):
    """A model trained on all but the test films for the configured epochs."""
    phase = Phase(parts, "test", config, 0, torch.device("cpu"))
    for _ in range(config.training.epochs):
        phase.epoch(lambda: False)
    return phase.model


@pytest.fixture(scope="module")
def measured():
    """HR@10 a viewer of the oracle and the models, with the planted patterns and without."""
    results = {}
    for name, patterns in (("planted", PATTERNS), ("none", PATTERNS.without_sequence())):
        cinema = generate(patterns=patterns)
        parts = split(cinema.dataset)
        ranks = {model: evaluate(trained(parts, c), parts) for model, c in TRAINED.items()}
        if name == "planted":
            ranks |= {f"shipped {model}": checkpoint.load(f"cinema-{model}").ranks for model in SHIPPED}
        ranks["oracle"] = oracle(cinema, parts)[0]
        results[name] = {model: r.metrics["hr@10"] for model, r in ranks.items()}
    return results


def mean(measured, patterns, model):
    return measured[patterns][model].mean()


def test_caser_comes_near_the_oracle_and_beats_mf(measured):
    assert mean(measured, "planted", "caser") > 0.85 * mean(measured, "planted", "oracle")
    assert mean(measured, "planted", "caser") > 1.3 * mean(measured, "planted", "mf")


@pytest.mark.parametrize("blind", ["mf", "shipped mf", "shipped neumf", "covisit-level", "ease-level"])
def test_what_ignores_order_misses_what_was_planted(measured, blind):
    assert mean(measured, "planted", "caser") > 1.3 * mean(measured, "planted", blind)


@pytest.mark.parametrize("patterns", ["planted", "none"])
def test_no_model_beats_the_oracle(measured, patterns):
    """One that did would have seen the test films."""
    for model, hits in measured[patterns].items():
        gain = hits - measured[patterns]["oracle"]
        assert bootstrap_interval(gain[:, None])[0, 0] <= 0, model


def test_without_planted_patterns_casers_advantage_is_gone(measured):
    gain = measured["none"]["caser"] - measured["none"]["mf"]
    low, high = bootstrap_interval(gain[:, None])[:, 0]
    assert low <= 0
    assert high < 0.05
