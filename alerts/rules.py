"""All rules, and which findings speak for others: a person wants the reason told, not its ten consequences."""

from collections.abc import Callable, Iterator

from alerts import rules_balance, rules_parts, rules_sources, rules_volumes
from alerts.facts import Facts
from alerts.finding import Finding
from schemas.alert_policy import AlertPolicy
from schemas.alerts import NO_BALANCE, AlertRule, Severity
from schemas.catalogue import linked_sources

Rule = Callable[[Facts, AlertPolicy], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    rules_parts.silent_parts,
    rules_sources.running_incidents,
    rules_sources.silent_sources,
    rules_sources.waiting_dead_letters,
    rules_sources.failed_suites,
    rules_volumes.volumes,
    rules_volumes.drifts,
    rules_volumes.silent_units,
    rules_sources.repeated_extracts,
    rules_balance.unexplained,
    rules_balance.gaps_of_units,
    rules_balance.reported_figures,
    rules_balance.past_due,
)

LINKED = frozenset(source.name for source in linked_sources())

ABOUT_THE_BALANCE = frozenset({AlertRule.UNEXPLAINED, AlertRule.GAP_OF_UNIT, AlertRule.REPORTED_CHANGED})
ABOUT_WHAT_CAME = frozenset({AlertRule.VOLUME, AlertRule.DRIFT, AlertRule.UNIT_SILENT})

SPEAKS_FOR: dict[AlertRule, frozenset[AlertRule]] = {
    AlertRule.PART_DOWN: frozenset({AlertRule.SOURCE_SILENT}),  # of every source: all of them need it
    AlertRule.INCIDENT: ABOUT_THE_BALANCE | ABOUT_WHAT_CAME,
    AlertRule.CHAIN_KEY: ABOUT_THE_BALANCE,
    AlertRule.EXTRACT_REPEATED: ABOUT_THE_BALANCE | ABOUT_WHAT_CAME,
    AlertRule.VOLUME: ABOUT_THE_BALANCE | {AlertRule.UNIT_SILENT},
    AlertRule.DRIFT: ABOUT_THE_BALANCE,
    AlertRule.UNIT_SILENT: ABOUT_THE_BALANCE,
}
"""While a finding of a rule stands, what it would bring about is not told: of its own source, or in the balance."""


def findings(facts: Facts, policy: AlertPolicy) -> list[Finding]:
    """Everything that holds and is worth telling, in the order of the rules."""
    found: list[Finding] = []
    for rule in RULES:
        for finding in rule(facts, policy):
            if finding.alert_id not in {one.alert_id for one in found}:  # two incidents of a subject are one alert
                found.append(finding)
    return [one for one in found if not any(_speaks_for(other, one) for other in found)]


def _speaks_for(reason: Finding, other: Finding) -> bool:
    """Whether one finding is the reason of another. What changed no figure is the reason of nothing."""
    if reason.severity is Severity.NOTICE or other.rule not in SPEAKS_FOR.get(reason.rule, frozenset()):
        return False
    if other.rule in ABOUT_THE_BALANCE:
        return _source_of(reason) in LINKED or reason.subject == NO_BALANCE
    if reason.rule is AlertRule.VOLUME and not _tells_too_little(reason):
        return False
    return reason.rule is AlertRule.PART_DOWN or _source_of(reason) == _source_of(other)


def _tells_too_little(volume: Finding) -> bool:
    """Whether a whole source told too little: then its silent units are no news of their own."""
    is_whole = volume.subject == _source_of(volume)
    return is_whole and float(volume.evidence["counted"]) < float(volume.evidence["usual"])


def _source_of(finding: Finding) -> str:
    """The source that a finding is about: its subject up to a column or a unit, or what its evidence says."""
    return str(finding.evidence.get("source", finding.subject.partition(".")[0].partition("/")[0]))
