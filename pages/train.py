"""Train: pick settings, watch them work, and take the checkpoint to the other pages."""

import streamlit as st

from caser import jobs
from caser.dashboard import loaders, names, public, wording
from caser.dashboard.frame import close_page, open_page
from caser.dashboard.selection import notify
from caser.dashboard.train import estimate, form, run, shelf
from caser.experiment import Experiment
from caser.training.cost import require_memory
from caser.training.loop import require_trainable


def main() -> None:
    view = open_page("Train", ":material/model_training:")
    st.caption(
        "Every parameter of the models and of their training. A training continues when you leave or close this page."
    )
    job = run.latest()
    running = job is not None and run.show(job, view)
    if public.budget():
        new_run(view.selection.dataset, job.name if running else "")
    else:
        st.info(
            "Training is switched off on this public server. On your own machine you can train: the README's first "
            "command installs and starts the app.",
            icon=":material/lock:",
        )
    run.history()
    shelf.draw()
    close_page(view)


def new_run(dataset: str, before: str) -> None:
    """The form, and the button that starts what it says; `before` is the training in progress, "" for none."""
    st.subheader(f"New training on {names.dataset(dataset)}", anchor=False)
    model, preset = form.choose_start(dataset)
    values = form.settings(model, preset)
    form.changes(values, model, preset)
    name, seed, device = form.identity(dataset, model)
    wanted = checked(dataset, values, model, name, seed, device)
    st.button(
        f"Train after {wording.plain(before)}" if before else "Start training",
        type="primary",
        icon=":material/schedule:" if before else ":material/play_arrow:",
        disabled=wanted is None,
        on_click=start,
        args=(wanted, bool(before)),
        key="start training",
    )
    if wanted is not None and not before:
        estimated = estimate.estimate(wanted)
        st.caption(estimate.estimate_text(estimated, wanted.config, estimate.usual_epochs(wanted)))


def checked(dataset: str, values: dict, model: str, name: str, seed: int, device: str) -> Experiment | None:
    """The run so described; None, with a notice, if it could not be trained."""
    try:
        wanted = form.experiment(dataset, values, model, name, seed, device)
        parts = loaders.split(dataset, wanted.ties)
        require_trainable(parts, wanted.config)
        require_memory(wanted.config, parts)
        public.require_allowed(wanted, parts)
    except ValueError as error:
        form.notice(error)
        return None
    return wanted


def start(wanted: Experiment, queue: bool) -> None:
    """Start a run, or let it wait its turn; or say why not, at the page's next run."""
    try:
        public.started(jobs.start(wanted, queue))
        form.forget_name()
    except ValueError as error:
        notify(f"Your training was not started: {public.said(str(error))}.")


main()
