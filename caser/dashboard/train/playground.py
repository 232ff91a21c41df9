"""A Caser small enough to train in 20 seconds on simulated viewers: press, and watch its filters form."""

from __future__ import annotations

import streamlit as st

from caser import checkpoint, data, jobs
from caser.config import Config, preset
from caser.dashboard import loaders, names, public, wording
from caser.dashboard.forming import strip
from caser.dashboard.runtime.speech import speak_of
from caser.dashboard.selection import link, notify
from caser.dashboard.train import run
from caser.dashboard.train.form import kept, notice
from caser.evaluation import of_100
from caser.experiment import Experiment
from caser.explain.planted import Formed
from caser.jobs import Job, State
from caser.training.reports import chosen
from caser.words import W

TITLE = "In 20 seconds"
NAME, DATASET = "cinema-playground", data.EMBEDDED
OURS = "name of the playground's model"  # the session's key
LIMITS = {"L": (2, 9), "n_h": (0, 8), "n_v": (0, 8)}
LABELS = {
    "L": "Films read (L)",
    "n_h": "Filters of each height",
    "n_v": "Blends",
}
LOSSES = ("softmax", "bpr", "bce")
# The best on cinema's validation of those tried with d = 10; more epochs take longer than 20 s of one core.
START = preset("caser").replace(
    d=10,
    n_h=4,
    n_v=2,
    tied=False,
    dropout=0.1,
    user_dropout=0.3,
    T=1,
    lr=0.02,
    weight_decay=0.6,
    batch_size=1024,
    ema=0.0,
    epochs=16,
    patience=0,
    refit=False,
    shuffle_ties=False,
    backwards=0.0,
)


def show() -> None:
    """What can be changed, the button, and the last training of this kind."""
    speak_of(data.noun(DATASET))  # whatever the page's own data set is
    st.markdown(
        f"A tiny Caser (d = 10) learns what simulated {W.viewers} do. **Press the button and watch its filters form.** "
        "Teal is above zero, orange below."
    )
    busy = next(iter(jobs.active()), None)
    _controls(busy)
    job = _latest()
    if busy is not None and not is_ours(busy):
        st.info(f'{wording.plain(busy.name)} is being trained; see "Every setting". Wait for it, or cancel it first.')
        run.cancel_button(busy, "Cancel it", ":material/stop:", "cancel the other")
    if job is None:
        return
    if job.state().active:
        _live(job)
    else:
        _ended(job)


def is_ours(job: Job) -> bool:
    """Whether a run was started here."""
    return job.name.startswith(NAME)


def _latest() -> Job | None:
    """The newest run started here, if it goes on or ended a short while ago; in public one's own."""
    ours = (job for job in jobs.recent() if is_ours(job) and (public.is_own(job) or not public.is_public()))
    job = next(ours, None)
    return job if job is not None and run.is_fresh(job.state()) else None


# ---- what to train


def _controls(busy: Job | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        values = {
            name: kept(f"play {name}", getattr(START.model, name), st.number_input, LABELS[name], step=1, width=150)
            for name in LIMITS
        }
        loss = kept("play loss", LOSSES[0], st.segmented_control, "Loss", LOSSES, required=True)
        wanted = _checked(values, loss)
        st.button(
            "Train",
            icon=":material/play_arrow:",
            disabled=busy is not None or wanted is None,
            on_click=_start,
            args=(wanted,),
            key="play",
        )
    st.caption(f"Heights are always 1 to L: a filter of height 2 reads two {W.films} in a row.")


def _checked(values: dict, loss: str) -> Config | None:
    """The settings; None, with a sentence, if they will not do."""
    try:
        return settings(values, loss)
    except ValueError as error:
        notice(error)
        return None


def settings(values: dict, loss: str) -> Config:
    """What to train; ValueError, with the remedy, for a number that would take too long or that cannot be."""
    for name, (low, high) in LIMITS.items():
        if not low <= values[name] <= high:
            raise ValueError(
                f"{LABELS[name]} is {values[name]}; it takes {low} to {high} here, so that training is quick. "
                'For more turn to "Every setting"'
            )
    if not values["n_h"] + values["n_v"]:
        raise ValueError("with 0 filters and 0 blends there is nothing to watch; take at least 1 of either")
    return START.replace(**values, loss=loss, negatives=0 if loss == "softmax" else 5)


def _start(wanted: Config) -> None:
    """Start a run, or say why not, at the page's next run. A visitor's next try takes the place of their last."""
    name = st.session_state.get(OURS)
    try:
        name = name or checkpoint.free_name(NAME)
        experiment = Experiment(name, DATASET, wanted, overwrite=OURS in st.session_state, keep_state=True)
        public.require_allowed(experiment, loaders.split(DATASET, experiment.ties))
        public.started(jobs.start(experiment))
        st.session_state[OURS] = name
    except ValueError as error:
        notify(f"Your training was not started: {public.said(str(error))}.")


# ---- how it goes


@st.fragment(run_every=0.7)
def _live(job: Job) -> None:
    """A run going on, drawn anew without the rest of the page."""
    state = job.state()
    if not state.active:
        st.rerun(scope="app")
    with st.container(horizontal=True, vertical_alignment="center"):
        doing = "Training" if job.filters() else "Starting"
        st.markdown(f"**{doing}** · {names.duration(state.elapsed)}", width="content")
        label = "Stopping …" if state.stopping else "Cancel"
        run.cancel_button(job, label, ":material/stop:", "cancel training", state.stopping)
    _drawn(job, state)


def _drawn(job: Job, state: State, last: Formed | None = None) -> None:
    strip.of_job(job, state, loaders.split(DATASET), START.training.epochs, "playground", last)


def _ended(job: Job) -> None:
    """How a run ended, its filters once more, and where to go."""
    state, last = job.state(), None
    if state.status == "finished":
        last = _finished(state)
    elif state.status == "cancelled":
        st.info(f"Stopped after {run.count_epochs(len(state.reports))}. No checkpoint was saved.")
        run.resume_button(job, state)
    elif state.status == "unreadable":
        run.unreadable(job)
    else:
        run.failed(state)
    _drawn(job, state, last)


def _finished(state: State) -> Formed | None:
    """What came of it and where to see that; returns what its filters look for."""
    if state.checkpoint not in checkpoint.names():
        st.info(f"Its checkpoint {wording.plain(state.checkpoint)} was since deleted or renamed.")
        return None
    last = chosen(state.reports, START.training.patience)
    hit = (
        f" The right {W.film} is among the first 10 for {of_100(last.validation['hr@10'])} {W.viewers}." if last else ""
    )
    st.markdown(f"**Ready after {names.duration(state.elapsed)}.**{hit}")
    params = {"data": DATASET, "model": state.checkpoint}
    with st.container(horizontal=True):
        link("filters", "Look inside it", params, ":material/grid_on:")
        link("recommend", "See what it recommends", params, ":material/recommend:")
    if problem := loaders.problem(state.checkpoint):
        st.warning(problem)
        return None
    return strip.trained_formed(loaders.trained(state.checkpoint), loaders.split(DATASET))
