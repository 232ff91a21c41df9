"""What the visitor has chosen. It lives in the URL, so that any view can be shared as a link.

Links between pages carry it; a page that is opened without parameters takes what the session remembers.
Whatever the URL says, a selection is always valid: what cannot be used becomes a notice. One that names nobody begins
with films that everybody knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NoReturn
from urllib.parse import unquote

import streamlit as st

from caser import data
from caser.dashboard import ids, loaders, names, public, results
from caser.dashboard.ids import MINE, PINNED_FILMS, OwnId
from caser.dashboard.runtime.speech import speak_of
from caser.dashboard.waiting import first_download as download
from caser.dashboard.waiting import go_on
from caser.data.text import listing
from caser.listing.narrowing import EVERYTHING, Narrowing, column_written, narrowing, written
from caser.listing.variety import VARIETIES
from caser.words import W

K_DEFAULT, K_MOST = 10, 100
MOST_FILMS = 500  # of a custom sequence in the address
_SELECTION, _NOTICES, _TOUCHED = "selection", "selection notices", "selection touched"
_NEXT = "data set of the next run"
_FROM_URL = "selection from the URL"
_MEANT = "films that may be meant"
_ADDRESS = "page and parameters of the last run"
_BACK = "what was done, the selection before it, and after it"
_OWN, _UNWANTED = "films of one's own", "films that are not wanted"  # by data set
_UNSAID = "parameters that are not in the URL"  # since they name films of a history in memory
_NARROWING = {"genre": "genres", "not": "not_genres", "years": "years", "known": "viewers", "column": "columns"}
_PINS = ("pin", "pin2", "pin3")
MOST_PINS = len(_PINS)
_LIST = (*_NARROWING, "without", "variety")
_PARAMETERS = ("data", "model", "user", "sequence", "k", "rewatch", "against", "film", *_PINS, *_LIST)
_CARRIED = ("presenting", "type", "saved")  # "type" is the older name of "presenting"
_OF_ONE_HISTORY = ("edits",)  # a page's own parameters that mean nothing for another viewer
_OF_ONE_MODEL = ("edits", "filter", "beside", "turn")  # nor for another model


@dataclass(frozen=True)
class Selection:
    """What is selected, in the data set's own ids, so that a link means the same everywhere.

    Attributes:
        dataset: a data set's name. model: a checkpoint's, None where the data set has none.
        against: the checkpoint to compare it with; None takes the default, plain MF.
        user: the data set's own user id.
        sequence: own item ids, oldest first, of a visitor who is not in the data; None selects `user`.
        private: the sequence stays in the session's memory; the URL says only that there is one.
        k: films to list. rewatch: whether films already watched may be listed.
        film: own id of the film whose score is explained; None takes the first of the list.
        pins: others' histories, to be looked at together with this one: own user ids, or own item ids, oldest first.
        narrowing: what the list may hold. unsaid: whether what it is without stays in the session's memory.
        variety: how varied the list is, one of `VARIETIES`.
    """

    dataset: str
    model: str | None
    user: OwnId
    sequence: tuple[OwnId, ...] | None = None
    k: int = K_DEFAULT
    rewatch: bool = False
    against: str | None = None
    film: OwnId | None = None
    private: bool = False
    pins: tuple[OwnId | tuple[OwnId, ...], ...] = ()
    narrowing: Narrowing = EVERYTHING
    unsaid: bool = False
    variety: float = VARIETIES[0]

    def params(self) -> dict[str, str]:
        """The URL's parameters; `parse` takes them back."""
        params = {"data": self.dataset, "user": ids.written(self.user)}
        if self.model is not None:
            params["model"] = self.model
        if self.sequence is not None:
            params["sequence"] = MINE if self.private else ids.listed(self.sequence)
        if self.k != K_DEFAULT:
            params["k"] = str(self.k)
        if self.rewatch:
            params["rewatch"] = "1"
        if self.against is not None:
            params["against"] = self.against
        if self.film is not None:
            params["film"] = ids.written(self.film)
        for name, pin in zip(_PINS, self.pins, strict=False):
            films = isinstance(pin, tuple)
            params[name] = PINNED_FILMS + ids.listed(pin) if films else ids.written(pin)
        return params | self._narrowed()

    def _narrowed(self) -> dict[str, str]:
        now = self.narrowing
        said = {
            "genre": ids.listed(now.genres),
            "not": ids.listed(now.not_genres),
            "years": written(now.years) if now.years else "",
            "known": written(now.viewers) if now.viewers else "",
            "column": ids.listed([column_written(*column) for column in now.columns]),
            "without": MINE if self.unsaid else ids.listed(now.without),
            "variety": f"{self.variety:g}" if self.variety else "",
        }
        return {name: text for name, text in said.items() if text}


def selection() -> Selection:
    """The visitor's selection, from the URL, else the session, else the defaults; it is written back to both."""
    given = {key: st.query_params[key].strip() for key in _PARAMETERS if key in st.query_params}
    st.session_state.setdefault(_TOUCHED, "data" in given)
    st.session_state[_FROM_URL] = bool(given)
    remembered = st.session_state.get(_SELECTION)
    if not given and remembered is not None:
        given = remembered.params()
    turned = st.session_state.pop(_NEXT, None)
    chosen, found = parse(turned or given, st.session_state.get(_OWN, {}), st.session_state.get(_UNWANTED, {}))
    if found or chosen != remembered:
        _remember(chosen, found)
    _write_url(chosen, **(dict.fromkeys((*_OF_ONE_HISTORY, *_OF_ONE_MODEL)) if turned else {}))
    return chosen


def show_address(page: str) -> None:
    """Have the browser show the address that a link to the page it stands on asked for, as one entry of its history.

    A link to another page changes the address by itself; of one to the same page, only the server learns. The browser
    ignores the message where it shows that address already, as after Back and Forward.
    """
    asked = st.query_params.to_dict()
    before, st.session_state[_ADDRESS] = st.session_state.get(_ADDRESS), (page, asked)
    if before is not None and before[0] == page and before[1] != asked:
        st.query_params.from_dict(asked)


def link(page: str, label: str, params: Mapping[str, str], icon: str | None = None) -> None:
    """A link to one of the pages, also to the one it stands on; the only kind of link between pages.

    Args:
        page: its file's name. params: what its address says, beside how charts are drawn and saved.
    """
    carried = {name: st.query_params[name] for name in _CARRIED if name in st.query_params}
    st.page_link(f"{page}.py", label=label, icon=icon, query_params={**params, **carried})


def lead_to(page: str, params: Mapping[str, str]) -> NoReturn:
    """Show another of the pages instead of this one, as if a link had been followed; for old addresses."""
    st.switch_page(f"{page}.py", query_params=params)


def notices() -> list[str]:
    """What could not be used of the URL or of an entry, until the next choice."""
    return st.session_state.get(_NOTICES, [])


def notify(text: str, films: Sequence[OwnId] = ()) -> None:
    """Tell the visitor something until their next choice; `films`, by own id, are what may be meant."""
    st.session_state[_NOTICES], st.session_state[_MEANT] = [text], tuple(films)


def films_meant() -> tuple[OwnId, ...]:
    """Own ids of the films that the last notice offers."""
    return st.session_state.get(_MEANT, ())


def choose(page: Mapping[str, str | None] = MappingProxyType({}), **changes) -> None:
    """Change fields of the selection; for use in callbacks, where the new value holds for the whole next run.

    Another data set starts from its own defaults, since ids mean something else there; it is read in the next run,
    where a visitor can be shown how far that is. Another history explains its own first film.

    Args:
        page: parameters of the page's own that change with them; None takes one out.
    """
    before = st.session_state[_SELECTION]
    st.session_state[_TOUCHED] = True
    if changes.get("dataset", before.dataset) != before.dataset:
        turn_to(changes["dataset"], k=str(before.k), rewatch=str(int(before.rewatch)))
        return
    after = replace(before, **changes)
    if after.against == after.model:
        after = replace(after, against=None)
    if _history(after) != _history(before):
        after = replace(after, film=changes.get("film"))
        page = {**dict.fromkeys(_OF_ONE_HISTORY), **page}
    if after.model != before.model:
        page = {**dict.fromkeys(_OF_ONE_MODEL), **page}
    _remember(after, [])
    _write_url(after, **page)


def choose_with_way_back(said: str, **changes) -> None:
    """`choose`, with one step back until the next choice; `said` is what was done."""
    before = current()
    choose(**changes)
    st.session_state[_BACK] = said, before, current()


def way_back() -> str:
    """What was done last, where there is a way back from it; else empty."""
    said, _, after = st.session_state.get(_BACK, ("", None, None))
    return said if after == current() else ""


def go_back() -> None:
    """Take the last choice back; for use in callbacks."""
    _, before, _ = st.session_state.pop(_BACK)
    _remember(before, [])
    _write_url(before)


def _history(chosen: Selection) -> tuple:
    """Whose films, or which, are selected."""
    return chosen.dataset, chosen.user, chosen.sequence


def current() -> Selection:
    """The selection as it is now, also within a fragment, whose arguments are of the page's last full run."""
    return st.session_state[_SELECTION]


def turn_to(dataset: str, **given: str) -> None:
    """Start the next run on another data set, whatever the URL says; `given` are further parameters."""
    st.session_state[_NEXT] = {"data": dataset} | given
    go_on()


def touched() -> bool:
    """Whether the visitor has chosen anything, or came by a link that names a data set."""
    return st.session_state.get(_TOUCHED, False)


def own_films(dataset: str) -> tuple[OwnId, ...] | None:
    """The visitor's own history in the ids of a data set, where they brought one."""
    return st.session_state.get(_OWN, {}).get(dataset)


def forget_own_films() -> None:
    """Drop every history from the session; for use in callbacks."""
    st.session_state.pop(_OWN, None)
    if st.session_state[_SELECTION].private:
        choose(sequence=None, private=False)


def _remember(chosen: Selection, found: list[str]) -> None:
    st.session_state[_SELECTION], st.session_state[_NOTICES], st.session_state[_MEANT] = chosen, found, ()
    if chosen.private and chosen.sequence is not None:
        st.session_state.setdefault(_OWN, {})[chosen.dataset] = chosen.sequence
    if chosen.unsaid:
        st.session_state.setdefault(_UNWANTED, {})[chosen.dataset] = chosen.narrowing.without


def _write_url(chosen: Selection, **page: str | None) -> None:
    """Make the URL say `chosen`, in one message, since each adds an entry to the browser's history.

    Args:
        page: parameters of the page's own that change; None takes one out. Others stay as they are. Those that name
            films of a private history stay in the session, too.
    """
    if chosen.private:
        unsaid = {name: page[name] for name in _OF_ONE_HISTORY if name in page}
        st.session_state.setdefault(_UNSAID, {}).update(unsaid)
        page |= dict.fromkeys(unsaid)
    now = st.query_params.to_dict()
    wanted = {key: value for key, value in (now | page).items() if key not in _PARAMETERS and value is not None}
    wanted |= chosen.params()
    if wanted != now:
        st.query_params.from_dict(wanted)


def choice(
    widget: Callable,
    label: str,
    options: Sequence[str],
    name: str,
    default: str | None = None,
    also: Mapping[str, str] = MappingProxyType({}),
    **how,
) -> str:
    """Draw one of Streamlit's widgets that says the same as the page's own parameter `name`, and return what it says.

    Args:
        default: the option that needs no parameter; the first one unless given, none of them if "".
        also: as for `page_choice`. how: the widget's further arguments.
    """
    page_choice(name, options, default, also)
    return widget(label, options, key=name, on_change=choose_on_page, args=(name, options, default), **how)


def page_choice(
    name: str, options: Sequence[str], default: str | None = None, also: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Let a page's own parameter and the widget whose key is its name say the same, before the widget is drawn.

    The default, the first option unless given, needs no parameter; `also` says what else an option may be called in
    the address. `choose_on_page` is the widget's callback.
    """
    asked, usual = st.query_params.get(name, "").strip(), _usual(options, default)
    asked = also.get(asked, asked)
    if asked and asked not in options:
        instead = f"; showing {quoted(usual)}" if usual else ""
        st.warning(f"{name}={quoted(asked)} in the address is unknown{instead}.")
    if asked in options:
        st.session_state[name] = asked
    elif st.session_state.get(name) not in options or st.session_state[_FROM_URL]:
        st.session_state[name] = usual


def _usual(options: Sequence[str], default: str | None) -> str | None:
    return options[0] if default is None else default or None


def choose_on_page(name: str, options: Sequence[str], default: str | None = None) -> None:
    """Write what was picked into the URL."""
    chosen = st.session_state[name]
    _write_url(st.session_state[_SELECTION], **{name: None if chosen == _usual(options, default) else chosen})


def page_choices(name: str, options: Sequence[str]) -> list[str]:
    """`page_choice` for a widget that takes several, separated by commas in the URL; all of them need no parameter.

    Returns:
        What the URL asks for that is no option. If nothing else is asked for, all are chosen.
    """
    asked = st.query_params.get(name)
    if asked is not None:
        parts = [part.strip() for part in asked.split(",") if part.strip()]
        known = [option for option in options if option in parts]
        st.session_state[name] = known if known or not parts else list(options)
        return [part for part in parts if part not in options]
    if st.session_state[_FROM_URL] or not set(st.session_state.get(name, [""])) <= set(options):
        st.session_state[name] = list(options)
    return []


def choose_several_on_page(name: str, options: Sequence[str]) -> None:
    """Write what was picked into the URL, in the order of the options."""
    chosen = [option for option in options if option in st.session_state[name]]
    _write_url(st.session_state[_SELECTION], **{name: None if chosen == list(options) else ",".join(chosen)})


def viewers(dataset: str, model: str | None) -> dict[str, OwnId]:
    """Interesting viewers as {label: own user id}, the default first; {} where there is no model."""
    if model is None:
        return {}
    trained, rival = loaders.trained(model), next(iter(loaders.rivals(model)), None)
    split = loaders.split(dataset, trained.metadata.ties)
    return results.viewers(trained, loaders.trained(rival) if rival else None, split)


def rival_of(chosen: Selection) -> str | None:
    """The checkpoint to compare the model picked with: the one chosen, else the default; None without any."""
    if chosen.model is None:
        return None
    rivals = loaders.rivals(chosen.model)
    return chosen.against if chosen.against in rivals else next(iter(rivals), None)


def parse(
    given: Mapping[str, str],
    own_histories: Mapping[str, tuple[OwnId, ...]] = MappingProxyType({}),
    unwanted: Mapping[str, tuple[OwnId, ...]] = MappingProxyType({}),
) -> tuple[Selection, list[str]]:
    """A valid selection from URL parameters, and a notice for each value that cannot be used.

    Args:
        own_histories, unwanted: the session's own films, and those not wanted, by data set, for a URL that says "mine".
    """
    notices: list[str] = []
    dataset = _read_dataset(given, notices)
    speak_of(data.noun(dataset))  # notices are in the words of the set they are about, not of the one before
    model = _read_model(given, dataset, notices)
    chosen = Selection(
        dataset=dataset,
        model=model,
        user=_read_user(given, dataset, model, notices),
        sequence=_read_sequence(given, dataset, own_histories, notices),
        private=given.get("sequence") == MINE and dataset in own_histories,
        k=_read_k(given, notices),
        rewatch=_read_rewatch(given, notices),
        against=_read_against(given, model, notices),
        film=_read_film(given, dataset, notices),
        pins=tuple(_read_pins(given, dataset, notices)),
        narrowing=_read_narrowing(given, dataset, unwanted, notices),
        unsaid=given.get("without") == MINE and dataset in unwanted,
        variety=_read_variety(given, notices),
    )
    return chosen, notices


def default_dataset() -> str:
    """MovieLens 100K where it is on this machine or can be fetched at once, else cinema."""
    return download.FIRST if download.first_set_is_here() else data.EMBEDDED


def _read_dataset(given: Mapping[str, str], notices: list[str]) -> str:
    asked = given.get("data")
    problem = _problem_of_dataset(asked) if asked is not None else ""
    if asked is not None and not problem:
        return asked
    default = default_dataset()
    if _problem_of_dataset(default):
        problem, default = problem or _problem_of_dataset(default), data.EMBEDDED
    if problem:
        notices.append(f"{problem} Showing {names.dataset(default)} instead.")
    return default


def _problem_of_dataset(name: str) -> str:
    """Why a data set cannot be shown; empty if it can."""
    if name not in data.sources():
        return f"There is no data set {quoted(name)}; choose one of {listing(map(names.plain, data.sources()))}."
    if not data.available(name):
        return f"{names.dataset(name)} is not on this machine; `python -m caser data {name}` fetches it."
    try:
        loaders.dataset(name)
    except ValueError as error:
        return f"{names.dataset(name)} cannot be read: {names.plain(public.said(str(error)))}."
    return ""


def _read_model(given: Mapping[str, str], dataset: str, notices: list[str]) -> str | None:
    shelf = loaders.shelf(dataset)
    asked = given.get("model", shelf.models[0] if shelf.models else None)
    if asked is None:
        return None
    problem = _problem_of_model(asked, dataset, shelf)
    if not problem:
        return asked
    instead = next((name for name in shelf.models if not loaders.problem(name)), None)
    notices.append(f"{problem} Showing {names.plain(instead)} instead." if instead else problem)
    return instead


def _problem_of_model(name: str, dataset: str, shelf: loaders.Shelf) -> str:
    """Why a model cannot be shown; empty if it can."""
    if name in shelf.problems:
        return f"{names.plain(shelf.problems[name])}."
    if name not in shelf.models:
        return f"There is no model {quoted(name)} for {names.dataset(dataset)}."
    problem = loaders.problem(name)
    return f"{names.plain(problem)}." if problem else ""


def _read_user(given: Mapping[str, str], dataset: str, model: str | None, notices: list[str]) -> OwnId:
    asked, loaded = given.get("user"), loaders.dataset(dataset)
    if asked is not None:
        try:
            return ids.user(loaded, asked)
        except ValueError:
            first, last = loaded.user_name(0), loaded.user_name(loaded.n_users - 1)
            there = f"are such as {quoted(first)}" if loaded.user_names else f"run from {first} to {last}"
            notices.append(f"There is no user {quoted(asked)} in {names.dataset(dataset)}; ids {there}.")
    interesting = viewers(dataset, model)
    return next(iter(interesting.values())) if interesting else loaded.user_id(0)


def _read_sequence(
    given: Mapping[str, str], dataset: str, own_histories: Mapping[str, tuple[OwnId, ...]], notices: list[str]
) -> tuple[OwnId, ...] | None:
    asked = given.get("sequence")
    if asked is None:
        return None if "user" in given else loaders.opening(loaders.dataset(dataset))
    if asked == MINE:
        if dataset not in own_histories:
            notices.append("The history of this link was in another session's memory only. Bring it again.")
        return own_histories.get(dataset, ())
    films, unknown = [], []
    for part in filter(None, asked.split(",")):
        try:
            films.append(ids.film(loaders.dataset(dataset), part))
        except ValueError:
            unknown.append(part)
    if unknown:
        listed = listing(map(quoted, unknown), 5)
        notices.append(
            f"No {W.film} of {names.dataset(dataset)} has the id {listed}; left out. Add {W.films} by title below."
        )
    if len(films) > MOST_FILMS:
        notices.append(f"The sequence has {len(films)} {W.films}; the last {MOST_FILMS} are kept.")
    return tuple(films[-MOST_FILMS:])


def _read_k(given: Mapping[str, str], notices: list[str]) -> int:
    asked = given.get("k", str(K_DEFAULT))
    try:
        k = whole(asked)
    except ValueError:
        k = 0
    if 1 <= k <= K_MOST:
        return k
    notices.append(f"k is {quoted(asked)}; give a whole number from 1 to {K_MOST}. Listing {K_DEFAULT} {W.films}.")
    return K_DEFAULT


def _read_rewatch(given: Mapping[str, str], notices: list[str]) -> bool:
    asked = given.get("rewatch", "0")
    if asked not in ("0", "1"):
        notices.append(f"rewatch is {quoted(asked)}; give 1 or 0. {W.Films} already {W.watched} are left out.")
    return asked == "1"


def _read_against(given: Mapping[str, str], model: str | None, notices: list[str]) -> str | None:
    asked = given.get("against")
    if asked is None or model is None or asked in loaders.rivals(model):
        return asked if model else None
    notices.append(f"{quoted(model)} cannot be compared with {quoted(asked)}; pick another model under Compare with.")
    return None


def _read_film(given: Mapping[str, str], dataset: str, notices: list[str]) -> OwnId | None:
    asked = given.get("film")
    if asked is None:
        return None
    try:
        return ids.film(loaders.dataset(dataset), asked)
    except ValueError:
        first = "the first of the list is explained instead"
        notices.append(f"No {W.film} of {names.dataset(dataset)} has the id {quoted(asked)}; {first}.")
        return None


def _read_pins(given: Mapping[str, str], dataset: str, notices: list[str]) -> Iterator[OwnId | tuple[OwnId, ...]]:
    loaded = loaders.dataset(dataset)
    for asked in filter(None, map(given.get, _PINS)):
        try:
            films = asked.startswith(PINNED_FILMS)
            yield (
                ids.films(loaded, asked.removeprefix(PINNED_FILMS))[-MOST_FILMS:] if films else ids.user(loaded, asked)
            )
        except ValueError:
            notices.append(f"{names.dataset(dataset)} has no history {quoted(asked)}, so it is not pinned.")


def _read_narrowing(
    given: Mapping[str, str], dataset: str, unwanted: Mapping[str, tuple[OwnId, ...]], notices: list[str]
) -> Narrowing:
    """What the list is narrowed by; a condition that cannot be is named and left out, the others stay."""
    loaded, conditions = loaders.dataset(dataset), Narrowing(without=_read_without(given, dataset, unwanted, notices))
    for name, field in _NARROWING.items():
        text = given.get(name, "")
        parts = [text] if name in ("years", "known") else map(unquote, text.split(","))
        for part in filter(None, parts):
            several = field in ("genres", "not_genres", "columns")
            try:
                read = getattr(narrowing(loaded, **{field: (part,) if several else part}), field)
            except ValueError as error:
                notices.append(f"{names.plain(names.capital(str(error)))}. The list is not narrowed by it.")
                continue
            conditions = replace(conditions, **{field: getattr(conditions, field) + read if several else read})
    return conditions


def _read_variety(given: Mapping[str, str], notices: list[str]) -> float:
    asked, possible = given.get("variety", "0"), {f"{variety:g}": variety for variety in VARIETIES}
    if asked not in possible:
        notices.append(f"variety is {quoted(asked)}; give one of {', '.join(possible)}. The list is not varied.")
    return possible.get(asked, VARIETIES[0])


def _read_without(
    given: Mapping[str, str], dataset: str, unwanted: Mapping[str, tuple[OwnId, ...]], notices: list[str]
) -> tuple[OwnId, ...]:
    asked = given.get("without", "")
    if asked == MINE:
        if dataset not in unwanted:
            notices.append(f"The {W.films} left out by this link were in another session's memory only.")
        return unwanted.get(dataset, ())
    try:
        return ids.films(loaders.dataset(dataset), asked)[:MOST_FILMS]
    except ValueError as error:
        notices.append(f"{names.plain(names.capital(str(error)))}. No {W.film} is left out of the list.")
        return ()


def page_text(name: str) -> str | None:
    """A page's own parameter, as the address has it, or the session where it must not be there."""
    if name in _OF_ONE_HISTORY and current().private:
        return st.session_state.get(_UNSAID, {}).get(name)
    return st.query_params.get(name)


def write_on_page(**page: str | None) -> None:
    """Change parameters of the page's own; None takes one out. For use in callbacks."""
    _write_url(st.session_state[_SELECTION], **page)


def whole(text: str) -> int:
    """The number written by `text`; ValueError for anything but 1 to 18 digits."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def quoted(text: str) -> str:
    """A visitor's text as inline code, cut short, so that it can neither format nor flood a notice."""
    plain = re.sub(r"[`\s]+", " ", text).strip()
    return f"`{plain[:40]}…`" if len(plain) > 40 else f"`{plain or ' '}`"
