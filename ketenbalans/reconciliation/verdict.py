"""Judge a balance in one word: the first that holds (docs/counting-rules.md). Pure: no I/O, no clock, no logging."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from schemas.alert_policy import AlertPolicy
from schemas.answer import BalanceAnswer
from schemas.breaks import BreakState
from schemas.catalogue import POLICE
from schemas.causes import Cause
from schemas.period import Period
from schemas.verdicts import BalanceVerdict, Judgement


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a period on a day, and what keeps it from being all.

    Attributes:
        period: what is asked about.
        as_of: the day whose knowledge is used.
        covered: the last day that both registers cover; None: there is none.
        without_extract: the registers of which no extract is loaded.
        is_any_record_known: whether either register had recorded anything by the end of the day.
        first_recorded: the day of the first record of either; None while both are empty, or where any record is known.
        is_any_of_the_period_known: whether a delivery or a registration of the period was recorded by the day's end.
        standing_still: per linked source that stands still: the incidents that stop it in a few words.
        letters: per linked source with dead letters that wait: how many.
    """

    period: Period
    as_of: date
    covered: date | None
    without_extract: tuple[str, ...] = ()
    is_any_record_known: bool
    first_recorded: date | None = None
    is_any_of_the_period_known: bool
    standing_still: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, int] = field(default_factory=dict)


def why_incomplete(known: Known) -> str:
    """Why not all that belongs to a balance is known: every reason that holds; empty when it is complete."""
    return "; ".join(_what_lacks(known))


def _what_lacks(known: Known) -> Iterator[str]:
    if known.covered is None:
        yield f"no extract of {' and '.join(known.without_extract)} is loaded, so no day is covered"
    elif known.as_of > known.covered:
        yield f"{known.as_of} lies after {known.covered}, the last day that both registers cover"
    if not known.is_any_record_known:
        first = f": the first record of either is of {known.first_recorded}" if known.first_recorded else ""
        yield f"on {known.as_of} both registers were empty{first}"
    elif known.period.start > known.as_of:
        yield f"the period begins on {known.period.start}, after {known.as_of}"
    elif not known.is_any_of_the_period_known:
        yield f"on {known.as_of} no delivery and no registration of {known.period} was known"
    for source, incident in known.standing_still.items():
        yield f"{source} stands still by {incident}"
    for source, letters in known.letters.items():
        yield f"1 dead letter of {source} waits" if letters == 1 else f"{letters} dead letters of {source} wait"


def judge(
    answer: BalanceAnswer, *, incomplete: str, policy: AlertPolicy, breaks: Callable[[], pl.DataFrame]
) -> Judgement:
    """Give the verdict on a balance: exactly one, always.

    Args:
        answer: the balance as it is answered; other parties count as the police do.
        incomplete: why not all is known (``why_incomplete``).
        policy: how many suspects may be missing. A policy, so it has no default (ADR 0015).
        breaks: the breaks of the period as they stand on the day (``break_life.LIFE``); called only when the verdict
            hangs on them.
    """
    if incomplete:
        return Judgement(BalanceVerdict.INCOMPLETE, incomplete)
    if unexplained := "; ".join(_too_many_missing(answer, policy)):
        return Judgement(BalanceVerdict.UNEXPLAINED, unexplained)
    stands = breaks()
    for verdict, state, (one, several) in (
        (BalanceVerdict.OPEN, BreakState.OPEN, ("break is open", "breaks are open")),
        (BalanceVerdict.WAITING, BreakState.WAITING, ("break waits", "breaks wait")),
    ):
        of_the_state = stands.filter(pl.col("state") == state.value)
        if not of_the_state.is_empty():
            number_of_breaks = f"{of_the_state.height} {one if of_the_state.height == 1 else several}"
            return Judgement(verdict, f"{number_of_breaks}: {_by_cause(of_the_state)}")
    counted = dict(stands.group_by("state").len().iter_rows())
    counts = [f"{counted.get(BreakState.EXPLAINED.value, 0)} explained"]
    held = (BreakState.ACKNOWLEDGED.value, BreakState.ACCEPTED.value)
    counts.extend(f"{counted[state]} {state}" for state in held if state in counted)
    return Judgement(BalanceVerdict.EXPLAINED, f"no break is open or waits: {', '.join(counts)}")


def _too_many_missing(answer: BalanceAnswer, policy: AlertPolicy) -> Iterator[str]:
    for party in answer.parties:
        missing, delivered = party.total.causes[Cause.MISSING.value], party.total.delivered
        allowed = policy.missing_allowed(delivered)
        if missing > allowed:
            suspects = "delivered suspects" if party.party == POLICE else f"suspects delivered by {party.party}"
            is_missing = "is missing" if missing == 1 else "are missing"
            is_allowed = "is allowed" if allowed == 1 else "are allowed"
            yield f"{missing} of {delivered} {suspects} {is_missing}, {allowed} {is_allowed}"


def _by_cause(breaks: pl.DataFrame) -> str:
    counted = breaks.group_by("cause").len().sort(pl.col("len"), "cause", descending=[True, False])
    return ", ".join(f"{rows} {cause}" for cause, rows in counted.iter_rows())
