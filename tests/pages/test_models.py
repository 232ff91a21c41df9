"""Models of every kind on every page: what is said of them is what they say of themselves."""

import shutil

import pytest

from caser.config import preset
from caser.dashboard.recommend.why import ANSWERS
from caser.experiment import Experiment
from caser.models import MODELS

SMALL = {"d": 4, "epochs": 1, "patience": 0, "refit": False, "L": 6, "n_h": 1, "n_v": 1}
PAGES = ("overview", "filters", "compare", "chapter", "data", "recommend")


@pytest.fixture(scope="module")
def every_model(trained_once, tmp_path_factory):
    """The usual checkpoints and a small one of every other kind."""
    folder = tmp_path_factory.mktemp("models") / "checkpoints"
    shutil.copytree(trained_once, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(folder))
        for kind in MODELS:
            config = preset(kind)
            fields = {**vars(config.model), **vars(config.training)}
            config = config.replace(**{name: value for name, value in SMALL.items() if name in fields})
            Experiment(f"cinema-any-{kind}", "cinema", config, device="cpu").run()
    return folder


@pytest.fixture
def with_every_model(checkpoints, every_model, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(every_model))


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_of_any_kind_is_described_as_it_is(open_page, read, with_every_model, kind):
    name, model = f"cinema-any-{kind}", MODELS[kind]
    numbers = {"compare": {"part": "numbers,pair"}}
    text = {page: read(open_page(page, model=name, against="cinema-caser", **numbers.get(page, {}))) for page in PAGES}
    label = name if kind == "caser" else model.label  # two of one kind go by their own names
    if kind != "caser":
        assert model.label in text["overview"]
        has_no_view = kind != "convformer"  # whose curves are one
        assert (f"{name} has no filters to look into" in text["filters"]) == has_no_view
    if kind in ("popularity", "mf", "neumf"):
        assert f"{label} does not read what was watched last" in text["recommend"]
    else:
        assert f"{label} reads the last" in text["recommend"]
    assert (name if kind in ("caser", "mf") else label) in text["compare"]  # there are two of these


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("kind", MODELS)
def test_every_answer_holds_for_a_model_of_any_kind(open_page, read, with_every_model, kind, answer):
    for sequence in ("1,30,60", ""):
        app = open_page("recommend", model=f"cinema-any-{kind}", sequence=sequence, ask=answer)
        assert "You are new here" in read(app)
