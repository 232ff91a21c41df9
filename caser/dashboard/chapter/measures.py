"""One negative, one hit and one AUC, worked out for one viewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from caser import evaluation
from caser.dashboard import results, wording
from caser.dashboard.chapter import steps
from caser.dashboard.names import rank_words
from caser.dashboard.view import View
from caser.data.dataset import Split
from caser.data.histories import Histories
from caser.evaluation import METRICS
from caser.models import Recommender
from caser.recommend import ranks_of
from caser.training.losses import bpr_loss
from caser.words import W

DRAWN = "negatives drawn"  # in the session: how often another was asked for


@dataclass(frozen=True)
class Pair:
    """A target and a negative of one viewer, dense, and their scores; unseen: how many it was drawn from."""

    target: int
    negative: int
    scores: tuple[float, float]
    unseen: int

    @property
    def loss(self) -> float:
        """BPR's."""
        positive, negative = torch.tensor(self.scores)
        return float(bpr_loss(positive.view(1, 1), negative.view(1, 1, 1), torch.tensor([[self.unseen]])))


@torch.inference_mode()
def draw_pair(model: Recommender, split: Split, user: int, seed: int) -> Pair:
    """The last film that a viewer's training knows as the target, and a negative drawn for it."""
    histories = Histories(split, "validation")
    users, position = torch.tensor([user]), histories.end[[user]] - 1  # (1,), (1,)
    negative = histories.sample_unseen(users, 1, torch.Generator().manual_seed(seed))  # (1, 1)
    items = torch.cat([histories.targets(position, 1), negative], 1)  # (1, 2)
    scores: Tensor = model.scores(users, histories.windows(position, model.L), items)  # (1, 2)
    target, drawn = items[0].tolist()
    return Pair(target, drawn, tuple(scores[0].tolist()), int(histories.n_unseen(users)))


def viewer(view: View) -> int:
    """The one selected, dense, else the first that has a held-out film."""
    return view.user if view.target is not None else int(view.split.evaluated[0])


@st.fragment
def negative(view: View) -> None:
    """The draw, and what it costs."""
    with steps.beside(bpr_loss, Histories.sample_unseen)[1]:
        times, user = st.session_state.setdefault(DRAWN, 0), viewer(view)
        try:
            pair = draw_pair(view.trained.model, view.split, user, times)
        except ValueError as error:
            st.info(f"{wording.plain(str(error))}.")
            return
        target, drawn = (wording.plain(wording.film_name(view, item)) for item in (pair.target, pair.negative))
        first, second = pair.scores
        st.markdown(
            f"{_called(view, user)} {W.watched} **{target}** next: score {first:+.2f}.\n\n"
            f"Drawn from {pair.unseen:,} {W.films} not {W.watched}: **{drawn}**, score {second:+.2f}.\n\n"
            f"Loss: −log σ({first - second:+.2f}) = **{pair.loss:.3f}**"
        )
        st.button("Draw another", icon=":material/casino:", on_click=_draw_another)


def _draw_another() -> None:
    st.session_state[DRAWN] += 1


def _called(view: View, user: int) -> str:
    return f"{W.Viewer} {wording.plain(view.dataset.user_name(user))}"


def measures(view: View) -> None:
    """Rank, hit and AUC of one viewer's held-out film, and the means over all."""
    model, user = view.pair[0], viewer(view)
    ranks = results.ranks(model, view.split)
    with steps.beside(ranks_of, evaluation.hit_rate)[1]:
        where = np.flatnonzero(ranks.users == user)
        if not len(where):
            st.info(f"{_called(view, user)} is not among those that are ranked.")
            return
        rank, candidates = float(ranks.rank[where[0]]) + 1, int(ranks.candidates[where[0]])
        held_out = view.split.item[view.split.end("test")[user]]
        film = wording.plain(wording.film_name(view, int(held_out)))
        below = candidates - rank
        st.markdown(
            f"1. {_called(view, user)} {W.watched} **{film}** last. It is hidden.\n"
            f"2. {wording.plain(model.name)} ranks it **{rank_words(rank)}** of {candidates:,} {W.films}.\n"
            f"3. Hit in the first 50: **{int(rank <= 50)}**.\n"
            f"4. AUC: {below:,.0f} of {candidates - 1:,} others are below: **{below / max(candidates - 1, 1):.3f}**.\n"
            f"5. Mean over {len(ranks.users):,} {W.viewers}: HR@50 **{_mean(ranks, 'hr@50')}**, "
            f"AUC **{_mean(ranks, 'auc')}**."
        )


def _mean(ranks: evaluation.Ranks, metric: str) -> str:
    return METRICS[metric].said(ranks.means()[metric])
