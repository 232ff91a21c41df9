"""Train: pick settings, watch them work, and take the checkpoint to the other pages."""

import streamlit as st

from caser import jobs
from caser.dashboard import names
from caser.dashboard.frame import close_page, open_page
from caser.dashboard.train import estimate, form, run


def main() -> None:
    view = open_page("Train", ":material/model_training:")
    st.caption("Every parameter of the models and of their training. A run goes on when this page is left or closed.")
    job = run.latest()
    running = job is not None and run.show(job, view)
    if not running:
        new_run(view.selection.dataset)
    run.history()
    close_page(view)


def new_run(dataset: str) -> None:
    """The form, and the button that starts what it says."""
    st.subheader(f"New run on {names.dataset(dataset)}", anchor=False)
    model, preset = form.choose_start()
    values = form.settings(model, preset)
    form.changes(values, model, preset)
    name, seed, device = form.identity(dataset, model)
    try:
        wanted = form.experiment(dataset, values, model, name, seed, device)
    except ValueError as error:
        form.notice(error)
        wanted = None
    if st.button("Start training", type="primary", icon=":material/play_arrow:", disabled=wanted is None):
        start(wanted)
    if wanted is not None:
        found = estimate.estimate(wanted)
        st.caption(estimate.estimate_text(found, wanted.config))


def start(wanted) -> None:
    """Start a run and show it; or say why not."""
    try:
        jobs.start(wanted)
    except ValueError as error:
        form.notice(error)
        return
    st.rerun()


main()
