"""What the three sources hand over for each covered day, as rows: what a fault of ``scenarios.faults`` changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from scenarios.extract_files import rows_per_set
from scenarios.hotline import ReportRow
from scenarios.moments import day_of
from scenarios.rows import DeliveryRow, RegistrationRow
from scenarios.scenario import REPEATED_REPORTS, REPEATED_ROWS, Scenario

POLICE, OM, HOTLINE = "police_deliveries", "om_registrations", "hotline_reports"
FIELDS = {POLICE: "police", OM: "om", HOTLINE: "hotline"}

AnyRow = TypeVar("AnyRow", DeliveryRow, RegistrationRow, ReportRow)


@dataclass(frozen=True)
class ExtractSet:
    """What the sources hand over for one covered day. Sources are named as their tables are.

    Attributes:
        covers: the last day that the three extracts speak of.
        police: the rows of the police's extract, in the order of the file.
        om: the rows of the OM's extract.
        hotline: the rows of the hotline's extract.
        received: how many times the extract of each source is handed over; 2 is sent twice.
        other_chain_key: the sources whose extract was pseudonymised under another key than the usual one.
    """

    covers: date
    police: list[DeliveryRow]
    om: list[RegistrationRow]
    hotline: list[ReportRow]
    received: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys((POLICE, OM, HOTLINE), 1))
    other_chain_key: frozenset[str] = frozenset()


def extract_sets(scenario: Scenario) -> list[ExtractSet]:
    """Divide what a scenario tells over its covered days, each set with the usual repeated rows of the one before."""
    chain = scenario.told.chain
    return divided(
        scenario.covers,
        police=[row for delivery in chain.deliveries for row in delivery.rows],
        om=[row for registration in chain.registrations for row in registration.rows],
        hotline=scenario.told.reports,
    )


def divided(
    covers: Sequence[date],
    *,
    police: Sequence[DeliveryRow],
    om: Sequence[RegistrationRow],
    hotline: Sequence[ReportRow],
) -> list[ExtractSet]:
    """Divide rows over sets by the day they were recorded on; what is recorded after the last one is left out."""
    by_source = zip(
        rows_per_set(police, covers, repeated=REPEATED_ROWS),
        rows_per_set(om, covers, repeated=REPEATED_ROWS),
        rows_per_set(hotline, covers, repeated=REPEATED_REPORTS),
        strict=True,
    )
    return [
        ExtractSet(day, police_rows, om_rows, report_rows)
        for (day, police_rows), (_, om_rows), (_, report_rows) in by_source
    ]


def told_once(extracts: Iterable[Sequence[AnyRow]]) -> list[AnyRow]:
    """List the rows of the extracts of one source in their order, a repeated row once."""
    return list(dict.fromkeys(row for extract in extracts for row in extract))


def told_again(
    sets: Sequence[ExtractSet],
    *,
    police: Sequence[DeliveryRow] | None = None,
    om: Sequence[RegistrationRow] | None = None,
    hotline: Sequence[ReportRow] | None = None,
) -> list[ExtractSet]:
    """Put other rows in place of those of some sources, divided anew with the usual repeated rows."""
    anew = divided([one.covers for one in sets], police=police or (), om=om or (), hotline=hotline or ())
    return [
        replace(
            old,
            police=old.police if police is None else new.police,
            om=old.om if om is None else new.om,
            hotline=old.hotline if hotline is None else new.hotline,
        )
        for old, new in zip(sets, anew, strict=True)
    ]


def without_repeats(sets: Sequence[ExtractSet], source: str, covers: date) -> list[ExtractSet]:
    """Leave what an earlier set told already out of one extract: a source may repeat rows, it need not."""
    place, field_name = place_of(covers, sets), FIELDS[source]
    after = sets[place - 1].covers
    news: dict[str, Any] = {
        field_name: [row for row in getattr(sets[place], field_name) if day_of(row.recorded_at) > after]
    }
    return [*sets[:place], replace(sets[place], **news), *sets[place + 1 :]]


def place_of(covers: date, sets: Sequence[ExtractSet]) -> int:
    """Return the place of the set that covers until a day."""
    return [one.covers for one in sets].index(covers)
