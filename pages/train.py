"""Train: pick settings, watch them work, and take the checkpoint to the other pages."""

import streamlit as st

from caser import jobs
from caser.dashboard import frame as components
from caser.dashboard import loaders
from caser.dashboard.train import estimate as training_estimate
from caser.dashboard.train import form as training_form
from caser.dashboard.train import run as training_run


def main() -> None:
    view = components.open_page("Train", ":material/model_training:")
    st.caption("Every parameter of the models and of their training. A run goes on when this page is left or closed.")
    job = training_run.latest()
    running = job is not None and training_run.show(job, view)
    if not running:
        new_run(view.selection.dataset)
    training_run.history()
    components.close_page(view)


def new_run(dataset: str) -> None:
    """The form, and the button that starts what it says."""
    st.subheader(f"New run on {loaders.label(dataset)}", anchor=False)
    model, preset = training_form.choose_start()
    values = training_form.settings(model, preset)
    training_form.changes(values, model, preset)
    name, seed, device = training_form.identity(dataset, model)
    try:
        wanted = training_form.experiment(dataset, values, model, name, seed, device)
    except ValueError as error:
        training_form.notice(error)
        wanted = None
    if st.button("Start training", type="primary", icon=":material/play_arrow:", disabled=wanted is None):
        start(wanted)
    if wanted is not None:
        found = training_estimate.estimate(wanted)
        st.caption(training_estimate.estimate_text(found, wanted.config))


def start(wanted) -> None:
    """Start a run and show it; or say why not."""
    try:
        jobs.start(wanted)
    except ValueError as error:
        training_form.notice(error)
        return
    st.rerun()


main()
