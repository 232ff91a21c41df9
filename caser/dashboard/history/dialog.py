"""Where a visitor brings their history: a file, an archive or a pasted list."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import names
from caser.dashboard.history import review
from caser.dashboard.history.brought import Brought, brought, forget, take
from caser.dashboard.selection import choose
from caser.dashboard.view import View
from caser.dashboard.wording import plain
from caser.data.history import HistoryError, Undecided
from caser.data.history.upload import ENDINGS, most_bytes
from caser.words import W, of_films, spoken

MEMORY_ONLY = (
    "Your history stays in this server's memory; close or reload this tab and it is out of reach. It is never "
    "written to disk. It enters the address only if you ask for a link, as film ids alone."
)
_OF_FILMS = """
- **Letterboxd**: Settings → Data → Export your data; the zip as it is, or `diary.csv`, `watched.csv`, `ratings.csv`;
  or a list
- **IMDb**: Your ratings → Export; `ratings.csv`, also as it was before 2017
- **Netflix**: Account → Profile → Viewing activity → Download all; `NetflixViewingHistory.csv`. Or the file
  `ViewingActivity.csv` of the whole export
- **Trakt**: Settings → Data → Export; the zip as it is, or `watched-history-1.json`; or a CSV of the history or ratings
- **MovieLens**: a CSV with a column `movieId`. Editions number films differently: best with titles
"""
_OF_OTHERS = """
- **Goodreads**: My Books → Import and export; `goodreads_library_export.csv`. What is to be read is left out
- **Spotify**: Account → Privacy → Download your data; the zip, or `StreamingHistory_music_0.json`
- **Last.fm**: a CSV or JSON of your scrobbles, with artist, track and time
- **Steam**: a JSON of your games, with `appid`, `name` and `playtime_forever`
"""
_OF_ANYTHING = "a table with a column `Title`, best with `Year` and `Date`; or one title per line, the oldest first"
_FILMS = ("Alien (1979)", "The Godfather Part 2", "Amélie")  # as people write them
_OPEN, _FILE, _TEXT, _ANSWER = "history open", "history file", "history text", "history answer"


def bring_button(view: View) -> None:
    """The button that opens the dialog; that stays open over a run of the whole page until it is closed."""
    history = brought().history
    label = f"Your history: {len(history.entries):,} {W.films}" if history else "Bring your own history"
    st.button(label, icon=":material/upload_file:", key="bring history", on_click=_open)
    if st.session_state.get(_OPEN):
        _dialog(view)


def _open() -> None:
    st.session_state[_OPEN] = True


def _close() -> None:
    st.session_state[_OPEN] = False


@st.dialog("Bring your own history", width="large", icon=":material/upload_file:", on_dismiss=_close)
def _dialog(view: View) -> None:
    """Ask for a history, show which of its films the data set has, and take them as the films watched."""
    now = brought()
    st.caption(spoken(MEMORY_ONLY))
    if now.history is None:
        _ask(view)
    if now.question is not None:
        _question(now.question)
    if now.problem:
        st.warning(plain(names.capital(now.problem)), icon=":material/error:")
    if now.history is not None:
        _found(view, now)


def _ask(view: View) -> None:
    try:
        most = most_bytes() // 1_000_000
    except HistoryError as error:
        st.warning(plain(str(error)), icon=":material/error:")
        return
    st.file_uploader(
        "A file or an archive",
        ENDINGS,
        key=_FILE,
        on_change=_take_file,
        max_upload_size=most,
    )
    st.text_area(
        "Or titles, one per line, the oldest first",
        key=_TEXT,
        placeholder="\n".join(_FILMS if of_films() else view.dataset.labels[:3]),
        height=140,
    )
    st.button("Read these titles", icon=":material/checklist:", on_click=_take_text)
    with st.popover("Where to find yours", icon=":material/help:"):
        st.markdown(f"{_OF_FILMS if of_films() else _OF_OTHERS}- **Anything else**: {_OF_ANYTHING}\n")


def _take_file() -> None:
    file = st.session_state[_FILE]
    if file is not None:
        take((file.name, file.getvalue()))


def _take_text() -> None:
    take(st.session_state[_TEXT])


def _question(question: Undecided) -> None:
    st.markdown(plain(names.capital(str(question))))
    answers = list(question.answers)
    st.radio(
        "Which is it?",
        answers,
        index=None,
        format_func=lambda value: plain(question.answers[value]),
        key=_ANSWER,
        on_change=lambda: brought().answer(st.session_state[_ANSWER]),
    )


def _found(view: View, now: Brought) -> None:
    held = now.compared_with(view.dataset)
    with st.container(horizontal=True, vertical_alignment="center"):
        count = len(now.history.entries)
        st.markdown(f"**{plain(now.history.source)}**: {count:,} {W.films if count > 1 else W.film}, oldest first.")
        st.button("Bring another", icon=":material/restart_alt:", type="tertiary", on_click=forget)
    review.show(view, held)
    films = held.films()
    label = f"Use these {len(films):,} {W.films}" if len(films) != 1 else f"Use this {W.film}"
    if st.button(label, type="primary", icon=":material/check:", disabled=not films, key="use history"):
        choose(sequence=tuple(view.dataset.item_ids[list(films)].tolist()), private=True)
        _close()
        st.rerun()
    if not films:
        st.caption(f"{names.dataset(view.dataset.name)} has none of these {W.films} so far.")
