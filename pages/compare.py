"""The line-up under one protocol: means, curves, and viewer by viewer."""

import streamlit as st

from caser.dashboard import names, results, wording
from caser.dashboard.figures import comparison as figures
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.parts import chart, picked_viewer, protocol
from caser.dashboard.table import content, table
from caser.dashboard.view import View
from caser.evaluation import METRIC_LABELS


def main() -> None:
    view = open_page("Compare", ":material/balance:")
    require_model(view)
    if view.baseline:
        against = results.comparison(*view.pair, view.split)
        st.markdown(wording.paired_verdict(view, against))
    else:
        where = names.dataset(view.dataset.name)
        st.info(f"No MF model is trained on this split of {where} yet; the Train page makes one.")
    means_and_curves(view)
    if view.baseline:
        viewers(view)
    st.subheader("The numbers", anchor=False)
    summaries = {one.name: results.summary(one, view.split) for one in view.lineup}
    numbers = content.scores(summaries, METRIC_LABELS)
    table.show(table.plain(numbers, "Every metric of every model, with its interval"), "numbers")
    protocol(view)
    close_page(view)


def means_and_curves(view: View) -> None:
    looks = {one.name: one.look for one in view.lineup}
    left, right = st.columns(2, gap="large")
    with left:
        summaries = {one.name: results.summary(one, view.split) for one in view.lineup}
        shown = ("hr@10", "hr@50", "auc")
        chart(figures.metrics(summaries, looks, shown), "Means over viewers; bars are 95 % intervals", view)
    with right:
        curves = {one.name: results.ranks(one, view.split).hit_curve() for one in view.lineup}
        chart(figures.hit_curves(curves, looks), "HR@k by the number of films listed, k = 1 to 100", view)


def viewers(view: View) -> None:
    st.subheader("Viewer by viewer", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    (own, other), looks = view.pair, {one.name: one.look for one in view.pair}
    ranks = [results.ranks(one, view.split) for one in view.pair]
    with left:
        points = chart(
            figures.rank_scatter(*ranks, own.name, other.name, looks, view.dataset.user_ids),
            f"One mark for each viewer; above the diagonal {own.name} ranks the next film higher. Click one to open it",
            view,
            key="viewers",
            on_select="rerun",
            selection_mode="points",
        )
    with right:
        caption = f"{len(ranks[0].users):,} viewers, by which model ranks their next film higher"
        against = results.comparison(own, other, view.split)
        chart(figures.wins(against, own.name, other.name, looks), caption, view)
        picked_viewer(points, view)


main()
