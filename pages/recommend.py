"""What comes next for a viewer or for a sequence of films, by Caser and by MF side by side."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import film as explained
from caser.dashboard import frame as components
from caser.dashboard import loaders, theme, visitor, wording
from caser.dashboard.recommend import why as why_view
from caser.dashboard.selection import View
from caser.dashboard.table import content as tables
from caser.dashboard.table import table as html_table
from caser.recommend import rank_items, rank_of, score_catalogue, table


def main() -> None:
    view = components.open_page("Recommend", ":material/movie:")
    components.require_model(view)
    visitor.picker(view)
    st.markdown(wording.reading(view))
    if view.anonymous:
        visitor.editor(view)
        st.caption(wording.stranger(view))
    else:
        components.film_strip(view)
    models = {view.name: view.trained} | ({"MF": view.baseline} if view.baseline else {})
    scores = {name: score_catalogue(loaded.model, view.user, view.history) for name, loaded in models.items()}
    components.verdict(view, scores)
    lists = show_lists(view, scores)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        components.list_options(view)
        components.download(partial(tables.download, lists, view.target), "caser-recommendations.csv")
    why_view.show(view)
    components.close_page(view)


def show_lists(view: View, scores: dict[str, np.ndarray]) -> dict[str, pd.DataFrame]:
    """Draw every model's list and return it."""
    lists, named = {}, loaders.titles(view.dataset.name).labels
    for column, (name, own) in zip(st.columns(len(scores)), scores.items(), strict=True):
        lists[name] = table(view.dataset, rank_items(own, view.selection.k, view.left_out), own)
        rival = next((other for other in scores if other != name), None)
        ranks = [rank_of(scores[rival], item, view.left_out) for item in lists[name].index] if rival else None
        titles = [named[item] for item in lists[name].index]
        with column:
            st.markdown(f"{theme.signed(name)} {wording.reads(view, name)}")
            shown = tables.listed(lists[name], titles, view.target, ranks)
            label = f"What {name} lists" + f", {components.SIMULATED}" * view.dataset.simulated
            pick = partial(explained.point_at, view)
            html_table.show(html_table.films(shown, view.target, label, f"{rival} rank"), f"list {name}", pick)
    st.caption("Click a film to see below why it is where it is.")
    return lists


main()
