"""A file, an archive or a pasted list becomes one history."""

from __future__ import annotations

import re
from pathlib import Path

from caser.data.encodings import LABELS
from caser.data.history.entry import Entry, History, HistoryError, oldest_first
from caser.data.history.films import films
from caser.data.history.formats import FORMATS, KNOWN, Format
from caser.data.history.rows import LIST, Table, table, unknown_header
from caser.data.history.upload import Text, most_bytes, texts
from caser.data.text import listing

MOST_FILMS = 20_000  # of one person
PASTED = "your list"
_WATCHLIST = re.compile(r"watch[-_ ]?list", re.IGNORECASE)


def read(
    name: str, content: bytes, *, day_first: bool | None = None, who: str | None = None, most: int | None = None
) -> History:
    """The history in a file or a zip archive.

    Args:
        name: of the file; its ending decides between a table and a list of titles, one per line.
        day_first: whether 1/2/2020 is in February, for files that can be read both ways.
        who: the profile or user to keep, for files that hold several.
        most: bytes it may have, packed and unpacked; CASER_UPLOAD_MB or 200 MB by default.

    Raises:
        Undecided: one of the two is needed.
        HistoryError: nothing there that can be read as a history; the message says what and where, and what to do.
    """
    readable, unknown = [], []
    for text in texts(name, content, most_bytes() if most is None else most):
        if (rows := table(text)) is not None:
            readable.append((text, rows))
        else:
            unknown.append(text)
    if len(readable) + len(unknown) > 1:  # an archive's other text files are no lists of titles
        readable = [pair for pair in readable if pair[1].format is not LIST]
    if not readable:
        raise unknown_header(unknown[0]) if unknown else HistoryError(f"{name} holds no history from {KNOWN}")
    return _merged(name, _of_one_service(readable), day_first, who)


def read_file(path: Path, *, day_first: bool | None = None, who: str | None = None) -> History:
    """The history in a file on this machine; one that is too large is not read at all.

    Raises:
        HistoryError: as `read`, or the file cannot be opened.
    """
    most = most_bytes()
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise HistoryError(f"cannot read {path} ({error.strerror or error}); name a file that you can read") from None
    return read(path.name, content, day_first=day_first, who=who, most=most)


def read_pasted(text: str, *, day_first: bool | None = None, who: str | None = None) -> History:
    """The history in a text that somebody pasted: one title a line, the oldest first, or what a file would hold.

    Raises:
        HistoryError: as `read`.
    """
    if not text.strip():
        raise HistoryError(f"{PASTED} is empty; give one title a line, the oldest first")
    return read(PASTED, text.encode("utf-8", "replace"), day_first=day_first, who=who)


def _of_one_service(found: list[tuple[Text, Table]]) -> list[tuple[Text, Table]]:
    """The files of the service that comes first, its best kind first; a watchlist only where it is alone."""
    watched = [pair for pair in found if not _WATCHLIST.search(pair[0].name)] or found[:1]
    order = {one: place for place, one in enumerate((*FORMATS, LIST))}
    watched.sort(key=lambda pair: order[pair[1].format])
    service = watched[0][1].format.service
    return [pair for pair in watched if pair[1].format.service == service]


def _merged(name: str, tables: list[tuple[Text, Table]], day_first: bool | None, who: str | None) -> History:
    """One history of all files; a film has the last day that the files of the best kind with it give."""
    notes: list[str] = []
    by_kind: dict[Format, list[Entry]] = {}
    names: dict[Format, list[str]] = {}
    for text, rows in tables:
        notes += _about(text, rows)
        by_kind.setdefault(rows.format, []).extend(films(text.name, rows, notes, day_first, who))
        names.setdefault(rows.format, []).append(text.name)
    entries: dict[tuple, Entry] = {}
    for kind, watched in by_kind.items():
        for key, entry in _once(oldest_first(watched), listing(names[kind], 1), notes).items():
            entries.setdefault(key, entry)
    if not entries:
        raise HistoryError(" ".join([f"{name} holds no watched films; give a history from {KNOWN}.", *notes]))
    if len(entries) > MOST_FILMS:
        raise HistoryError(
            f"{name} has {len(entries):,} entries; one person's history is at most {MOST_FILMS:,}: cut it"
        )
    ordered = oldest_first(entries.values())
    undated = sum(entry.day is None for entry in ordered)
    if 0 < undated < len(ordered):
        notes.append(f"{undated:,} of {len(ordered):,} entries have no day; they come first.")
    labels = dict.fromkeys(rows.format.label for _, rows in tables)
    return History(" and ".join(labels), tuple(ordered), tuple(notes))


def _about(text: Text, rows: Table) -> list[str]:
    """The notes on a file itself, not on its rows."""
    notes = []
    if text.encoding in LABELS:
        notes.append(f"{text.name} is not UTF-8; it was read as {LABELS[text.encoding]}.")
    if _WATCHLIST.search(text.name):
        notes.append(f"{text.name} is a watchlist by its name: films you want to see are read as films you saw.")
    if rows.format.warning:
        notes.append(rows.format.warning)
    if rows.bad:
        notes.append(f"{text.name}: {rows.bad:,} rows cannot be read and are left out: {'; '.join(rows.problems)}.")
    return notes


def _once(entries: list[Entry], name: str, notes: list[str]) -> dict[tuple, Entry]:
    """Each film once, at the last time it was watched."""
    last: dict[tuple, Entry] = {}
    for entry in entries:
        last.pop(entry.key, None)
        last[entry.key] = entry
    if repeated := len(entries) - len(last):
        notes.append(f"{name}: {repeated:,} repeated {'entry' if repeated == 1 else 'entries'}; the last one counts.")
    return last
