"""Every knob of a model and of its training: frozen, validated, with bounds and help in one place.

The command line makes its flags and the Train page its widgets from the same field metadata,
so a bound or a help text is written once.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar


def number(default: float, low: float, high: float, help: str):
    """A numeric field, whole if its default is, that must lie in [low, high]."""
    return field(default=default, metadata={"low": low, "high": high, "help": help})


def choice(default: str, options: tuple[str, ...], help: str):
    """A field that must be one of `options`."""
    return field(default=default, metadata={"options": options, "help": help})


def switch(default: bool, help: str):
    """A field that is on or off."""
    return field(default=default, metadata={"help": help})


def check(config) -> None:
    """Raise ValueError, naming field, value and remedy, unless every field is within its bounds."""
    for f in fields(config):
        value, meta = getattr(config, f.name), f.metadata
        if "options" in meta:
            if value not in meta["options"]:
                raise ValueError(f"{f.name} is {value!r}; choose one of {', '.join(meta['options'])}")
        elif isinstance(f.default, bool):
            if not isinstance(value, bool):
                raise ValueError(f"{f.name} is {value!r}; give true or false")
        elif "low" in meta:
            _check_number(f.name, value, f.default, meta)


def _check_number(name: str, value, default, meta) -> None:
    whole = isinstance(default, int)
    kind = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ValueError(f"{name} is {value!r}; give a {'whole ' if whole else ''}number")
    if not meta["low"] <= value <= meta["high"]:  # also refuses nan
        raise ValueError(f"{name} is {value}; it must lie between {meta['low']:g} and {meta['high']:g}")


@dataclass(frozen=True)
class PopularityConfig:
    """Popularity has nothing to choose: an item's score is how often it was watched."""

    name: ClassVar[str] = "popularity"


@dataclass(frozen=True)
class MFConfig:
    """Plain matrix factorisation: score = P_u . Q_i + b_i."""

    name: ClassVar[str] = "mf"

    d: int = number(64, 1, 1024, "dimensions of an embedding (d)")
    dropout: float = number(0.0, 0.0, 0.95, "share of the user vector dropped while training")
    user_dropout: float = number(0.1, 0.0, 0.95, "share of training users replaced by the anonymous visitor")
    init_std: float = number(0.0, 0.0, 1.0, "standard deviation of every initial weight; 0 scales by fan-in")

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class CaserConfig:
    """Caser in the paper's letters; n_h = 0, n_v = 0 and p = False switch off its three parts.

    >>> CaserConfig(d=10, L=5).n_h
    16
    """

    name: ClassVar[str] = "caser"

    d: int = number(64, 1, 1024, "dimensions of an embedding (d)")
    L: int = number(5, 1, 20, "recent items read: the window (L)")
    n_h: int = number(16, 0, 256, "horizontal filters of every height 1..L (n_h); 0 switches them off")
    n_v: int = number(4, 0, 64, "vertical filters (n_v); 0 switches them off")
    p: bool = switch(True, "use a vector for the user (p, the paper's personal part)")
    dropout: float = number(0.5, 0.0, 0.95, "share of the convolutions' output dropped while training")
    user_dropout: float = number(0.3, 0.0, 0.95, "share of training users replaced by the anonymous visitor")
    init_std: float = number(0.0, 0.0, 1.0, "standard deviation of every initial weight; 0 scales by fan-in")

    def __post_init__(self):
        check(self)
        if not (self.p or self.n_h or self.n_v):
            raise ValueError("p, n_h and n_v are all off, so nothing is left to score with; switch one on")


@dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained; the same fields and the same loop for every model."""

    loss: str = choice(
        "softmax", ("softmax", "bpr", "bce"), "softmax over unseen items, BPR pairs, or binary cross-entropy"
    )
    negatives: int = number(
        0, 0, 1024, "unseen items drawn a target; for softmax 0 takes all of them where they fit, else 256"
    )
    T: int = number(1, 1, 10, "next items to predict from one window (T)")
    lr: float = number(2e-3, 1e-6, 1.0, "Adam's learning rate")
    weight_decay: float = number(0.0, 0.0, 1.0, "Adam's L2 penalty")
    batch_size: int = number(1024, 1, 1 << 20, "training windows a step")
    ema: float = number(0.0, 0.0, 0.9999, "decay of the weights' moving average, which is kept; 0 keeps the last")
    epochs: int = number(40, 1, 1000, "epochs at the most")
    patience: int = number(5, 0, 1000, "epochs without a better validation NDCG@10 before stopping; 0 never stops")
    refit: bool = switch(True, "train once more on train + validation for the chosen number of epochs")
    shuffle_ties: bool = switch(True, "reorder interactions of one timestamp anew every epoch")
    full_windows: bool = switch(False, "train only on windows with L items (the seed chapter's rule)")
    hide_test: bool = switch(False, "keep the test item out of the negatives (the seed chapter's rule; it leaks)")

    def __post_init__(self):
        check(self)
        if self.loss != "softmax" and self.negatives < 1:
            raise ValueError(f"negatives is {self.negatives}; the loss {self.loss!r} needs at least 1")


MODEL_CONFIGS = {c.name: c for c in (PopularityConfig, MFConfig, CaserConfig)}
ModelConfig = PopularityConfig | MFConfig | CaserConfig


@dataclass(frozen=True)
class Config:
    """One experiment's choices: a model and how it is trained."""

    model: ModelConfig
    training: TrainingConfig

    def replace(self, **changes: Any) -> Config:
        """A copy with flat field names changed, whichever half they belong to.

        >>> preset("caser", "seed").replace(d=8, lr=0.01).model.d
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
            kind = MODEL_CONFIGS[named("model", model.pop("name"), MODEL_CONFIGS)]
            return cls(kind(**model), TrainingConfig(**training))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a configuration of this version: {error}") from error


def field_names(config) -> list[str]:
    return [f.name for f in fields(config)]


def named(kind: str, name: str, known) -> str:
    """`name` if it is in `known`; otherwise ValueError listing what there is."""
    if name not in known:
        raise ValueError(f"unknown {kind} {name!r}; there is {', '.join(known)}")
    return name


_SEED_TRAINING = TrainingConfig(
    loss="bpr",
    negatives=1,
    lr=0.04,
    weight_decay=1e-5,
    batch_size=4096,
    epochs=8,
    patience=0,
    shuffle_ties=False,
    full_windows=True,
    hide_test=True,
)
_COUNTING = TrainingConfig(epochs=1, patience=0)  # popularity has nothing to train

# seed: the source chapter's settings; paper: Tang & Wang's; tuned: the best found on validation.
PRESETS: dict[str, dict[str, Config]] = {
    "popularity": {"tuned": Config(PopularityConfig(), _COUNTING)},
    "mf": {
        "seed": Config(MFConfig(d=10, user_dropout=0.0, init_std=0.01), _SEED_TRAINING),
        "tuned": Config(
            MFConfig(d=128), TrainingConfig(loss="bpr", negatives=1, lr=2e-3, weight_decay=1e-5, epochs=80)
        ),
    },
    "caser": {
        "seed": Config(CaserConfig(d=10, dropout=0.05, user_dropout=0.0, init_std=0.01), _SEED_TRAINING),
        "paper": Config(
            CaserConfig(d=50, user_dropout=0.0),
            TrainingConfig(
                loss="bce",
                negatives=3,
                T=3,
                lr=1e-3,
                weight_decay=1e-6,
                batch_size=512,
                epochs=50,
                patience=0,
                shuffle_ties=False,
                full_windows=True,
            ),
        ),
        "tuned": Config(CaserConfig(d=128, dropout=0.4), TrainingConfig(lr=1e-3, ema=0.995)),
    },
}


def preset(model: str, name: str = "tuned") -> Config:
    """The named preset of a model; ValueError lists what there is."""
    return PRESETS[named("model", model, PRESETS)][named(f"preset of {model}", name, PRESETS[model])]
