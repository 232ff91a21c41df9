"""What strangers may do where the app is open to them: CASER_PUBLIC=1, read anew at every run of a page.

Without it everything is as free as on one's own machine.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import streamlit as st

from caser import checkpoint, jobs
from caser.data.dataset import Split
from caser.experiment import Experiment
from caser.training.cost import step_cost

SWITCH, BUDGET, QUOTA = "CASER_PUBLIC", "CASER_PUBLIC_BUDGET", "CASER_PUBLIC_CHECKPOINTS"
REQUESTS = "CASER_PUBLIC_REQUESTS"
OWN_RUNS = "runs started here"  # the session's key
SHIPPED = re.compile(r"(ml-100k|cinema)-(caser|caser-seed|mf|covisit|ease|neumf|gru4rec|sasrec|bert4rec|convformer)")


def is_public() -> bool:
    """Whether strangers look at this server."""
    return os.environ.get(SWITCH, "0") == "1"


def budget() -> float:
    """Parameters x windows x epochs that a run may take at most; 0 switches training off, inf without public mode."""
    return _number(BUDGET, 0.0) if is_public() else math.inf


def quota() -> float:
    """Checkpoints that visitors may have trained here in all; inf without public mode."""
    return _number(QUOTA, 5) if is_public() else math.inf


def requests_per_minute() -> float:
    """How often one client may ask the endpoint; 0 switches it off, inf without public mode."""
    return _number(REQUESTS, 60) if is_public() else math.inf


def _number(variable: str, usual: float) -> float:
    """A non-negative number from the environment; 0, the strictest, for anything else."""
    try:
        found = float(os.environ.get(variable, usual))
    except ValueError:
        return 0.0
    return found if found >= 0 else 0.0


def require_allowed(wanted: Experiment, parts: Split) -> None:
    """Raise ValueError, with the remedy, if a run is more than a stranger may start."""
    if not is_public():
        return
    dataset, training = parts.dataset, wanted.config.training
    parameters = step_cost(wanted.config, dataset.n_users, dataset.n_items).weights / 4  # 4 bytes each
    asked = parameters * len(dataset.item) * training.epochs * (1 + training.refit)
    if asked > budget():
        raise ValueError(
            f"the training could take {asked:.1e} parameters x windows x epochs and this public server allows "
            f"{budget():.1e}; take fewer dimensions or epochs"
        )
    if jobs.active():
        raise ValueError(
            "another training is in progress, and this public server runs one at a time; wait until it has ended"
        )
    if len(trained_here()) >= quota():
        raise ValueError(
            f"this public server keeps at most {quota():.0f} checkpoints of visitors and is full; "
            "train on your own machine"
        )


def trained_here() -> list[str]:
    """The checkpoints that are not shipped."""
    return [name for name in checkpoint.names() if not SHIPPED.fullmatch(name)]


def started(job: jobs.Job) -> None:
    """Remember that this visitor started a run."""
    st.session_state.setdefault(OWN_RUNS, set()).add(job.folder.name)


def is_own(job: jobs.Job) -> bool:
    """Whether this visitor started the run."""
    return job.folder.name in st.session_state.get(OWN_RUNS, set())


def said(text: str) -> str:
    """A message for a visitor: in public without the server's paths.

    >>> said("cannot read it")
    'cannot read it'
    """
    return _PATH.sub(lambda found: Path(found[0]).name or "a folder", text) if is_public() else text


_PATH = re.compile(r"(?<![\w:/])(?:[A-Za-z]:\\|~?/)[^\s,;:()'\"]+")
