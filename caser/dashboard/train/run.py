"""A training run on the Train page: watched while it goes on, and read when it has ended."""

from __future__ import annotations

import dataclasses
import math
import time
from datetime import datetime

import pandas as pd
import streamlit as st

from caser import checkpoint, data, jobs
from caser.checkpoint import Metadata
from caser.config import Config
from caser.dashboard import loaders, names, public, results, theme, wording
from caser.dashboard.figures import training as training_figures
from caser.dashboard.figures.compare import comparison as figures
from caser.dashboard.forming import strip
from caser.dashboard.frame import PAGES
from caser.dashboard.lineup import Contender, lineup
from caser.dashboard.names import duration
from caser.dashboard.parts import chart
from caser.dashboard.selection import link, notify
from caser.dashboard.table import content, table
from caser.dashboard.train.form import notice
from caser.dashboard.view import View
from caser.evaluation import METRICS
from caser.experiment import Experiment
from caser.jobs import Job, State
from caser.training.reports import (
    CHOSEN_BY,
    LIVE_METRICS,
    RANKING,
    READING,
    TRAINING,
    EpochReport,
    best,
    chosen,
    epochs_done,
    epochs_left,
    selecting,
)
from caser.words import W

FRESH_SECONDS = 3600  # for so long a run that ended stays on top of the page


def latest() -> Job | None:
    """The run to show on top: one going on, or one that ended a short while ago and was not closed."""
    job = jobs.current()
    if job is None or st.session_state.get("closed run") == job.folder.name:
        return None
    return job if is_fresh(job.state()) else None


def is_fresh(state: State) -> bool:
    """Whether a run goes on, or ended a short while ago."""
    return state.active or time.time() - (state.begun + state.elapsed) < FRESH_SECONDS


def show(job: Job, view: View) -> bool:
    """Draw a run; True while it goes on."""
    state, view = job.state(), _on_data_of(job, view)
    if state.active:
        live(job, view)
    else:
        ended(job, state, view)
    return state.active


def _on_data_of(job: Job, view: View) -> View:
    """The view with the run's own data set, which may not be the page's."""
    try:
        parts = loaders.split(job.spec()["dataset"], job.spec()["ties"])
        return dataclasses.replace(view, dataset=parts.dataset, split=parts)
    except ValueError:
        return view


@st.fragment(run_every=1.0)
def live(job: Job, view: View) -> None:
    """A run going on, drawn anew every second without the rest of the page."""
    state = job.state()
    if not state.active:
        st.rerun(scope="app")
    config = job.spec()["config"]
    kind = names.model(config.model.name)
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        title = f"Training {wording.plain(job.name)}: {kind} on {names.dataset(view.dataset.name)}"
        st.subheader(title, anchor=False, width="stretch")
        label, icon = ("Stopping …", ":material/hourglass_top:") if state.stopping else ("Cancel", ":material/stop:")
        cancel_button(job, label, icon, "cancel training", state.stopping)
    share, text = progress(state, config)
    st.progress(share, text)
    curves(state, config, view)
    strip.of_job(job, state, view.split, config.training.epochs, "filters forming")
    advice = advise(state.reports, config)
    if advice:
        st.info(advice, icon=":material/lightbulb:")
    about(job)
    _queue(jobs.active()[1:])


def _queue(waiting: list[Job]) -> None:
    """The runs that wait their turn."""
    for job in waiting:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{wording.plain(job.name)} waits its turn.", width="content")
            cancel_button(job, "Cancel it", ":material/stop:", f"cancel {job.folder.name}")


def cancel_button(job: Job, label: str, icon: str, key: str, disabled: bool = False) -> None:
    """Cancels one's own run at once; asks before it cancels somebody else's, and never does so in public."""
    if public.is_own(job):
        st.button(label, icon=icon, on_click=_cancel, args=(job,), disabled=disabled, key=key)
    elif not public.is_public():
        with st.popover(label, icon=icon, disabled=disabled, key=f"ask {key}"):
            st.markdown("This training was not started in this window. Somebody may be waiting for it.")
            st.button("Cancel it anyway", on_click=_cancel, args=(job,), key=key)


def _cancel(job: Job) -> None:
    try:
        job.cancel()
    except ValueError as error:
        notify(public.said(str(error)))


def progress(state: State, config: Config) -> tuple[float, str]:
    """How far a run is, as a share of the most it can take, and in words."""
    clock = f"{duration(state.elapsed)} so far"
    now = f"{state.doing} {state.share:.0%} · " if state.doing else ""
    within = state.share if state.doing == TRAINING else 0.99 if state.doing == RANKING else 0.0  # of an epoch
    if not state.reports:
        begun = state.doing not in ("", READING)
        doing = "Epoch 1" if begun else "Loading the data" if state.status == "running" else "Starting"
        return within / max(config.training.epochs, 1), f"{doing} · {now}{clock}"
    last = state.reports[-1]
    done, left = epochs_done(state.reports), epochs_left(last, config.training)
    doing = "Choosing the number of epochs" if last.phase == "select" else "Refit on train + validation"
    most = "at most " if last.phase == "select" and config.training.patience else ""
    remaining = (
        f"about {duration(last.seconds_left)} left{' at most' if most else ''}"
        if left
        else "evaluating on the test set"
    )
    share = min(1.0, (done + within) / (done + left))
    return share, f"{doing}: epoch {last.epoch} of {most}{last.epochs} done · {now}{clock} · {remaining}"


def curves(state: State, config: Config, view: View) -> None:
    """The numbers of the last epoch, and every epoch's as curves."""
    reports = state.reports
    if not reports:
        return
    look, kept = theme.look(config.model.name), chosen(reports, config.training.patience)
    _tiles(reports[-1], kept)
    left, right = st.columns(2, gap="medium")
    with left:
        caption = f"Mean {config.training.loss} loss over the training targets, by epoch"
        chart(training_figures.training_loss(reports, look), caption, view, key="loss")
    with right:
        caption = "Each metric on its own scale, by epoch; ★ marks the epoch chosen so far"
        chart(training_figures.validation_curves(reports, kept, look), caption, view, key="validation")


def _tiles(last: EpochReport, kept: EpochReport | None) -> None:
    with st.container(horizontal=True):
        st.metric("Loss", f"{last.loss:#.3g}", border=True, width=140)
        for metric in LIVE_METRICS if kept else ():
            help = f"On validation, after epoch {kept.epoch}, the one chosen so far"
            label = METRICS[metric].label
            st.metric(label, f"{kept.validation[metric]:.3f}", border=True, help=help, width=140)
        st.metric(
            "Examples/s", f"{last.examples_per_second:,.0f}", border=True, help="Training windows a second", width=150
        )


def advise(reports: tuple[EpochReport, ...], config: Config) -> str:
    """Advice on early stopping; "" for none."""
    if not reports or reports[-1].phase != "select":
        return ""
    stale, patience = reports[-1].epoch - best(reports).epoch, config.training.patience
    if patience and stale >= math.ceil(patience / 2):
        return f"Validation NDCG@10 has not improved for {count_epochs(stale)}; training stops after {patience}."
    if not patience and stale >= 5:
        return (
            f"Validation NDCG@10 has not improved for {count_epochs(stale)}, and early stopping is off. "
            "A patience of 5 would have stopped it."
        )
    return ""


def count_epochs(count: int) -> str:
    return f"{count} epoch{'' if count == 1 else 's'}"


def about(job: Job) -> None:
    """The run's settings, folded away."""
    try:
        spec = job.spec()
    except ValueError:
        st.caption("The settings of this training cannot be read.")
        return
    parts = spec["config"].to_dict()
    rows = {k: spec[k] for k in ("dataset", "seed", "device")} | parts["model"] | parts["training"]
    with st.expander("Settings of this training"):
        frame = pd.DataFrame({"Setting": list(rows), "Value": [str(value) for value in rows.values()]})
        table.show(table.plain(frame, "The settings of this training"), f"settings of {job.name}")


# ---- a run that ended


def ended(job: Job, state: State, view: View) -> None:
    """How a run ended, and what to do next."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(_headline(job, state), anchor=False, width="content")
            st.button(":material/close:", help="Close this training", type="tertiary", on_click=_close, args=(job,))
        if state.status == "finished":
            _finished(job, state, view)
        elif state.status == "cancelled":
            st.info(f"Stopped {_after(job, state)}. No checkpoint was saved.")
            resume_button(job, state)
            about(job)
        elif state.status == "unreadable":
            unreadable(job)
        else:
            failed(state)
            resume_button(job, state)


def _after(job: Job, state: State) -> str:
    """When a run was cancelled, in words."""
    if state.reports:
        return f"after {count_epochs(epochs_done(state.reports))}"
    return "before it went on" if _resumes(job) else "before the first epoch ended"


def _resumes(job: Job) -> bool:
    """Whether a run is to go on where another stopped."""
    try:
        return job.spec()["resume"]
    except ValueError:
        return False


def resume_button(job: Job, state: State) -> None:
    """Goes on after the last whole epoch, where that was kept."""
    try:
        stopped = Experiment(**job.spec())
    except ValueError:  # its checkpoint is there, or its data are not
        return
    begun = state.reports or stopped.resume  # else the state kept is of an earlier run of that name
    if begun and stopped.state_path.exists() and (public.is_own(job) or not public.is_public()):
        key = f"resume {job.folder.name}"
        st.button("Resume", icon=":material/resume:", key=key, on_click=_resume, args=(job, stopped))


def _resume(job: Job, stopped: Experiment) -> None:
    try:
        public.started(jobs.start(dataclasses.replace(stopped, resume=True), queue=True))
        _close(job)
    except ValueError as error:
        notify(public.said(f"The training was not resumed: {error}."))


def unreadable(job: Job) -> None:
    st.info("The record of this training was damaged, or written by another version of this program.")
    st.button("Remove it", icon=":material/delete:", on_click=_remove, args=(job,), key=f"remove {job.folder.name}")


def _remove(job: Job) -> None:
    try:
        job.remove()
    except ValueError as error:
        notify(public.said(str(error)))


def _close(job: Job) -> None:
    st.session_state["closed run"] = job.folder.name


def _headline(job: Job, state: State) -> str:
    ends = {
        "finished": "is ready",
        "cancelled": "was cancelled",
        "failed": "failed",
        "died": "was stopped from outside",
        "unreadable": "cannot be read",
    }
    return f"{wording.plain(job.name)} {ends[state.status]}"


def failed(state: State) -> None:
    notice(ValueError(state.message))
    if state.log and not public.is_public():
        with st.expander("The end of the log"):
            st.code(state.log, language=None)


def _finished(job: Job, state: State, view: View) -> None:
    try:
        metadata, config = checkpoint.describe(state.checkpoint), job.spec()["config"]
    except ValueError as error:
        gone = f"Its checkpoint {wording.plain(state.checkpoint)} was since deleted or renamed."
        there = state.checkpoint in checkpoint.names()
        st.info(public.said(f"It cannot be shown: {error}.") if there else gone, icon=":material/info:")
        about(job)
        return
    st.markdown(_summary(metadata))
    advice = advise_after(state.reports, config)
    if advice:
        st.info(advice, icon=":material/lightbulb:")
    left, right = st.columns([3, 2], gap="medium")
    models, parts = _beside(metadata), loaders.split(metadata.dataset, metadata.ties)
    summaries = {model.name: results.summary(model, parts) for model in models}
    with left:
        caption = f"On the test set, evaluated once; bars: 95 % intervals over {W.viewers}"
        looks = {model.name: model.look for model in models}
        chart(figures.metrics(summaries, looks, ("hr@10", "hr@50", "auc")), caption, view, key="test result")
    with right:
        _next_steps(metadata)
        scores = content.scores(summaries, LIVE_METRICS)
        table.show(table.plain(scores, "Test metrics with their intervals"), "test metrics")
    with st.expander("How it trained"):
        curves(state, config, view)
    about(job)


def _summary(metadata: Metadata) -> str:
    name = names.model(metadata.config.model.name)
    return (
        f"{name} on {names.dataset(metadata.dataset)}: {count_epochs(metadata.epochs)}, "
        f"{duration(metadata.seconds)} on the {metadata.device}, seed {metadata.seed}."
    )


def advise_after(reports: tuple[EpochReport, ...], config: Config) -> str:
    """What the course of a finished run suggests for the next one."""
    last, top = epochs_done(selecting(reports)), best(reports)
    if last < 2:
        return ""
    scheduled = config.training.schedule != "constant"  # the rate has run out: being best at the end is its purpose
    if top.epoch == last == config.training.epochs and not scheduled:
        return f"Validation NDCG@10 was still improving at epoch {last}, the last; more epochs may do better."
    if not config.training.patience and top.epoch < last:
        return f"Epoch {top.epoch} was the best, but the last one is kept, because early stopping is off (patience 0)."
    return ""


def _beside(metadata: Metadata) -> tuple[Contender, ...]:
    """The checkpoint, MF and popularity on the same data; () where the data is no longer here."""
    if not data.available(metadata.dataset):
        return ()
    return lineup(loaders.trained(metadata.name), loaders.split(metadata.dataset, metadata.ties))


def _next_steps(metadata: Metadata) -> None:
    """Links that open the new checkpoint."""
    params = {"data": metadata.dataset, "model": metadata.name}
    with st.container(horizontal=True):
        for page, label in (("recommend", "Recommend with it"), ("compare", "Compare it")):
            link(page, label, params, PAGES[page][1])


def history() -> None:
    """The runs kept, newest first, as a table."""
    kept = [(job, job.state()) for job in jobs.recent() if not public.is_public() or public.is_own(job)]
    if not kept:
        return
    rows = [_row(job, state_of) for job, state_of in kept]
    with st.expander(f"Earlier trainings ({len(rows)})"):
        table.show(table.plain(pd.DataFrame(rows), "Earlier trainings"), "earlier runs")
        for job, state_of in kept:
            if state_of.status == "unreadable":
                st.caption(f"{wording.plain(job.name)} cannot be read.")
                unreadable(job)


def _row(job: Job, state: State) -> dict:
    top = best(state.reports)
    return {
        "Name": job.name,
        "Ended": state.status,
        "Epochs": epochs_done(selecting(state.reports)),
        "Best validation NDCG@10": f"{top.validation[CHOSEN_BY]:.3f}" if top else "",
        "Started": datetime.fromtimestamp(state.begun).strftime("%Y-%m-%d %H:%M"),
        "Took": duration(state.elapsed),
    }
