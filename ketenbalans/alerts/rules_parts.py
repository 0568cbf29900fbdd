"""The rule about the parts that every source needs: Kafka, the warehouse and, where it is known, Airflow."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from ketenbalans.alerts.facts import Facts, SilentPart
from ketenbalans.alerts.finding import Finding
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.period import AMSTERDAM

KAFKA, WAREHOUSE, AIRFLOW = "kafka", "warehouse", "airflow"

MEANS = {
    KAFKA: "nothing is published and nothing is loaded",
    WAREHOUSE: "nothing is loaded, balanced, reported or kept, other alerts included",
    AIRFLOW: "no DAG runs, or not all that a DAG needs",
}
"""What it means that a part does not answer."""

TITLES = {KAFKA: "Kafka", WAREHOUSE: "The warehouse", AIRFLOW: "Airflow"}


def silent_parts(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """A part that every source needs and that does not answer."""
    loaded = {name: received[-1].recorded_at for name, received in facts.received.items() if received}
    for part in facts.silent_parts:
        finding = part_down(part, facts.sources)
        last = {f"{name}_last_extract": _clock(moment) for name, moment in loaded.items() if name in facts.sources}
        yield replace(finding, evidence={**finding.evidence, **last})


def part_down(part: SilentPart, sources: Collection[str], *, also: Collection[str] = ()) -> Finding:
    """What is found of a part that does not answer.

    Args:
        part: the part.
        sources: those that stand still because of it.
        also: other parts that do not answer either.
    """
    pieces = "" if part.pieces == (part.name,) else f" ({', '.join(part.pieces)})"
    others = f". {' and '.join(TITLES[name] for name in also)} did not answer either" if also else ""
    return Finding(
        rule=AlertRule.PART_DOWN,
        subject=part.name,
        says=f"{TITLES[part.name]}{pieces} at {part.place} has not answered since {_clock(part.since)}: "
        f"{MEANS[part.name]}. Standing still: {', '.join(sources)}{others}",
        evidence={"silent_since": part.since.isoformat(timespec="seconds"), "sources_standing_still": len(sources)},
        mark=part.since.isoformat(timespec="seconds"),
    )


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M:%S}"
