"""Train: pick settings, watch them work, and take the checkpoint to the other pages."""

import streamlit as st

from caser import checkpoint, data, jobs
from caser.dashboard import loaders, names, public, wording
from caser.dashboard.frame import close_page, open_page
from caser.dashboard.own import bring
from caser.dashboard.selection import choice, notify
from caser.dashboard.train import estimate, form, playground, run, shelf
from caser.dashboard.view import View
from caser.data.text import is_film
from caser.experiment import Experiment
from caser.jobs import Job
from caser.training.cost import require_memory
from caser.training.loop import require_trainable

EVERY = "Every setting"
HOW = "how"  # which of the two: the parameter in the URL, and the widget's key


def main() -> None:
    view = open_page("Train", ":material/model_training:")
    if bring.to_train(view.selection.dataset):
        train_at_once(view.selection.dataset)
    job = run.latest()
    ways = (playground.TITLE, EVERY)
    how = choice(st.segmented_control, "How", ways, HOW, _usual(view, job), required=True, label_visibility="collapsed")
    if not public.budget():
        st.info(
            "Training is switched off on this public server. On your own machine you can train: the README's first "
            "command installs and starts the app.",
            icon=":material/lock:",
        )
    elif how == playground.TITLE:
        playground.show()
    if how == EVERY:
        every_setting(view, job)
    close_page(view)


def train_at_once(dataset: str) -> None:
    """Start Caser with the usual settings on a data set that was just brought."""
    name = checkpoint.free_name(f"{dataset}-caser")
    wanted = checked(dataset, {}, "caser", name, 0, "auto")
    if wanted is not None:
        start(wanted, bool(jobs.active()))
        st.rerun()


def _usual(view: View, job: Job | None) -> str:
    """The playground, unless one came to see one's own run, or to train on a set that is not of films."""
    elsewhere = job is not None and public.is_own(job) and not playground.is_ours(job)
    return EVERY if elsewhere or not is_film(data.noun(view.dataset.name)) else playground.TITLE


def every_setting(view: View, job: Job | None) -> None:
    """The run to show, the form of the next one, and what was trained before."""
    running = job is not None and run.show(job, view)
    if public.budget():
        new_run(view.selection.dataset, job.name if running else "")
    run.history()
    shelf.draw()


def new_run(dataset: str, before: str) -> None:
    """The form, and the button that starts what it says; `before` is the training in progress, "" for none."""
    st.subheader(f"New training on {names.dataset(dataset)}", anchor=False)
    model, preset = form.choose_start()
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
        weighed = estimate.weighed(wanted)
        st.caption(estimate.estimate_text(estimated, wanted.config, estimate.usual_epochs(wanted)) + weighed)


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
