"""What is kept beside a checkpoint about its filters: whole, of these weights alone, and never needed."""

import dataclasses

import numpy as np
import pytest

from caser import checkpoint, data, findings
from caser.checkpoint import CheckpointError
from caser.config import preset
from caser.data.dataset import split
from caser.experiment import Experiment
from caser.explain.stability import Chance
from caser.findings import Findings
from caser.models import build
from caser.models.mf import MFConfig
from caser.training.loop import fit


@pytest.fixture(scope="module")
def parts():
    return split(data.load("cinema"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path_factory.mktemp("checkpoints")))
        config = preset("caser", "chapter").replace(epochs=2)
        Experiment("small", "cinema", config, device="cpu").run()
        yield checkpoint.load("small")


@pytest.fixture(scope="module")
def found(trained, parts):
    """Beside a model trained with the next seed, which is at hand."""
    return findings.find(trained, parts, [fit(parts, trained.metadata.config, seed=1).model])


def test_training_keeps_names_beside_the_checkpoint(trained, parts):
    kept, anew = findings.load(trained), findings.find(trained, parts)
    assert kept.names(parts) == anew.names(parts)
    assert np.array_equal(kept.alive, anew.alive)
    assert kept.stability is None
    assert "random filters" in findings.sentence(kept, "small")
    assert "Train again" not in findings.sentence(kept, "small")


def test_what_is_kept_is_what_was_found(trained, parts, found):
    findings.save(found, trained)
    kept = findings.load(trained)
    assert kept.names(parts) == found.names(parts)
    assert findings.about_random(kept) == findings.about_random(found)
    assert findings.sentence(kept, "small") == findings.sentence(found, "small")
    for at in found.test.filters:
        assert findings.about_filter(kept, parts, *at) == findings.about_filter(found, parts, *at)
    assert "Train again once: " in findings.sentence(kept, "small")
    assert np.array_equal(findings.find_over_seeds(trained, parts, 2).stability.match, found.stability.match)


def test_a_file_without_random_filters_is_shown_without_names_and_says_how_to_make_them(trained, parts, found):
    older = dataclasses.replace(
        found,
        test=dataclasses.replace(found.test, held_out=None),
        stability=dataclasses.replace(found.stability, directions=None, mixtures=None),
    )
    findings.save(older, trained)
    kept = findings.load(trained)
    assert kept.test.named == 0
    assert kept.stability.always == found.stability.always
    assert all(name.films and name.random_share is None for name in kept.names(parts).values())
    assert findings.about_random(kept)["random_named"] is None
    said = findings.sentence(kept, "small")
    assert "python -m caser filters small --seeds 5" in said
    assert "random mixtures" not in said


def test_what_does_not_beat_random_filters_is_said_to_be_chance(found):
    other, held = found.stability, found.test.held_out
    level = Chance(np.full(10, other.always), np.full(10, other.space.mean() + 0.1))
    chance = dataclasses.replace(other, directions=level, mixtures=level)
    many = dataclasses.replace(held, random=dataclasses.replace(held.random, named=np.full(50, 80)))
    said = findings.sentence(dataclasses.replace(found, stability=chance), "small")
    assert "nothing beyond chance" in said
    test = dataclasses.replace(found.test, held_out=many)
    assert "random filters would be named as well" in findings.sentence(Findings(test, found.alive), "small")


def test_findings_of_other_weights_or_broken_ones_count_as_none(trained, found):
    path = findings.save(found, trained)
    other = dataclasses.replace(trained, metadata=dataclasses.replace(trained.metadata, weights_sha256="0" * 64))
    assert findings.load(other) is None
    whole = path.read_bytes()
    for broken in (b"", whole[:100], whole[: len(whole) // 2], b"\0" * 50):
        path.write_bytes(broken)
        assert findings.load(trained) is None
    path.unlink()
    assert findings.load(trained) is None


def test_a_model_without_filters_is_refused(trained, parts):
    other = dataclasses.replace(trained, model=build(MFConfig(d=2), 3, 4))
    with pytest.raises(CheckpointError, match="has no filters"):
        findings.find(other, parts)
