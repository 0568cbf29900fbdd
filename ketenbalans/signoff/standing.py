"""Where a figure set stands: what persons did, and whether its question still has the answer that they signed.

Pure: what is stored in, the state and what moved it out. ``void`` compares figures and never fingerprints, so a load
or a replay that changes no figure voids nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from ketenbalans.signoff.figure_set import COMPARED_BETWEEN_DAYS, FigureSet
from schemas.json_object import JsonObject, fields_to_json
from schemas.period import Period
from schemas.signoff import SignoffAct, SignoffState, SignoffStep

FEW = 100
"""So many breaks that moved are named; of the others it is said how many there are."""

Breaks = Mapping[str, tuple[str, str]]
"""Breaks that stand, by id: state and cause."""


@dataclass(frozen=True, kw_only=True)
class MovedFigure:
    """A figure (``FigureSet.figures``) as it was signed and as it is now."""

    figure: str
    signed: int
    now: int

    def to_json(self) -> JsonObject:
        """One of ``moved``, as ``signoff --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class MovedBreak:
    """A break that stands otherwise than when the figures were signed.

    Attributes:
        break_id: the break.
        signed: its state and cause then; None: there was none.
        now: likewise; None: it no longer stands.
    """

    break_id: str
    signed: str | None
    now: str | None

    def to_json(self) -> JsonObject:
        """One of ``breaks``, as ``signoff --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class LateLoad:
    """A load since the figures were prepared that brought what was recorded by their day.

    Attributes:
        source: whose events; ``decisions`` for what persons decided.
        load_number: of the source; of decisions the number of the last one.
        rows: how many of its events, or decisions, are of that day or an earlier one.
    """

    source: str
    load_number: int
    rows: int

    def to_json(self) -> JsonObject:
        """One of ``loads``, as ``signoff --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class SignedMovement:
    """What moved signed figures, as far as what is stored tells.

    Attributes:
        as_of: the day of the other answer: the same one where it voids, a later one where it supersedes.
        figures: those that moved, by name.
        breaks: those that moved, by id; at most ``FEW``.
        breaks_in_all: how many did.
        loads: those that brought it; none where a later day did.
    """

    as_of: date
    figures: tuple[MovedFigure, ...]
    breaks: tuple[MovedBreak, ...] = ()
    breaks_in_all: int = 0
    loads: tuple[LateLoad, ...] = ()

    def to_json(self) -> JsonObject:
        """``movement``, as ``signoff --json`` prints it."""
        return {
            "as_of": self.as_of.isoformat(),
            "figures": [one.to_json() for one in self.figures],
            "breaks": [one.to_json() for one in self.breaks],
            "breaks_in_all": self.breaks_in_all,
            "loads": [one.to_json() for one in self.loads],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError: a key is missing.
        """
        return cls(
            as_of=date.fromisoformat(document["as_of"]),
            figures=tuple(MovedFigure(**one) for one in document["figures"]),
            breaks=tuple(MovedBreak(**one) for one in document["breaks"]),
            breaks_in_all=document["breaks_in_all"],
            loads=tuple(LateLoad(**one) for one in document["loads"]),
        )


@dataclass(frozen=True, kw_only=True)
class Signoff:
    """A figure set that was prepared, as it stands.

    Attributes:
        set_id: its name, the digest of what was signed.
        period: what it counts.
        as_of: the day whose knowledge was signed.
        figures: what was signed; None: what is stored is no longer that, since its document has another digest.
        state: where it stands.
        acts: what persons did, the oldest first; at least that it was prepared.
        movement: what moved its figures; None: nothing did, or it was withdrawn.
        not_judged: why nobody can say now whether it still holds; empty when it was judged.
        replaced_by: the set of the same period, of its day or a later one, that was approved after it; None: none was.
    """

    set_id: str
    period: Period
    as_of: date
    figures: FigureSet | None
    state: SignoffState
    acts: tuple[SignoffStep, ...]
    movement: SignedMovement | None = None
    not_judged: str = ""
    replaced_by: str | None = None

    @property
    def prepared(self) -> SignoffStep:
        """Who prepared it last, and when."""
        return next(step for step in reversed(self.acts) if step.act is SignoffAct.PREPARED)

    @property
    def approved(self) -> SignoffStep | None:
        """Who approved it since, and when; None: nobody did, or that was withdrawn."""
        return self.acts[-1] if self.acts[-1].act is SignoffAct.APPROVED else None

    @property
    def short_id(self) -> str:
        """So much of its name that a person can type it."""
        return short(self.set_id)

    def to_json(self) -> JsonObject:
        """The set as ``signoff list --json`` prints it."""
        return {
            "figure_set": self.set_id,
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "as_of": self.as_of.isoformat(),
            "state": self.state.value,
            **({} if self.figures is None else {"synthetic": self.figures.synthetic}),
            "acts": [one.to_json() for one in self.acts],
            "movement": None if self.movement is None else self.movement.to_json(),
            **({"not_judged": self.not_judged} if self.not_judged else {}),
            "replaced_by": self.replaced_by,
        }

    def to_whole_json(self) -> JsonObject:
        """The set with what was signed, as ``signoff show --json`` prints it."""
        return {**self.to_json(), "signed": None if self.figures is None else self.figures.to_json()}


def short(set_id: str) -> str:
    """The first digits of the name of a set: enough to tell it from others."""
    return set_id[:12]


def state_of(acts: Sequence[SignoffStep], *, is_void: bool, is_superseded: bool) -> SignoffState:
    """Where a set stands. What was withdrawn stays withdrawn, whatever comes in; what is void is not superseded too."""
    last = acts[-1].act
    if last is SignoffAct.WITHDRAWN:
        return SignoffState.WITHDRAWN
    if is_void:
        return SignoffState.VOID
    if is_superseded:
        return SignoffState.SUPERSEDED
    return SignoffState.APPROVED if last is SignoffAct.APPROVED else SignoffState.PREPARED


def moved_figures(signed: FigureSet, now: Mapping[str, int]) -> tuple[MovedFigure, ...]:
    """The figures of a question that has another answer now (``figures_of``); what is not there counts as 0.

    The counts of the balance come first, then those by cause, then all others, each by name.

    What the code did not count yet when it was signed is left out.
    """
    names = {*signed.figures, *(name for name in now if name.partition(".")[0] in signed.counted)}
    in_order = sorted(names, key=lambda name: (name.partition(".")[0] not in COMPARED_BETWEEN_DAYS, "." in name, name))
    pairs = ((name, signed.figures.get(name, 0), now.get(name, 0)) for name in in_order)
    return tuple(MovedFigure(figure=name, signed=before, now=after) for name, before, after in pairs if before != after)


def figures_superseded(signed: FigureSet, later: Mapping[str, int]) -> tuple[MovedFigure, ...]:
    """The figures that a later day moved by more than was agreed; empty: none is superseded.

    Args:
        signed: what was signed.
        later: the figures of the same period as known on a later day.
    """
    return tuple(
        one
        for one in moved_figures(signed, later)
        if one.figure.partition(".")[0] in COMPARED_BETWEEN_DAYS
        and abs(one.now - one.signed) > signed.later_day_may_move
    )


def moved_breaks(signed: Breaks, now: Breaks) -> list[MovedBreak]:
    """The breaks that stand otherwise, came or went, by id."""

    def in_words(breaks: Breaks, break_id: str) -> str | None:
        return " ".join(breaks[break_id]).strip() if break_id in breaks else None

    return [
        MovedBreak(break_id=one, signed=in_words(signed, one), now=in_words(now, one))
        for one in sorted({*signed, *now})
        if signed.get(one) != now.get(one)
    ]


def replacements(signed: Sequence[tuple[str, Period, date, datetime | None]]) -> dict[str, str]:
    """Per set the one that was approved after it, of the same period and of its day or a later one; the newest.

    Args:
        signed: of each set its name, its period, its day, and when it was approved; None: it is not.
    """
    found: dict[str, str] = {}
    approved = [(at, set_id, period, day) for set_id, period, day, at in signed if at is not None]
    for set_id, period, day, at in signed:
        after = [
            one for one in approved if one[1] != set_id and one[2] == period and one[3] >= day and at and one[0] > at
        ]
        if after:
            found[set_id] = max(after, key=lambda one: one[0])[1]
    return found
