"""One setting over several values and seeds, each trained anew and kept in the checkpoint's study."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from caser import study
from caser.checkpoint import Checkpoint
from caser.config import Config
from caser.data.dataset import Split
from caser.evaluation import Ranks, evaluate
from caser.fields import named
from caser.study import WHOLE, Study, Variant
from caser.training.loop import OnShare, require_trainable
from caser.training.reports import TESTING

SWITCHED = {"true": True, "false": False}


@dataclass(frozen=True)
class Sweep:
    """A setting and the configurations that have its values instead of the checkpoint's own, by name in the study."""

    setting: str
    configs: dict[str, Config]


def sweep_of(text: str, trained: Checkpoint, parts: Split) -> Sweep:
    """What `L=3,5,9` asks for; the checkpoint's own value may be among the values.

    Raises:
        ValueError: it is not of that form, or names a setting that the model has not, a value that is out of bounds,
            that cannot be trained on these data, or none but the checkpoint's own.
    """
    setting, sign, values = text.partition("=")
    texts = [part for value in values.split(",") if (part := value.strip())]
    if not sign or not texts:
        raise ValueError(f"vary is {text!r}; give a setting and its values, such as L=3,5,9")
    config, setting = trained.metadata.config, setting.strip().replace("-", "_")
    fields = {f.name: f for half in (config.model, config.training) for f in dataclasses.fields(half)}
    field = fields[named(f"setting of {config.model.name}", setting, fields)]
    configs = {}
    for part in texts:
        changed = config.replace(**{setting: _read(field, part)})
        require_trainable(parts, changed)
        if changed != config:
            configs[name_of(setting, _value(changed, setting))] = changed
    if not configs:
        raise ValueError(f"{text} is what {trained.name} has; give another value to compare it with")
    return Sweep(setting, configs)


def _read(field: dataclasses.Field, text: str) -> bool | int | float | str:
    kind = type(field.default)
    try:
        return SWITCHED[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        wanted = {bool: "true or false", int: "whole numbers", float: "numbers"}[kind]
        raise ValueError(f"{field.name} is {text!r}; give {wanted}") from None


def _value(config: Config, setting: str) -> bool | int | float | str:
    return getattr(config.model if hasattr(config.model, setting) else config.training, setting)


def name_of(setting: str, value: bool | int | float | str) -> str:
    """What a study calls the model with a value.

    >>> name_of("L", 3), name_of("lr", 0.0400), name_of("p", False)
    ('L=3', 'lr=0.04', 'p=false')
    """
    said = str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else value
    return f"{setting}={said}"


def own_name(config: Config, setting: str) -> str:
    """`name_of` with the configuration's own value."""
    return name_of(setting, _value(config, setting))


def measure(
    sweep: Sweep,
    trained: Checkpoint,
    parts: Split,
    seeds: int = study.SEEDS,
    on_step: Callable[[str], None] = lambda name: None,
    on_share: OnShare = lambda doing, share: None,
    known: Study | None = None,
    keep: Callable[[Study], object] = lambda measured: None,
) -> Study:
    """Test ranks of every value over `seeds` trainings, added to what is known; further arguments as for `study`.

    Trainings of one seed are compared with each other, the checkpoint's own among them.
    """
    trained.metadata.require(parts.dataset)
    known = known or {}
    chosen = study.seeds_of(trained, known, seeds)
    return study.measure(_variants(sweep, trained, parts, chosen, on_share), known, on_step, keep)


def _variants(
    sweep: Sweep, trained: Checkpoint, parts: Split, seeds: list[int], on_share: OnShare
) -> Iterator[Variant]:
    own = own_name(trained.metadata.config, sweep.setting)
    for seed in seeds:
        yield WHOLE, seed, f"{own}, seed {seed}", partial(_whole, trained, parts, seed, on_share)
        for name, changed in sweep.configs.items():
            yield name, seed, f"{name}, seed {seed}", partial(study.anew, parts, changed, seed, on_share)


def _whole(trained: Checkpoint, parts: Split, seed: int, on_share: OnShare) -> Ranks:
    """The checkpoint's own settings, with a seed."""
    if seed == trained.metadata.seed:
        return evaluate(trained.model, parts, on_share=partial(on_share, TESTING))
    return trained.seeds[seed] if seed in trained.seeds else study.anew(parts, trained.metadata.config, seed, on_share)
