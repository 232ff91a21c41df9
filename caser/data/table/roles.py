"""Which column of a table is the user, the item, the time, the rating and the title: each assignment has a score.

A score adds what the values of the columns say, what their names say and, least, where they stand. The best assignment
is proposed with its reasons; where another one is near, or the best is implausible, there is a question instead.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from caser.data.table.layout import NONE, SEQUENCES, Layout, Roles
from caser.data.table.names import ROLES, hints
from caser.data.table.opening import TableError, Undecided
from caser.data.table.profile import Column, columns_of, gathered, in_runs, new_values, rising
from caser.data.text import listing

FEW_ROWS = 30  # up to these values say too little, and names and places decide
_NEAR = 1.0  # points between two assignments of which neither is sure
_NEAR_SWAPPED = 2.6  # of which one has the user for the item: place and one more reason are needed
_NEVER = -100.0
_IDS = 10  # columns that are looked at in pairs
_ATTRIBUTE = 0.02  # the most of `new_values` for a column that another one determines
_PREFIXES = {"u": -3.0, "i": 3.0, "b": 1.5, "p": 1.0}  # of ids such as u17: a user's are below 0
_SHOWN = 12  # columns of a message


@dataclass(frozen=True)
class Proposal:
    """What the columns are, as far as that is known.

    Attributes:
        roles: the best assignment. reasons: role -> sentence. questions: role -> what is not clear about it; none
            where all is clear. profile: of each column its name, how often values come, and what they are.
    """

    roles: Roles
    reasons: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    profile: tuple[tuple[str, str, str], ...] = ()

    def asked(self, name: str) -> str:
        """The questions as a message, with the profile of the columns and the flags that answer them."""
        lines = [f"{name} {'; '.join(dict.fromkeys(self.questions.values()))}. Its columns:"]
        lines += [f"  {column}: {often}; {kind}" for column, often, kind in self.profile[:_SHOWN]]
        if len(self.profile) > _SHOWN:
            lines.append(f"  and {len(self.profile) - _SHOWN} more")
        flags = " ".join(f"--{role} {_flag(getattr(self.roles, role))}" for role in self.questions)
        return "\n".join([*lines, f"Say which is which, such as {flags}; '-' is for none"])

    def decided(self, name: str = "the file") -> Roles:
        """The roles; Undecided, with the questions about the file of that name, where there are some."""
        if self.questions:
            raise Undecided(self.asked(name))
        return self.roles


def _flag(column: str) -> str:
    return repr(column) if column else "COLUMN"


def proposal(layout: Layout, name: str = "the file", given: Mapping[str, str] | None = None) -> Proposal:
    """Which column is what, why, and what is not clear.

    Args:
        given: role -> column that somebody named, `NONE` for none; nothing else is considered for it.

    Raises:
        TableError: fewer than two columns, or one that is given is not there.
    """
    if len(layout.columns) < 2:
        raise TableError(f"{name} has one column, {layout.columns[0]!r}; give a user's and an item's at least")
    given = {role: column for role, column in (given or {}).items() if column is not None}
    for role, column in given.items():
        if column not in (*layout.columns, NONE):
            known = listing(layout.columns, 20)
            raise TableError(f"{name} has no column {column!r} for the {role}; it has {known}")
    if layout.separator == SEQUENCES:
        return Proposal(Roles(**(dict(zip(("user", "item"), layout.columns, strict=True)) | given)))
    sample = layout.sample()
    columns = columns_of(layout.columns, sample.rows)
    return _Assigning(columns, layout.has_header, given, sample.is_whole).proposal()


class _Assigning:
    """The search for the best assignment, one role after the other: times first, then user and item together."""

    def __init__(self, columns: list[Column], named: bool, given: Mapping[str, str], is_whole: bool):
        self.columns, self.given, self.questions = columns, given, {}
        self.place = {column.name: place for place, column in enumerate(columns)}
        self.hints = {column.name: hints(column.name) if named else dict.fromkeys(ROLES, 0.0) for column in columns}
        self.rows = max((len(column.codes) for column in columns), default=0)
        self.small, self.is_whole = self.rows <= FEW_ROWS, is_whole
        self.named, self._known = named, {}

    def proposal(self) -> Proposal:
        user, item = self._pair()
        chosen = {"user": user, "item": item}
        for role, score in (("time", self._time), ("title", self._title), ("rating", self._rating)):
            chosen[role] = self._one(role, chosen, score)
        self._check(chosen)
        names = {role: column.name if column else self.given.get(role, "") for role, column in chosen.items()}
        within = "" if self.is_whole else f" among {self.rows:,} rows"
        reasons = {role: f"{column.name}: {column.how_often}{within}" for role, column in chosen.items() if column}
        profile = tuple((column.name, f"{column.how_often}{within}", column.kind) for column in self.columns)
        return Proposal(Roles(**names), reasons, self.questions, profile)

    def _by_name(self, name: str) -> Column | None:
        return self.columns[self.place[name]] if name in self.place else None

    def _hint(self, column: Column, role: str) -> float:
        return self.hints[column.name][role]

    def _left(self, role: str, used: set[str]) -> list[Column]:
        """The columns that may have a role: the one that is given, or all that nobody gave another one."""
        if role in self.given:
            column = self._by_name(self.given[role])
            return [column] if column else []
        used = used | set(self.given.values())
        return [column for column in self.columns if column.name not in used]

    def _once(self, compute: Callable[..., Any], *asked: Hashable) -> Any:
        """What a function gives, computed once."""
        if (compute, asked) not in self._known:
            self._known[compute, asked] = compute(*asked)
        return self._known[compute, asked]

    def _determines(self, column: Column, other: Column) -> bool:
        """Whether a column's value says another one's, as a product's its category; known from ten further rows on."""
        again = column.rows - column.distinct
        enough = 10 if column.distinct != other.distinct else 3
        return again >= enough and other.distinct > 1 and self._once(new_values, column, other) <= _ATTRIBUTE

    # ---- user and item

    def _pair(self) -> tuple[Column | None, Column | None]:
        """The columns of the user and the item."""
        users, items = self._ids("user"), self._ids("item")
        fits = {(user, item): self._fit(user, item) for user in users for item in items if user is not item}
        scores = {pair: (fit, self._side(*pair)) for pair, fit in fits.items() if fit > _NEVER / 2}
        if not scores:
            return self._no_pair(users, items)
        user, item = max(scores, key=lambda pair: scores[pair][0] + 0.5 * scores[pair][1])
        if not self.small:
            self._ask_of_pair(user, item, scores)
        return user, item

    def _no_pair(self, users: list[Column], items: list[Column]) -> tuple[Column | None, Column | None]:
        """Ask where no two columns can be user and item; of a few rows the reading says what is missing."""
        if self.small or NONE in self._given_ids():
            return self._by_name(self.given.get("user", "")), self._by_name(self.given.get("item", ""))
        for role, columns in (("user", users), ("item", items)):
            if role not in self.given:
                why = "has no column that can be" if not columns or len(self.columns) < 3 else "does not tell which is"
                self.questions[role] = f"{why} the {role}{self._named_in_vain(role)}"
        return self._by_name(self.given.get("user", "")), self._by_name(self.given.get("item", ""))

    def _given_ids(self) -> set[str | None]:
        return {self.given.get(role) for role in ("user", "item")}

    def _named_in_vain(self, role: str) -> str:
        """What stands against the column that is named like a role, as an addition to a sentence."""
        column = max(self._left(role, set()), key=lambda column: self._hint(column, role), default=None)
        if column is None or self._hint(column, role) < 3:
            return ""
        if column.distinct == 1:
            return f" ({column.name!r} has one {role}, {str(column.values[0])[:40]!r})"
        return f" ({column.name!r}: {column.how_often}, {column.kind})"

    def _ids(self, role: str) -> list[Column]:
        """The columns that may hold the ids of a role, the likeliest ten."""
        if role in self.given:
            return self._left(role, set())
        scores = {column.name: self._once(self._id_score, column, role) for column in self._left(role, set())}
        likely = sorted((name for name in scores if scores[name] > _NEVER / 2), key=lambda name: -scores[name])
        return [self.columns[self.place[name]] for name in likely[:_IDS]]

    def _id_score(self, column: Column, role: str) -> float:
        """How much a column may hold the ids of a role; `_NEVER` for what is new in every row, times, prices, texts."""
        hint, n = self._hint(column, role), column.rows
        if self.given.get(role) == column.name:
            return 10.0
        if self.small and hint > 0:
            return hint
        timely = column.as_time >= 2 and (hint < 3 or column.numbers is None)
        if column.distinct < 2 or timely or column.is_long or column.missing > 0.9:
            return _NEVER
        if column.is_fraction or (column.is_year and hint <= 0) or (column.stars and hint <= -2):
            return _NEVER
        if column.is_new_in_every_row and (self.is_whole or hint < 3):
            return _NEVER
        if column.distinct <= 2 and not self.small:
            return _NEVER
        score = hint + min(2.0, np.log10(column.distinct))
        score -= 3.0 * (column.missing > 0.3) + 1.0 * (column.distinct > 0.9 * n)
        score -= (
            2.0 * (column.distinct <= 5 and n >= 100) + 1.5 * (column.stars > (2 if self.small else 0)) + column.as_time
        )
        score -= 1.0 * (hint < 3 and column.is_of_the_clock and not self.small)
        score -= 0.5 * self.place[column.name] * self.small
        side = column.shape + self._prefix(column)
        return float(score + (0.5 * side if role == "item" else -0.5 * side))

    def _prefix(self, column: Column) -> float:
        """Whether the letters before the numbers of ids are an item's (above 0) or a user's (below)."""
        letters = column.prefix
        if letters in _PREFIXES or len(letters) < 3:
            return _PREFIXES.get(letters, 0.0)
        said = hints(letters)
        return 3.0 * (said["item"] >= 3) - 3.0 * (said["user"] >= 2)

    def _fit(self, user: Column, item: Column) -> float:
        """How well a user's and an item's column fit together; `_NEVER` where they cannot."""
        score = self._once(self._id_score, user, "user") + self._once(self._id_score, item, "item")
        if self.small or {"user", "item"} <= self.given.keys():
            return score
        for column, other in ((user, item), (item, user)):
            if self._determines(column, other):
                return _NEVER  # everyone with one item, or every item with one user
            score -= self._once(new_values, column, other) < 0.1
        return score - self._attribute(item, user, "item") - self._attribute(user, item, "user")

    def _attribute(self, column: Column, other: Column, role: str) -> float:
        """Points lost by what another column says: a product its category and its title, a user the country.

        A session says its user as well, so there one that has many values loses none.
        """
        if self._hint(column, role) >= 3 or (role == "user" and column.distinct > 10):
            return 0.0
        tellers = [c for c in self.columns if c not in (column, other) and self._is_teller(c, column, other, role)]
        if column.is_wordy and any(not c.is_wordy for c in tellers):
            return 3.0
        return 1.5 * any(column.distinct < 0.5 * c.distinct for c in tellers)

    def _is_teller(self, column: Column, told: Column, other: Column, role: str) -> bool:
        """Whether a column may have a role and determines another, and not the other role's."""
        possible = self._once(self._id_score, column, role) > _NEVER / 2 and column.distinct >= told.distinct
        return possible and self._determines(column, told) and not self._determines(column, other)

    def _side(self, user: Column, item: Column) -> float:
        """Points for one column being the user and the other the item instead of the other way round."""
        place = 1.0 if self.place[user.name] < self.place[item.name] else -1.0
        return place + self._order(user, item) + self._popular(user, item) + self._described(user, item)

    def _order(self, user: Column, item: Column) -> float:
        """A user's rows lie together in time, and often in the file; an item's do not."""
        runs = self._once(in_runs, user), self._once(in_runs, item)
        sorted_by = 1.5 * ((runs[0] > 0.95 > 2 * runs[1]) - (runs[1] > 0.95 > 2 * runs[0]))
        clock = self._clock_of(user, item)
        if clock is None:
            return sorted_by
        if not self._once(_in_order, clock):
            (up, steps), (other_up, other_steps) = self._once(rising, user, clock), self._once(rising, item, clock)
            sorted_by += 2.0 * (min(steps, 3) / 3 * (up >= 0.98) - min(other_steps, 3) / 3 * (other_up >= 0.98))
        sorted_by = float(np.clip(sorted_by, -1.5, 1.5))  # files are sorted by their items, too
        (ours, our_errors), (theirs, their_errors) = (
            self._once(gathered, user, clock),
            self._once(gathered, item, clock),
        )
        if self.small or abs(our_errors - their_errors) <= 4:
            return sorted_by
        return sorted_by + 3.0 * float(np.clip((ours - theirs) / 0.3, -1, 1))

    def _clock_of(self, user: Column, item: Column) -> Column | None:
        """The best column of times that neither of two others determines."""
        clocks = (clock for clock in self._clocks if clock not in (user, item))
        return next((c for c in clocks if not self._determines(user, c) and not self._determines(item, c)), None)

    @cached_property
    def _clocks(self) -> list[Column]:
        """The columns that may be times, the surest first; a few small tables have counts of their own."""
        sure = sorted((c for c in self.columns if c.as_time >= 2), key=lambda c: -self._clock(c))
        named = [c for c in self.columns if c not in sure and self._is_count(c) and self._clock(c) > 2]
        counts = [c for c in self.columns if c not in sure and c not in named and self._is_fine_count(c)]
        return [*sure, *named, *(counts if self.small else [])]

    def _is_count(self, column: Column) -> bool:
        """Whether values may be times since a beginning that only their maker knows."""
        if column.numbers is None or column.distinct < 3 or column.is_index or column.stars:
            return False
        return bool((column.finite >= 0).all())

    def _is_fine_count(self, column: Column) -> bool:
        """As `_is_count`, of a column without a name for it."""
        return self._is_count(column) and column.distinct > 0.3 * column.rows and max(column.finite) > 20

    def _popular(self, user: Column, item: Column) -> float:
        """Some items have far more rows than others, by more than chance; users differ less."""
        if self.small:
            return 0.0
        spread = [np.sqrt(max(0.0, c.counts.var() - c.counts.mean())) / c.counts.mean() for c in (user, item)]
        return 0.5 * (int(spread[1] > 1.25 * spread[0] + 0.2) - int(spread[0] > 1.25 * spread[1] + 0.2))

    def _described(self, user: Column, item: Column) -> float:
        """An item determines its title."""
        titles = [c for c in self.columns if c.is_wordy and c not in (user, item) and not c.is_long]
        told = [any(self._determines(column, title) for title in titles) for column in (user, item)]
        return 1.5 * (told[1] - told[0])

    def _ask_of_pair(
        self, user: Column, item: Column, scores: dict[tuple[Column, Column], tuple[float, float]]
    ) -> None:
        """Note a question where another pair is nearly as good.

        Which of two columns is the item does not depend on the signs by which users and items are told apart.
        """
        fit, side = scores[user, item]
        for pair, (other_fit, other_side) in scores.items():
            swapped = pair[0] is item or pair[1] is user
            ahead = fit - other_fit + 0.5 * (side - other_side) * (pair[0] is not user)
            near = ahead < (_NEAR_SWAPPED if swapped else _NEAR) or self._of_one_person(user, pair[0])
            if pair == (user, item) or not near:
                continue
            differ = [(role, *both) for role, *both in zip(("user", "item"), (user, item), pair, strict=True)]
            differ = [(role, column, other) for role, column, other in differ if column is not other]
            if not swapped and all(self._same(column, other) for _, column, other in differ):
                continue
            for role, column, other in differ:
                said = f"does not tell whether {column.name!r} or {other.name!r} is the {role}"
                self.questions.setdefault(role, said)

    def _of_one_person(self, user: Column, other: Column) -> bool:
        """Whether one of two columns, none named so, may be the sessions or the orders of the other's users."""
        if user is other or self._hint(user, "user") >= 2 or min(user.distinct, other.distinct) <= 10:
            return False
        return self._determines(user, other) or self._determines(other, user)

    def _same(self, column: Column, other: Column) -> bool:
        """Whether two columns name the same things, so that either will do."""
        return self._determines(column, other) and self._determines(other, column)

    # ---- one column

    def _one(self, role: str, chosen: dict[str, Column | None], score) -> Column | None:
        """The column of a role, None for none; notes a question where that is not clear."""
        used = {column.name for column in chosen.values() if column}
        columns = self._left(role, used)
        if role in self.given:
            return columns[0] if columns else None
        rows = [(points, column) for column in columns if (points := score(column, chosen)) > 0.5]
        rows.sort(key=lambda row: -row[0])
        if not rows:
            return None
        (points, best), rest = rows[0], rows[1:]
        if self.small:
            return best
        if points < 2:
            self.questions[role] = f"does not tell whether {best.name!r} is the {role}"
        elif rest and points - rest[0][0] < 0.3 and not self._alike(role, best, rest[0][1]):
            self.questions[role] = f"does not tell whether {best.name!r} or {rest[0][1].name!r} is the {role}"
        return best

    def _alike(self, role: str, column: Column, other: Column) -> bool:
        """Whether it hardly matters which of two columns has a role."""
        if self._same(column, other):
            return True
        if role != "time":
            return False
        pairs = [np.argsort(np.argsort(c.moments, kind="stable")) for c in (column, other)]
        return bool(np.corrcoef(*pairs)[0, 1] > 0.95)

    def _clock(self, column: Column) -> float:
        """How much a column is a time by itself."""
        hint = self._hint(column, "time")
        if self.small and hint > 0:
            return 2 + hint
        content = column.as_time
        if content < 2 and hint >= 3 and self._is_count(column):
            content = 1.0
        if content == 0 or (hint < -1 and content < 3):
            return 0.0
        content = 3.5 if content > 2 else content
        return content + 0.5 * max(hint, -1.5) + 0.5 * float(np.log10(column.distinct)) - 2.0 * column.missing

    def _time(self, column: Column, chosen: dict[str, Column | None]) -> float:
        """How much a column is the time of the interactions."""
        points, item, user = self._clock(column), chosen["item"], chosen["user"]
        if item is not None and points and not self.small and self._determines(item, column):
            return 0.0  # when the item came out
        hint = self._hint(column, "time")
        if not points and user is not None and self._is_fine_count(column) and hint > -1:
            up, steps = self._once(rising, user, column)
            return 2.5 if up >= 0.98 and steps >= 3 else 0.0
        return points

    def _title(self, column: Column, chosen: dict[str, Column | None]) -> float:
        """How much a column is the items' names: words, one for each item."""
        item, hint = chosen["item"], self._hint(column, "title")
        if item is None or column.numbers is not None or not column.distinct or column.as_time >= 2:
            return 0.0
        if self.small:
            return hint
        few = item.rows - item.distinct < 10 and hint >= 3 and column.is_wordy
        told = few or (self._determines(item, column) and column.distinct > 0.5 * item.distinct)
        if not told or hint < 0:
            return 0.0
        shared = set(_words(column.name)) & set(_words(item.name)) if self.named else set()
        return 1.0 * (hint > 0) + 0.5 * hint + 2.5 * column.is_wordy + bool(shared) * 1.0

    def _rating(self, column: Column, chosen: dict[str, Column | None]) -> float:
        """How much a column is the rating: named so and numbers, or like stars."""
        hint = self._hint(column, "rating")
        if self.small and hint > 0:
            return 2 + hint
        if column.numbers is None or column.as_time >= 3 or hint < 0:
            return 0.0
        if hint >= 2:
            return hint + column.stars
        if self.small:
            return 0.0 if self.named else column.stars
        if any(self._determines(other, column) for other in chosen.values() if other):
            return 0.0
        others = [self._hint(other, role) for role, other in chosen.items() if other and role in ("user", "item")]
        doubtful = column.stars < 2 and max(others, default=0) >= 2  # in a table of which names speak this one does not
        return 0.0 if doubtful else column.stars

    # ---- what is implausible

    def _check(self, chosen: dict[str, Column | None]) -> None:
        """Note a question where the values belie what the names say."""
        for role in ("user", "item"):
            column = chosen[role]
            if column is None or role in self.given or self.small or role in self.questions:
                continue
            if self.is_whole and column.distinct > 0.98 * column.rows:
                self.questions[role] = f"has a new {role} in nearly every row of {column.name!r}"
            vain = self._named_in_vain(role)
            if self._hint(column, role) < 2 and vain:
                self.questions[role] = f"does not tell which column is the {role}{vain}"


def _in_order(clock: Column) -> bool:
    """Whether a file is in the order of time as a whole."""
    moments = clock.moments[clock.codes >= 0]
    return bool(len(moments) > 1 and (np.diff(moments) >= 0).mean() >= 0.95)


def _words(name: str) -> list[str]:
    return [word for word in name.lower().replace("-", "_").replace("/", "_").split("_") if word]
