"""An alert in words: what was found, what it rests on, what to do. Counts, days, units; never a value of a record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ketenbalans.alerts.life import Alert, severity_rank
from ketenbalans.alerts.runbook import BALANCE_PAGE, remedy_of, runbook_of
from schemas.alerts import AlertEvent, AlertStep, Severity
from schemas.control_signs import escape_control_signs
from schemas.period import AMSTERDAM

PREFIX = "[Ketenbalans]"

HEADLINE = {
    Severity.CRITICAL: "CRITICAL",
    Severity.WARNING: "warning",
    Severity.NOTICE: "notice, no figure is wrong",
}
"""How a headline begins: a notice looks unlike what somebody has to act on."""

SIGN = {
    Severity.CRITICAL: "\N{OCTAGONAL SIGN}",
    Severity.WARNING: "\N{WARNING SIGN}",
    Severity.NOTICE: "\N{INFORMATION SOURCE}",
}
"""One sign per severity, where a sign can be shown; a word always stands beside it."""

OVER = "\N{WHITE HEAVY CHECK MARK}"

IMPORTANCE = {Severity.CRITICAL: "high", Severity.WARNING: "normal", Severity.NOTICE: "low"}
"""A mail's ``Importance`` (RFC 2156)."""


@dataclass(frozen=True)
class AlertMessage:
    """Something to send.

    Attributes:
        headline: one line.
        text: the rest.
        sign: one sign for how severe the worst of it is.
        importance: the same, as a mail says it.
    """

    headline: str
    text: str
    sign: str = SIGN[Severity.NOTICE]
    importance: str = IMPORTANCE[Severity.NOTICE]


@dataclass(frozen=True)
class Places:
    """Where somebody can look further: the Airflow UI and the runbooks; None: not known."""

    airflow: str | None = None
    docs: str | None = None

    @property
    def balance(self) -> str | None:
        """The page behind "Balance", where everything stands."""
        return f"{self.airflow.rstrip('/')}/{BALANCE_PAGE}" if self.airflow else None


Cleaned = TypeVar("Cleaned", AlertEvent, Alert)


def without_control_signs(one: Cleaned) -> Cleaned:
    """A step or an alert whose texts are on one line each, whatever a source or a person wrote."""
    evidence = {name: _plain(value) for name, value in one.evidence.items()}
    return replace(one, subject=_plain(one.subject), says=_plain(one.says), note=_plain(one.note), evidence=evidence)


def message_of(event: AlertEvent, places: Places) -> AlertMessage:
    """One step, sent by itself."""
    event = without_control_signs(event)
    is_over = event.step is AlertStep.RESOLVED
    return AlertMessage(
        headline=f"{PREFIX} {_headline(event)}",
        text="\n".join(_lines(event, places)) + "\n",
        sign=OVER if is_over else SIGN[event.severity],
        importance=IMPORTANCE[Severity.NOTICE if is_over else event.severity],
    )


def digest_of(events: Sequence[AlertEvent], places: Places) -> AlertMessage:
    """Several steps in one message: what was raised, the most severe first, then what is over.

    A single one is sent by itself.
    """
    if len(events) == 1:
        return message_of(events[0], places)
    ordered = sorted(map(without_control_signs, events), key=_order)
    raised = [event for event in ordered if event.step is not AlertStep.RESOLVED]
    blocks = ["\n".join([_headline(event), *_lines(event, places)]) for event in ordered]
    worst = raised[0].severity if raised else Severity.NOTICE
    return AlertMessage(
        headline=f"{PREFIX} digest: {_how_many(raised, resolved=len(ordered) - len(raised))}",
        text="\n\n".join(blocks) + "\n",
        sign=SIGN[worst] if raised else OVER,
        importance=IMPORTANCE[worst],
    )


def trial_message(places: Places) -> AlertMessage:
    """What ``alerts test`` sends: it asks nothing of anybody."""
    lines = [
        "This is a test of the channels that alerts are sent by. Nothing is wrong, and nothing is to be done.",
        "",
        *_where(places),
    ]
    return AlertMessage(headline=f"{PREFIX} test: this channel works", text="\n".join(lines).rstrip() + "\n")


def _how_many(raised: Sequence[AlertEvent], *, resolved: int) -> str:
    """For example ``1 critical, 2 warnings, 1 resolved``."""
    counts = []
    for severity in Severity:
        number = sum(event.severity is severity for event in raised)
        many = severity.value if severity is Severity.CRITICAL or number == 1 else f"{severity.value}s"
        counts.append((number, many))
    return ", ".join(f"{number} {what}" for number, what in [*counts, (resolved, "resolved")] if number)


def _order(event: AlertEvent) -> tuple[bool, int]:
    is_over = event.step is AlertStep.RESOLVED
    return is_over, 0 if is_over else severity_rank(event.severity)


def _headline(event: AlertEvent) -> str:
    what = f"{event.rule.value.replace('_', ' ')} {event.subject}"
    if event.step is AlertStep.RESOLVED:
        return f"resolved: {what}"
    return f"{HEADLINE[event.severity]}: {what}"


def _lines(event: AlertEvent, places: Places) -> list[str]:
    says = event.says.removesuffix(".")
    if event.step is AlertStep.RESOLVED:
        who = f"{event.by}: {event.note}" if event.by else "by itself, the rule no longer holds"
        over = f"Over since {event.at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M} ({who})."
        return [f"What was found last: {says}.", over, *_where(places)]
    numbers = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in event.evidence.items())
    evidence = f"Evidence: {numbers}." if numbers else ""
    found = [f"{says}.", "", evidence] if evidence else [f"{says}.", ""]
    lines = [*found, f"What to do: {remedy_of(event.rule, event.subject)}", ""]
    if event.severity is Severity.NOTICE:
        lines.append(f"Details:  ketenbalans alerts show {event.alert_id}")
    elif event.event_number is not None:  # what the warehouse could not keep cannot be taken there
        lines.append(f"Take it:  ketenbalans alerts acknowledge {event.alert_id} --note '...'")
    return [*lines, f"Runbook:  {runbook_of(event.rule, places.docs)}", *_where(places)]


def _where(places: Places) -> list[str]:
    return [f"Balance:  {places.balance}"] if places.balance else []


Value = TypeVar("Value")


def _plain(value: Value) -> Value:
    return escape_control_signs(value) if isinstance(value, str) else value  # type: ignore[return-value]
