"""The only file that looks behind Streamlit's public interface: what is there may change with any version.

`tests/test_architecture.py` keeps it so. Nothing public answers these three questions.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState


def on_a_page() -> bool:
    """Whether a visitor's page is run here; in a thread of our own, and on the command line, it is not.

    `st.session_state` answers there, too, from one state for all such threads, and Streamlit logs a warning each time.
    """
    return get_script_run_ctx(suppress_warning=True) is not None


def in_callback() -> bool:
    """Whether a widget's callback is run here: nothing can be drawn yet, so work is waited for without a bar.

    Streamlit draws what a callback draws above the page, and keeps it there.
    """
    return ThreadState.get().run_location is RunLocation.CALLBACK


def clicked_in_fragment() -> bool:
    """Whether a visitor has used a widget of a fragment while the page is still being drawn.

    For any other widget Streamlit ends the run. For these it waits until the run is over, which may take minutes.
    A fragment that runs by the clock counts as nobody's click.
    """
    requests = get_script_run_ctx().script_requests
    return requests._state.name == "RERUN" and not requests._rerun_data.is_auto_rerun
