"""Where somebody brings a data set: a file, what its columns are, and what each setting leaves of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from caser import data
from caser.dashboard import names, public, waiting
from caser.dashboard.own import preview
from caser.dashboard.selection import choose, lead_to
from caser.dashboard.wording import plain
from caser.data import history, own, table
from caser.data.encodings import LABELS
from caser.data.table import Interactions, Opened, Prepared, Proposal, Roles, Settings, TableError
from caser.data.table.layout import NONE

KEPT_HERE = "Your data stays in this server's data folder until you delete it. Nothing is sent elsewhere."
_OPEN, _FILE, _ITEMS, _READ, _PREPARED = "own open", "own file", "own items", "own read", "own prepared"
_OPENED, _PROPOSED, _ENCODING = "own opened", "own proposed", "own encoding"
_TRAIN = "own set to train on"
_TRAIN_HELP = "Keeps it and trains Caser on it with the usual settings. You can cancel at any time."
_ROLES = {
    "user": "User",
    "item": "Item",
    "time": "Time",
    "rating": "Rating",
    "title": "Item's title",
}
_LABELS = {
    "lowest": "Lowest rating that counts",
    "repeats": "Repeats",
    "sample": "Random sample of users",
    "k_core": "Fewest interactions",
    "bad_share": "Unreadable rows allowed",
}


def button() -> None:
    """The button that opens the dialog; not on a public server."""
    if public.is_public():
        return
    st.button("Bring your own data", icon=":material/upload_file:", key="bring data", on_click=_open)
    if st.session_state.get(_OPEN):
        _dialog()


def _open() -> None:
    st.session_state[_OPEN] = True


def _close() -> None:
    st.session_state[_OPEN] = False
    for large in (_OPENED, _READ, _PREPARED):  # not held for nothing
        st.session_state.pop(large, None)


@st.dialog("Bring your own data", width="large", icon=":material/upload_file:", on_dismiss=_close)
def _dialog() -> None:
    st.caption(KEPT_HERE)
    try:
        files = _files(table.most_bytes() // 1_000_000)
        if files is not None:
            _settle(*files)
    except TableError as error:
        st.warning(plain(names.capital(str(error))), icon=":material/error:")


def _files(most: int) -> tuple[Opened, Opened | None] | None:
    """The file of interactions and that of the items; None before one is given."""
    given = st.file_uploader(
        "Who took what, and when: one interaction per row (CSV, Excel, Parquet, JSON; packed or not)",
        table.ENDINGS,
        key=_FILE,
        max_upload_size=most,
    )
    described = st.file_uploader(
        "Optional: what the items are (titles, years, genres or anything else)",
        table.ENDINGS,
        key=_ITEMS,
        max_upload_size=most,
    )
    if given is None:
        return None
    place, encoding = st.empty(), st.session_state.get(_ENCODING, "")
    guessed = bool(encoding)
    try:
        events, items = _once(
            _OPENED,
            (given.file_id, described and described.file_id, encoding),
            lambda: _opened(given, described, encoding),
            f"Opening {plain(given.name)} …",
        )
        guessed = guessed or not all(file is None or file.encoding.startswith("utf") for file in (events, items))
    finally:  # one that does not fit is changed here, too
        if guessed:
            place.selectbox("Encoding", ["", *LABELS], format_func=_encoding, key=_ENCODING, width=300)
    return events, items


def _opened(given, described, encoding: str) -> tuple[Opened, Opened | None]:
    events, items = table.pair(table.opened(given.name, given.getvalue(), encoding=encoding))
    if described is not None:
        items = table.described(table.opened(described.name, described.getvalue(), encoding=encoding))
    return events, items


def _encoding(name: str) -> str:
    return LABELS[name] if name else "as found out"


def _settle(events: Opened, items: Opened | None) -> None:
    """Ask what the columns are and what to keep, show what that leaves, and keep it."""
    layout = table.layout(events)
    if label := history.personal(layout.columns):
        st.info(
            f"{plain(events.name)} is a {label}: one person's history, and a model learns from many people's. "
            "Close this, and give it to *Bring your own history* beside the users below.",
            icon=":material/person:",
        )
        return
    st.dataframe(table.preview(events), height=190, hide_index=True)
    st.caption(f"The first rows of {plain(events.name)}.")
    roles = _roles(layout.columns, _proposal(events))
    name, settings = _name(events.name), _settings(bool(roles and roles.rating))
    if roles is None or name is None or settings is None:
        return
    interactions = _interactions(events, roles)
    if interactions is None:
        return
    prepared = _once(
        _PREPARED,
        (st.session_state[_READ][0], settings, items and hash(items.data)),
        lambda: table.prepare(own.name_for(events.name), interactions, settings, items, waiting.teller()),
        f"Checking and filtering {len(interactions.user):,} interactions …",
    )
    _show(prepared, interactions)
    with st.container(horizontal=True):
        opens = st.button("Keep it and open it", type="primary", icon=":material/check:", key="keep own")
        trains = st.button("Train on it now", icon=":material/play_arrow:", key="train own", help=_TRAIN_HELP)
    if opens or trains:
        own.keep(replace(prepared, dataset=replace(prepared.dataset, name=name)))
        _close()
        if trains:
            st.session_state[_TRAIN] = name
            lead_to("train", {"data": name})
        choose(dataset=name)
        st.rerun()


def to_train(dataset: str) -> bool:
    """Whether *Train on it now* was pressed for a data set that was just kept; true once, and never by an address."""
    return st.session_state.pop(_TRAIN, None) == dataset


def _proposal(events: Opened) -> Proposal:
    """What the columns are, found out once for a file; with what is not clear and why."""
    key = events.name, hash(events.data)
    if st.session_state.get(_PROPOSED, (None,))[0] != key:
        layout = table.layout(events)
        for role in _ROLES:  # what was chosen for another file with these columns
            st.session_state.pop(_key(role, layout.columns), None)
        st.session_state[_PROPOSED] = key, table.proposal(layout, events.name)
    return st.session_state[_PROPOSED][1]


def _key(role: str, columns: tuple[str, ...]) -> str:
    return f"own {role} {columns}"


def _roles(columns: tuple[str, ...], proposal: Proposal) -> Roles | None:
    """Which column is what, as proposed or as the visitor says; None until what is not clear is chosen."""
    chosen: dict[str, str | None] = {}
    place = st.container()
    with st.container(horizontal=True):
        for role, label in _ROLES.items():
            options = list(columns) if role in ("user", "item") else [NONE, *columns]
            usual = getattr(proposal.roles, role) or NONE
            index = None if role in proposal.questions else options.index(usual) if usual in options else 0
            key, hint = _key(role, columns), "choose"
            picked = st.selectbox(label, options, index, key=key, width=140, format_func=_column, placeholder=hint)
            chosen[role] = "" if picked == NONE else picked
    open_roles = [role for role, column in chosen.items() if column is None]
    with place:
        if open_roles:
            _question(proposal, open_roles)
            return None
        roles = Roles(**chosen)
        st.markdown("\n".join(f"- {plain(said)}" for said in preview.columns(proposal, roles)))
    return roles


def _question(proposal: Proposal, roles: list[str]) -> None:
    """What is not clear about these roles, and what each column holds."""
    said = "; ".join(dict.fromkeys(proposal.questions[role] for role in roles))
    st.warning(f"The file {plain(said)}. Choose the columns below.", icon=":material/help:")
    heads = ("Column", "Values", "Kind")
    st.dataframe(dict(zip(heads, zip(*proposal.profile, strict=True), strict=True)), height=190, hide_index=True)


def _column(name: str) -> str:
    return "none" if name == NONE else name


def _name(file: str) -> str | None:
    """The data set's name; None, with what is wrong, while it cannot be one."""
    with st.container(horizontal=True):
        name = st.text_input(
            "Name of the data set", own.name_for(file), key=f"own name {file}", max_chars=40, width=300
        )
        st.text_input("One item is a", "item", key="own noun", max_chars=30, width=160)
    try:
        return own.check_name(name.strip(), list(data.sources()))
    except ValueError as error:
        st.warning(plain(names.capital(str(error))), icon=":material/error:")
        return None


def _settings(rated: bool) -> Settings | None:
    """What to keep of the rows; None, with what is wrong, for a value that cannot be."""
    given = {"noun": st.session_state["own noun"].strip()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for f in fields(Settings):
            if f.name not in _LABELS or (f.name == "lowest" and not rated):
                continue
            label, help, key = _LABELS[f.name], names.capital(f.metadata["help"]) + ".", f"own {f.name}"
            if "options" in f.metadata:
                given[f.name] = st.selectbox(label, f.metadata["options"], help=help, key=key, width=150)
                continue
            low, high = f.metadata["low"], f.metadata["high"]
            usual = None if f.name == "lowest" else f.default
            value = st.number_input(label, low, high, usual, help=help, key=key, width=190, placeholder="any")
            if value is not None:
                given[f.name] = value
    try:
        return Settings(**given)
    except ValueError as error:
        st.warning(plain(names.capital(str(error))), icon=":material/error:")
        return None


def _interactions(events: Opened, roles: Roles) -> Interactions | None:
    """The file's interactions, read once for a choice of columns; None until the order of day and month is known."""
    first = {"day first": True, "month first": False}.get(st.session_state.get("own day order"))
    asked = (events.name, hash(events.data), roles, first)
    if st.session_state.get(_READ, (None,))[0] != asked:
        try:
            _once(
                _READ,
                asked,
                lambda: table.read(events, roles, first, waiting.teller()),
                f"Reading {plain(events.name)} …",
            )
        except table.Undecided as unclear:
            st.markdown(plain(names.capital(f"{unclear}.")))
    if first is not None or st.session_state.get(_READ, (None,))[0] != asked:
        st.radio("Dates are written with the", ["day first", "month first"], index=None, key="own day order")
    return st.session_state[_READ][1] if st.session_state.get(_READ, (None,))[0] == asked else None


def _once(where: str, asked: Hashable, compute: Callable[[], Any], text: str) -> Any:
    """What `compute` returns, in the background, and kept in the session until `asked` changes."""
    if st.session_state.get(where, (None,))[0] != asked:
        st.session_state[where] = asked, waiting.wait_for((where, asked), compute, text)
    return st.session_state[where][1]


def _show(prepared: Prepared, interactions: Interactions) -> None:
    """What each step leaves, three histories, and warnings."""
    dataset = prepared.dataset
    st.markdown(
        f"**{len(dataset):,}** interactions of **{dataset.n_users:,}** users with **{dataset.n_items:,}** items"
        + (f"; times are {interactions.unit}." if interactions.unit else ".")
    )
    columns = {"": "label", "Rows": "rows", "Users": "users", "Items": "items"}
    steps = {title: [getattr(step, name) for step in prepared.steps] for title, name in columns.items()}
    st.dataframe(steps, hide_index=True)
    sentences = preview.histories(dataset, prepared.noun, interactions.time is not None)
    st.markdown("\n".join(f"- {plain(said)}" for said in sentences))
    for note in prepared.notes:
        st.info(plain(names.capital(note)), icon=":material/info:")
