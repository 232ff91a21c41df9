"""An experiment's choices: a model's own configuration and how it is trained."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from caser.fields import check, choice, field_names, named, number, switch
from caser.models import MODELS, ModelConfig

SCHEDULES = ("constant", "cosine")
CHAPTER = "https://d2l.ai/chapter_recommender-systems/seqrec.html"  # the source chapter
FORMER = {"seed": "chapter"}  # what presets were called in earlier versions


@dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained; the same fields and the same loop for every model."""

    loss: str = choice(
        "softmax", ("softmax", "bpr", "bce"), "softmax over unseen items, BPR pairs, or binary cross-entropy"
    )
    negatives: int = number(
        0, 0, 1024, "unseen items drawn for each target; 0, for softmax alone, weighs all of them or those of a pool"
    )
    pool: int = number(
        0, 0, 1 << 20, "items drawn for a whole batch, which stand for all; 0 takes what costs less, all or 2,048"
    )
    T: int = number(1, 1, 10, "next items to predict from one window (T)")
    T_decay: float = number(1.0, 0.0, 1.0, "weight of each further target relative to the one before it")
    lr: float = number(2e-3, 1e-6, 1.0, "Adam's learning rate")
    schedule: str = choice(
        "constant", SCHEDULES, "constant lr, or up over the first epoch and down a cosine to 0 by the last of `epochs`"
    )
    weight_decay: float = number(0.0, 0.0, 1.0, "Adam's L2 penalty")
    decoupled: bool = switch(False, "weight_decay shrinks the weights themselves (AdamW), not through the gradient")
    batch_size: int = number(1024, 1, 1 << 20, "training windows in each step")
    ema: float = number(0.0, 0.0, 0.9999, "decay of the weights' moving average, which is kept; 0 keeps the last")
    epochs: int = number(40, 1, 1000, "epochs at the most")
    patience: int = number(5, 0, 1000, "epochs without a better validation NDCG@10 before stopping; 0 never stops")
    refit: bool = switch(True, "train once more on train + validation for the chosen number of epochs")
    shuffle_ties: bool = switch(True, "reorder interactions of one timestamp anew every epoch")
    backwards: float = number(0.0, 0.0, 1.0, "share of users read backwards in time, drawn anew every epoch")
    full_windows: bool = switch(False, "train only on windows with L items (the source chapter's rule)")
    hide_test: bool = switch(False, "keep the test item out of the negatives (the source chapter's rule; it leaks)")

    def __post_init__(self):
        check(self)
        if self.loss != "softmax" and self.negatives < 1:
            raise ValueError(f"negatives is {self.negatives}; the loss {self.loss!r} needs at least 1")


@dataclass(frozen=True)
class Config:
    """One experiment's choices: a model and how it is trained."""

    model: ModelConfig
    training: TrainingConfig

    def replace(self, **changes: Any) -> Config:
        """A copy with flat field names changed, whichever half they belong to.

        >>> preset("caser", "chapter").replace(d=8, lr=0.01).model.d
        8
        """
        halves = {"model": {}, "training": {}}
        for name, value in changes.items():
            half = next((h for h in halves if name in field_names(getattr(self, h))), None)
            if half is None:
                known = ", ".join(field_names(self.model) + field_names(self.training))
                raise ValueError(f"the model {self.model.name!r} has no setting {name!r}; it has {known}")
            halves[half][name] = value
        return Config(
            dataclasses.replace(self.model, **halves["model"]),
            dataclasses.replace(self.training, **halves["training"]),
        )

    def to_dict(self) -> dict:
        """A JSON-ready dict; `from_dict` takes it back."""
        model = {"name": self.model.name} | dataclasses.asdict(self.model)
        return {"model": model, "training": dataclasses.asdict(self.training)}

    @classmethod
    def from_dict(cls, data: dict) -> Config:
        """The inverse of `to_dict`; ValueError names what is missing, unknown or out of bounds."""
        try:
            model, training = dict(data["model"]), dict(data["training"])
            kind = MODELS[named("model", model.pop("name"), MODELS)]
            return cls(kind.Config(**model), TrainingConfig(**training))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a configuration of this version: {error}") from error


def preset(model: str, name: str = "tuned") -> Config:
    """The named preset of a model; ValueError lists all.

    "chapter" has the settings of the source chapter (`CHAPTER`), "paper" those of the model's authors, "tuned" the
    best found on validation.

    >>> preset("caser", "seed") == preset("caser", "chapter")
    True
    """
    presets = MODELS[named("model", model, MODELS)].presets
    own, training = presets[named(f"preset of {model}", FORMER.get(name, name), presets)]
    return Config(own, TrainingConfig(**training))
