"""All rules, and which findings are the reason of others: a person wants the reason, not its ten consequences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ketenbalans.alerts import (
    rules_balance,
    rules_breaks,
    rules_drift,
    rules_nowcast,
    rules_parts,
    rules_signoff,
    rules_sources,
    rules_volumes,
)
from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.history import lies_out_of_reach, source_of
from ketenbalans.alerts.life import Alert, severity_rank
from ketenbalans.alerts.windows import overlap
from schemas.alert_policy import AlertPolicy
from schemas.alerts import NO_BALANCE, AlertRule, Severity
from schemas.catalogue import linked_sources
from schemas.causes import Cause

Rule = Callable[[Facts, AlertPolicy], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    rules_parts.silent_parts,
    rules_sources.running_incidents,
    rules_sources.silent_sources,
    rules_sources.waiting_dead_letters,
    rules_sources.failed_suites,
    rules_volumes.volumes,
    rules_drift.drifts,
    rules_volumes.silent_units,
    rules_sources.repeated_extracts,
    rules_breaks.floods,
    rules_balance.unexplained,
    rules_balance.gaps_of_units,
    rules_nowcast.missed_nowcasts,
    rules_balance.reported_figures,
    rules_signoff.void_signatures,
    rules_signoff.superseded_figures,
    rules_breaks.past_due,
)

POLICE_CAUSES = frozenset(map(str, Cause))
"""Those of a delivered suspect that is not recognised."""

LINKED = frozenset(source.name for source in linked_sources())

ABOUT_THE_BALANCE = frozenset(
    {
        AlertRule.BREAK_FLOOD,
        AlertRule.UNEXPLAINED,
        AlertRule.GAP_OF_UNIT,
        AlertRule.REPORTED_CHANGED,
        AlertRule.NOWCAST_MISSED,
    }
)
ABOUT_WHAT_CAME = frozenset({AlertRule.VOLUME, AlertRule.DRIFT, AlertRule.UNIT_SILENT})

IS_THE_REASON_OF: dict[AlertRule, frozenset[AlertRule]] = {
    AlertRule.PART_DOWN: frozenset({AlertRule.SOURCE_SILENT}),  # of every source: all of them need it
    AlertRule.INCIDENT: ABOUT_THE_BALANCE | ABOUT_WHAT_CAME,
    AlertRule.CHAIN_KEY: ABOUT_THE_BALANCE,
    AlertRule.EXTRACT_REPEATED: ABOUT_THE_BALANCE | ABOUT_WHAT_CAME,
    AlertRule.VOLUME: ABOUT_THE_BALANCE | {AlertRule.UNIT_SILENT, AlertRule.VOLUME},
    AlertRule.DRIFT: ABOUT_THE_BALANCE,
    AlertRule.UNIT_SILENT: ABOUT_THE_BALANCE,
    AlertRule.BREAK_FLOOD: frozenset({AlertRule.UNEXPLAINED, AlertRule.GAP_OF_UNIT, AlertRule.PAST_DUE}),
}
"""While a finding of a rule stands, what it brings about is held back: of its own source, year, or in the balance."""


def findings(facts: Facts, policy: AlertPolicy) -> list[Finding]:
    """Everything that holds, in the order of the rules, each with the alerts that are its reason.

    What cannot be judged now is found as it stands: an alert that nobody could look at is not over. It speaks for
    nothing, for nobody knows how much of it there is by now.
    """
    found: dict[str, Finding] = {}
    for rule in RULES:
        for finding in rule(facts, policy):
            found.setdefault(finding.alert_id, finding)
    judged = list(found.values())
    for alert in facts.standing.values():
        if alert.alert_id not in found and _cannot_be_judged(alert, facts, policy):
            found[alert.alert_id] = _as_it_stands(alert)
    return [_with_reasons(one, judged) for one in found.values()]


def _cannot_be_judged(alert: Alert, facts: Facts, policy: AlertPolicy) -> bool:
    """Whether what the rule of an alert looks at is not there now, which is not the same as that nothing is wrong."""
    match alert.rule:
        case AlertRule.GAP_OF_UNIT:
            unknown = facts.as_of is None or not facts.is_linked
        case AlertRule.NOWCAST_MISSED:
            unknown = alert.period not in facts.paces
        case AlertRule.UNEXPLAINED | AlertRule.REPORTED_CHANGED:
            unknown = alert.period in facts.not_balanced
        case AlertRule.SIGNATURE_VOID | AlertRule.FIGURES_SUPERSEDED:
            unknown = rules_signoff.cannot_be_judged(alert, facts)
        case AlertRule.EXTRACT_REPEATED:
            unknown = alert.period is not None and rules_sources.lies_out_of_reach(alert.period, alert.subject, facts)
        case AlertRule.UNIT_SILENT:
            unknown = rules_volumes.is_still_silent(alert, facts)
        case AlertRule.VOLUME | AlertRule.DRIFT:
            unknown = lies_out_of_reach(alert, facts, policy)
        case _:
            unknown = False
    return unknown


def _as_it_stands(alert: Alert) -> Finding:
    return Finding(
        rule=alert.rule,
        subject=alert.subject,
        other_severity=alert.severity,
        says=alert.says,
        evidence=alert.evidence,
        mark=alert.mark,
        period=alert.period,
        amount=alert.amount,
    )


def _with_reasons(one: Finding, found: Sequence[Finding]) -> Finding:
    return replace(one, held_back_reasons=tuple(other.alert_id for other in found if _is_the_reason_of(other, one)))


def _is_the_reason_of(reason: Finding, other: Finding) -> bool:
    """Whether one finding is the reason of another.

    What changed no figure is the reason of nothing, and what is more severe than its reason is reported by itself.
    """
    if reason.severity is Severity.NOTICE or other.rule not in IS_THE_REASON_OF.get(reason.rule, frozenset()):
        return False
    if severity_rank(other.severity) < severity_rank(reason.severity):
        return False
    if reason.rule is AlertRule.BREAK_FLOOD:
        return _is_of_the_flood(reason, other)
    if other.rule in ABOUT_THE_BALANCE:
        return _source_of(reason) in LINKED or reason.subject == NO_BALANCE
    if reason.rule is AlertRule.VOLUME:
        is_whole = reason.subject == _source_of(reason) == _source_of(other) != other.subject
        return is_whole and (other.rule is AlertRule.VOLUME or _has_fallen(reason))
    return reason.rule is AlertRule.PART_DOWN or _source_of(reason) == _source_of(other)


def _is_of_the_flood(flood: Finding, other: Finding) -> bool:
    """Whether a flood of breaks is what another finding counts: it hides nothing that is beside it.

    Breaks of another cause make nobody missing, a registration that only the OM counts is no gap of a unit, and no more
    breaks can be past due because of a flood than are open in it.
    """
    assert flood.period is not None, "a flood is of a year"
    assert other.period is not None, "so is what it may be the reason of, or of a window"
    if other.rule is AlertRule.GAP_OF_UNIT:
        return flood.evidence["cause"] in POLICE_CAUSES and overlap(flood.period, other.period)
    if flood.period != other.period:
        return False
    if other.rule is AlertRule.UNEXPLAINED:
        return flood.evidence["cause"] == Cause.MISSING
    return (other.amount or 0) <= float(flood.evidence["open_breaks"])


def _has_fallen(volume: Finding) -> bool:
    """Whether a source reported too little: then its silent units are no news of their own."""
    return float(volume.evidence["counted"]) < float(volume.evidence["usual"])


def _source_of(finding: Finding) -> str:
    """The source that a finding is about: its subject up to a column or a unit, or what its evidence says."""
    return str(finding.evidence.get("source", source_of(finding.subject)))
