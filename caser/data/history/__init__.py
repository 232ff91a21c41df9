"""A person's own history, from the services people use, matched to the films of a data set.

`read` takes a file's bytes, `read_pasted` a text, a `Matcher` finds the films; nothing is written anywhere.
"""

from caser.data.history.entry import Entry, History, HistoryError, Undecided
from caser.data.history.formats import KNOWN, personal
from caser.data.history.match import ABSENT, MATCHED, UNSURE, Match, Matcher, Review
from caser.data.history.reading import read, read_file, read_pasted

__all__ = [
    "ABSENT",
    "KNOWN",
    "MATCHED",
    "UNSURE",
    "Entry",
    "History",
    "HistoryError",
    "Match",
    "Matcher",
    "Review",
    "Undecided",
    "personal",
    "read",
    "read_file",
    "read_pasted",
]
