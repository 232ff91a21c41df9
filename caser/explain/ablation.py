"""Filters and parts switched off: copies of a model without them, and what that costs on the metrics."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from caser import files
from caser.data.dataset import Split, evenly
from caser.data.histories import Histories
from caser.evaluation import METRICS, Evaluator, Ranks, mean_defined
from caser.explain.filters import (
    filter_weights,
    horizontal_filters,
    horizontal_name,
    vertical_name,
    vertical_weights,
)
from caser.explain.records import Record
from caser.files import places
from caser.models import Recommender

FORMAT = 2  # 1 named filters "2.7"
MOST_FILES = 64  # cached tables; beyond it the ones unused longest go
NORMAL_95 = 1.96
MOST_AVERAGED = 5_000  # viewers whose windows the mean of what a part passes on is taken over


@dataclass(frozen=True)
class Switch(Record):
    """Something that can be switched off.

    Attributes:
        name: "h", "v" and "p" as in the paper's ablation, else e.g. "height 2", "vertical V1", "filter 2h".
        horizontal: (height, index) of each filter. vertical: the indices. user: whether the user's row.
    """

    name: str
    horizontal: tuple[tuple[int, int], ...] = ()
    vertical: tuple[int, ...] = ()
    user: bool = False


def switches(model: Recommender) -> tuple[Switch, ...]:
    """Everything worth switching off: the parts h, v and p, each height, and each single filter."""
    filters, n_v = tuple(horizontal_filters(model)), len(vertical_weights(model))
    heights = [tuple(f for f in filters if f[0] == h) for h in range(1, model.L + 1)] if filters else []
    return (
        *([Switch("h", filters)] if filters else []),
        *([Switch("v", vertical=tuple(range(n_v)))] if n_v else []),
        *([Switch("p", user=True)] if model.knows_user else []),
        *(Switch(f"height {h}", some) for h, some in enumerate(heights, 1)),
        *(Switch(f"vertical {vertical_name(k)}", vertical=(k,)) for k in range(n_v)),
        *(Switch(f"filter {horizontal_name(h, j)}", ((h, j),)) for h, j in filters),
    )


@dataclass(frozen=True, eq=False)
class Usual:
    """What the parts of a model pass on, on average.

    Attributes:
        features: float (n_v * d + n_h * L,), [vertical ; horizontal]. user: float (d,); None where no row is kept.
    """

    features: Tensor
    user: Tensor | None


@torch.no_grad()
def usual(model: Recommender, split: Split) -> Usual:
    """The mean over viewers of a Caser's features at the end of their training history, and of the users' rows."""
    histories = Histories(split, "validation", model.device)
    ends = histories.end[torch.as_tensor(evenly(split.evaluated, MOST_AVERAGED), device=model.device)]
    chunks = histories.windows(ends, model.L).split(500)
    features = torch.cat([model.features(model.embed(some)) for some in chunks]).mean(0)
    return Usual(features, model.users.weight[1:].mean(0) if model.knows_user else None)


@torch.no_grad()
def without(
    model: Recommender,
    horizontal: Iterable[tuple[int, int]] = (),
    vertical: Iterable[int] = (),
    user: bool = False,
    instead: Usual | None = None,
) -> Recommender:
    """A copy of the model with filters or the user's row switched off, nothing retrained.

    The columns of the hidden layer that read the filters become zero, and so do all users' rows, the
    anonymous one included. Whatever does not change is shared with the model.

    Args:
        horizontal: (height, index) of filters. vertical: indices. instead: what everybody gets in their place, which
            is nearer to what the model met in training than zero.

    Raises:
        ValueError: a filter, or a user's row, that the model does not have.
    """
    columns = _columns(model, tuple(horizontal), tuple(vertical))
    if user and not model.knows_user:
        raise ValueError(f"this {model.config.name} model has no user part to switch off")
    changed = [name for name, off in (("hidden", columns), ("users", user)) if off]
    own = (*model.named_children(), *model.named_parameters(recurse=False))
    shared = {id(part): part for name, part in own if name not in changed}
    twin = copy.deepcopy(model, shared)
    if columns:
        if instead:
            twin.hidden.bias += twin.hidden.weight[:, columns] @ instead.features[columns]
        twin.hidden.weight[:, columns] = 0
    if user:
        twin.users.weight[:] = instead.user if instead else 0
    return twin


def _columns(model: Recommender, horizontal: tuple[tuple[int, int], ...], vertical: tuple[int, ...]) -> list[int]:
    """The inputs of the hidden layer that come from these filters: [vertical ; horizontal]."""
    n_v, columns = len(vertical_weights(model)), []
    for k in vertical:
        if not 0 <= k < n_v:
            raise ValueError(
                f"this {model.config.name} model has no vertical filter {vertical_name(k)}; it has {n_v}, from V1"
            )
        columns += range(k * model.config.d, (k + 1) * model.config.d)
    for h, j in horizontal:
        filter_weights(model, h, j)  # ValueError if there is none
        columns.append(n_v * model.config.d + (h - 1) * model.config.n_h + j)
    return columns


@dataclass(frozen=True)
class Ablation(Record):
    """What switching something off does to the metrics.

    Attributes:
        metrics: mean over users, by name. change: that minus the whole model's.
        margin: half width of the change's 95 % interval over users (normal approximation): a change
            smaller than it may be chance.
    """

    switch: Switch
    metrics: dict[str, float]
    change: dict[str, float]
    margin: dict[str, float]


@dataclass(frozen=True)
class AblationTable(Record):
    """The whole model's metrics and what each switch does to them, over `users` users of a stage."""

    stage: str
    users: int
    metrics: dict[str, float]
    rows: tuple[Ablation, ...]

    @classmethod
    def from_dict(cls, data: dict) -> AblationTable:
        """The inverse of `to_dict`; ValueError if the data is not one's."""
        try:
            rows = tuple(Ablation(_switch(row["switch"]), *(row[k] for k in _MEASURES)) for row in data["rows"])
            return cls(data["stage"], data["users"], data["metrics"], rows)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an ablation table: {error}") from error


_MEASURES = ("metrics", "change", "margin")


def _switch(data: dict) -> Switch:
    horizontal = tuple((h, j) for h, j in data["horizontal"])
    return Switch(data["name"], horizontal, tuple(data["vertical"]), data["user"])


def ablation_table(
    model: Recommender,
    split: Split,
    stage: str = "test",
    users: np.ndarray | None = None,
    on_share: Callable[[float], None] | None = None,
) -> AblationTable:
    """The metrics without each part, each height and each single filter (the paper's table 4, finer).

    Nothing is retrained: a part's own share, not what the model could do had it never had the part.

    Args:
        users: dense ids to evaluate, ascending; None takes all with targets.
        on_share: called with the share that is done; an exception it raises ends the work.
    """
    evaluator, tried = Evaluator(split, stage, model.device, users), switches(model)

    def ranks(changed: Recommender, at: int) -> Ranks:
        return evaluator(changed, on_share and (lambda share: on_share((at + share) / (1 + len(tried)))))

    whole = ranks(model, 0)
    rows = (
        _row(one, ranks(without(model, one.horizontal, one.vertical, one.user), at), whole)
        for at, one in enumerate(tried, 1)
    )
    return AblationTable(stage, len(whole.users), whole.means(), tuple(rows))


def _row(switch: Switch, ranks: Ranks, whole: Ranks) -> Ablation:
    change = {name: ranks.metrics[name] - whole.metrics[name] for name in METRICS}  # (n_users,) each
    return Ablation(
        switch,
        ranks.means(),
        {name: mean_defined(values) for name, values in change.items()},
        {name: _margin(values[~np.isnan(values)]) for name, values in change.items()},
    )


def _margin(values: np.ndarray) -> float:
    return float(NORMAL_95 * values.std() / np.sqrt(len(values))) if len(values) else float("nan")


def cache_folder() -> Path:
    """Where tables are kept: CASER_CACHE_DIR/ablation, else ~/.cache/caser/ablation."""
    return places.chosen("CASER_CACHE_DIR", places.home()) / "ablation"


def cached_ablation(
    model: Recommender,
    split: Split,
    weights: str,
    folder: Path | None = None,
    stage: str = "test",
    on_share: Callable[[float], None] | None = None,
) -> AblationTable:
    """`ablation_table`, computed once and then read from disk.

    A file's name depends on the weights, the data, the split's rule and the stage. A broken file is
    computed anew; a folder that cannot be written to only costs the time.

    Args:
        weights: digest of the model's weights; "", for a model that was never saved, keeps nothing.
        on_share: as for `ablation_table`.
    """
    path = (cache_folder() if folder is None else folder) / f"{_key(weights, split, stage)}.json"
    if not weights:
        return ablation_table(model, split, stage, on_share=on_share)
    try:
        table = AblationTable.from_dict(json.loads(path.read_text(encoding="utf-8")))
        path.touch()  # used now
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        table = ablation_table(model, split, stage, on_share=on_share)
        _keep(path, table)
    return table


def _key(weights: str, split: Split, stage: str) -> str:
    known_by = (FORMAT, weights, split.dataset.checksum, split.ties, stage)
    return blake2b("/".join(map(str, known_by)).encode(), digest_size=16).hexdigest()


def _keep(path: Path, table: AblationTable) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, lambda aside: aside.write_text(json.dumps(table.to_dict()), encoding="utf-8"))
        kept = sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-MOST_FILES]:
            old.unlink(missing_ok=True)
