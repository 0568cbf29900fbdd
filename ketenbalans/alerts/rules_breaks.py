"""Rules about the breaks that are kept: a flood of them, and those that nobody took."""

from collections.abc import Iterator
from datetime import date

from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.period import Period


def floods(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """Very many breaks of one cause that one balance of a year found, and that still stand: one alert for all of them.

    Each balance is a subject of its own, so a later one without a flood ends none.
    """
    for one in facts.new_breaks:
        if one.breaks > policy.flood_breaks:
            yield Finding(
                rule=AlertRule.BREAK_FLOOD,
                subject=f"{one.year}/{one.cause}/{one.found_on}",
                says=f"{one.breaks} breaks of {one.year} with the cause {one.cause} were found at once, by the balance "
                f"of {one.found_on}, and still stand; more than {policy.flood_breaks} are raised as one",
                evidence={
                    "breaks": one.breaks,
                    "open_breaks": one.open_breaks,
                    "cause": one.cause,
                    "found_on": one.found_on.isoformat(),
                },
                mark=one.found_on.isoformat(),
                period=Period.of_year(one.year),
                amount=one.breaks,
            )


def past_due(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """Open breaks that nobody took in time."""
    for one in facts.past_due:
        of_so_many = f" of {one.open_breaks}" if one.open_breaks != one.breaks else ""
        period = Period.of_year(one.year)
        yield Finding(
            rule=AlertRule.PAST_DUE,
            subject=str(one.year),
            says=f"open breaks of {one.year} that nobody took within {policy.take_within_days} days: "
            f"{one.breaks}{of_so_many}, the first one open since {one.since}, as known on {one.as_of}"
            f"{before_the_balance(facts, period, known_on=one.as_of)}",
            evidence={
                "breaks": one.breaks,
                "open_breaks": one.open_breaks,
                "first_open_since": one.since.isoformat(),
                "as_of": one.as_of.isoformat(),
            },
            mark=f"{one.breaks} {one.since}",
            period=period,
            amount=one.breaks,
        )


def before_the_balance(facts: Facts, period: Period, *, known_on: date) -> str:
    """What is added to a sentence about a balance while a newer one is still to be made; nothing otherwise."""
    day = facts.behind.get(period)
    if day is None:
        return ""
    return f", before the balance of {day if day != known_on else 'what was loaded since'}"
