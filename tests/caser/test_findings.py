"""What is kept beside a checkpoint about its filters: whole, of these weights alone, and never needed."""

import dataclasses

import numpy as np
import pytest

from caser import checkpoint, data, findings
from caser.checkpoint import CheckpointError
from caser.config import preset
from caser.data.dataset import split
from caser.experiment import Experiment
from caser.models import build
from caser.models.mf import MFConfig


@pytest.fixture(scope="module")
def parts():
    return split(data.load("cinema"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path_factory.mktemp("checkpoints")))
        config = preset("caser", "seed").replace(epochs=2)
        Experiment("small", "cinema", config, device="cpu").run()
        yield checkpoint.load("small")


@pytest.fixture(scope="module")
def found(trained, parts):
    return findings.find_over_seeds(trained, parts, 2)


def test_training_keeps_names_beside_the_checkpoint(trained, parts):
    kept, anew = findings.load(trained), findings.find(trained, parts)
    assert kept.names(parts) == anew.names(parts)
    assert np.array_equal(kept.alive, anew.alive)
    assert kept.stability is None
    assert findings.sentence(kept) == ""


def test_what_is_kept_is_what_was_found(trained, parts, found):
    findings.save(found, trained)
    kept = findings.load(trained)
    assert kept.names(parts) == found.names(parts)
    assert kept.in_every_seed == found.in_every_seed
    assert findings.sentence(kept) == findings.sentence(found)
    for at in found.test.filters:
        assert findings.about_filter(kept, parts, *at) == findings.about_filter(found, parts, *at)
    assert "1 other trainings" in findings.sentence(kept)


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
