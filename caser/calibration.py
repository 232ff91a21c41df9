"""From scores to chances: one temperature for a model, and how well the chances it gives hold.

A model trained with a softmax is too sure of its list: it saw the answers it learnt from. Dividing its scores by one
number, fitted where it did not learn, mends most of that and moves no rank (Guo et al. 2017, On calibration of modern
neural networks).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from caser.data.dataset import Split, evenly
from caser.evaluation import CHUNK_CELLS, Evaluator
from caser.models import Recommender

RANGE = (0.05, 20.0)  # temperatures searched
LISTED = 10  # films of a list whose chances are checked


def _scores(model: Recommender, split: Split, stage: str, device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Unseen scores and targets as `Evaluator.unseen_scores`, of as many users as fit into memory at once."""
    users = evenly(split.evaluated, max(1, CHUNK_CELLS // split.dataset.n_items))
    training = model.training
    model.eval()
    try:
        return Evaluator(split, stage, device, users).unseen_scores(model)
    finally:
        model.train(training)


def fit_temperature(model: Recommender, split: Split, stage: str, device: torch.device | str = "cpu") -> float:
    """The temperature at which the softmax over unseen items gives the targets of a stage the highest likelihood."""
    from scipy.optimize import minimize_scalar  # a third of a second that pages do without

    scores, target = _scores(model, split, stage, device)
    own = scores.gather(1, target)[:, 0]  # (n,)

    def loss(log_temperature: float) -> float:
        temperature = float(np.exp(log_temperature))
        return float(((scores / temperature).logsumexp(1) - own / temperature).mean())

    return float(np.exp(minimize_scalar(loss, bounds=np.log(RANGE), method="bounded").x))
