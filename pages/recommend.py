"""What comes next for a viewer or for a sequence of films, by two models side by side."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import loaders, visitor, wording
from caser.dashboard.film import point_at
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.names import SIMULATED
from caser.dashboard.parts import download, film_strip, list_options, verdict
from caser.dashboard.recommend import why
from caser.dashboard.table import content, table
from caser.dashboard.view import View
from caser.recommend import rank_items, rank_of, score_catalogue
from caser.recommend import table as ranked


def main() -> None:
    view = open_page("Recommend", ":material/movie:")
    require_model(view)
    visitor.picker(view)
    st.markdown(wording.reading(view))
    if view.anonymous:
        visitor.editor(view)
        st.caption(wording.stranger(view))
    else:
        film_strip(view)
    scores = [score_catalogue(one.model, view.user, view.history) for one in view.pair]
    verdict(view, scores)
    lists = show_lists(view, scores)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        list_options(view)
        download(partial(content.download, lists, view.target), "caser-recommendations.csv")
    why.show(view)
    close_page(view)


def show_lists(view: View, scores: list[np.ndarray]) -> dict[str, pd.DataFrame]:
    """Draw every model's list and return it."""
    lists = {}
    for at, (column, one) in enumerate(zip(st.columns(len(scores)), view.pair, strict=True)):
        lists[one.name] = ranked(view.dataset, rank_items(scores[at], view.selection.k, view.left_out), scores[at])
        with column:
            st.markdown(f"{one.signed} {wording.reads(view, one.model)}")
            show_list(view, lists[one.name], one.name, *other_ranks(view, lists[one.name], scores, at))
    st.caption("Click a film to see below why it is where it is.")
    return lists


def other_ranks(view: View, listed: pd.DataFrame, scores: list[np.ndarray], at: int) -> tuple[str, list[float] | None]:
    """The name of the other model, and where it has each film listed; None without one."""
    if len(scores) < 2:
        return "", None
    return view.pair[1 - at].name, [rank_of(scores[1 - at], item, view.left_out) for item in listed.index]


def show_list(view: View, listed: pd.DataFrame, name: str, other: str, ranks: list[float] | None) -> None:
    """One model's list, whose rows can be clicked."""
    titles = [loaders.titles(view.dataset).labels[item] for item in listed.index]
    rows = content.listed(listed, titles, view.target, ranks)
    label = f"What {name} lists, {SIMULATED}" if view.dataset.simulated else f"What {name} lists"
    table.show(table.films(rows, view.target, label, f"{other} rank"), f"list {name}", partial(point_at, view))


main()
