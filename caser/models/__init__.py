"""The models, by the name their configuration carries."""

from __future__ import annotations

import torch
from torch.overrides import TorchFunctionMode

from caser.models.base import ANONYMOUS, DotProduct, ModelConfig, Recommender
from caser.models.bert4rec import BERT4Rec
from caser.models.caser import Caser
from caser.models.convformer import ConvFormer
from caser.models.covisit import Covisit
from caser.models.ease import Ease
from caser.models.gru4rec import GRU4Rec
from caser.models.mf import MF
from caser.models.neumf import NeuMF
from caser.models.popularity import Popularity
from caser.models.sasrec import SASRec

KINDS = (
    Popularity,
    Covisit,
    Ease,
    MF,
    NeuMF,
    Caser,
    GRU4Rec,
    SASRec,
    BERT4Rec,
    ConvFormer,
)
MODELS: dict[str, type[Recommender]] = {kind.Config.name: kind for kind in KINDS}

__all__ = [
    "ANONYMOUS",
    "MF",
    "MODELS",
    "Caser",
    "DotProduct",
    "ModelConfig",
    "Popularity",
    "Recommender",
    "build",
    "outline",
]


def build(config: ModelConfig, n_users: int, n_items: int) -> Recommender:
    """A freshly initialised model; its weights depend on torch's random state alone."""
    return MODELS[config.name](config, n_users, n_items)


def outline(config: ModelConfig, n_users: int, n_items: int) -> Recommender:
    """A model whose weights have shapes and no memory."""
    with torch.device("meta"), _NoDraws():
        return build(config, n_users, n_items)


class _NoDraws(TorchFunctionMode):
    """Leaves initial weights undrawn; a draw into no memory makes torch import its compiler, which takes seconds."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function.__name__ in ("normal_", "uniform_", "kaiming_uniform_"):  # of a tensor, or of nn.init
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return function(*args, **kwargs)
