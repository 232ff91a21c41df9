"""Caser against MF and popularity under one protocol: means, curves, and viewer by viewer."""

import streamlit as st

from caser.dashboard import frame as components
from caser.dashboard import loaders, wording
from caser.dashboard.figures import comparison as figures
from caser.dashboard.selection import View
from caser.dashboard.table import content as tables
from caser.dashboard.table import table as html_table
from caser.evaluation import METRIC_LABELS, Comparison, Ranks


def main() -> None:
    view = components.open_page("Compare", ":material/balance:")
    components.require_model(view)
    about = view.trained.metadata
    names = {view.name: about.name} | ({"MF": view.baseline.name} if view.baseline else {})
    names["Popularity"] = loaders.POPULARITY
    ranks = {name: loaders.ranks(about.dataset, model, about.ties) for name, model in names.items()}
    summaries = {name: loaders.summary(about.dataset, model, about.ties) for name, model in names.items()}
    against = None
    if view.baseline:
        against = loaders.comparison(about.dataset, about.name, view.baseline.name, about.ties)
        st.markdown(wording.paired_verdict(view, against))
    else:
        st.info(
            f"No MF model is trained on this split of {loaders.label(about.dataset)} yet; the Train page makes one."
        )
    means_and_curves(view, summaries, ranks)
    if against is not None:
        viewers(view, against, ranks)
    st.subheader("The numbers", anchor=False)
    numbers = tables.scores(summaries, METRIC_LABELS)
    html_table.show(html_table.plain(numbers, "Every metric of every model, with its interval"), "numbers")
    components.protocol(view)
    components.close_page(view)


def means_and_curves(view: View, summaries: dict[str, figures.Summary], ranks: dict[str, Ranks]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        shown = ("hr@10", "hr@50", "auc")
        components.chart(figures.metrics(summaries, shown), "Means over viewers; bars are 95 % intervals", view)
    with right:
        curves = {name: found.hit_curve() for name, found in ranks.items()}
        components.chart(figures.hit_curves(curves), "HR@k by the number of films listed, k = 1 to 100", view)


def viewers(view: View, against: Comparison, ranks: dict[str, Ranks]) -> None:
    st.subheader("Viewer by viewer", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left:
        points = components.chart(
            figures.rank_scatter(ranks[view.name], ranks["MF"], view.name, "MF", view.dataset.user_ids),
            f"A mark a viewer; above the diagonal {view.name} ranks the next film higher. Click one to open it",
            view,
            key="viewers",
            on_select="rerun",
            selection_mode="points",
        )
    with right:
        caption = f"{len(ranks['MF'].users):,} viewers, by which model ranks their next film higher"
        components.chart(figures.wins(against, view.name, "MF"), caption, view)
        components.picked_viewer(points, view)


main()
