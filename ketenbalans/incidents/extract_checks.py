"""What control records say that stops a source: another chain key, wrong totals, an extract that covers less.

Looked at before a source is loaded and after, so that whichever comes last, the rows or their control record, it is
seen. The decisions are pure functions over control records; what a person resumed is left out of them, and what a
later extract mended ends by itself.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from ketenbalans.incidents.checks import (
    ChainKeyDiffers,
    CoversLess,
    ExtractIncident,
    TotalsDiffer,
    kinds_of,
)
from ketenbalans.incidents.kept import Decided, keep
from schemas.catalogue import linked_sources
from warehouse.extracts import ControlRecord, control_records
from warehouse.incidents import all_incidents, end_incidents, hold_incidents

Records = Sequence[ControlRecord]


@dataclass(frozen=True)
class Found:
    """An incident and the source that it stops."""

    source: str
    incident: ExtractIncident


def check_extracts(engine: Engine) -> list[Found]:
    """Judge all control records: keep what is wrong as incidents, end those that no longer hold, give what stands."""
    with engine.begin() as connection:
        hold_incidents(connection)
        found = standing(connection)
        for source in {record.source for record in control_records(connection)}:
            stand = {one.incident.incident_kind for one in found if one.source == source}
            over = [kind for kind in kinds_of(ExtractIncident) if kind not in stand]
            end_incidents(connection, subject=source, kinds=over)
        for one in found:
            keep(connection, one.source, one.incident)
    return found


def raise_what_stands(engine: Engine, sources: Collection[str], *, but: tuple[type[ExtractIncident], ...] = ()) -> None:
    """Let nobody load anything more of sources that stand still.

    Args:
        engine: the warehouse.
        sources: by name.
        but: what does not matter to the caller.

    Raises:
        ExtractIncident: what control records say of one of them, and nobody resumed.
    """
    for found in check_extracts(engine):
        if found.source in sources and not isinstance(found.incident, but):
            raise found.incident


def standing(connection: Connection) -> list[Found]:
    """What is wrong now and nobody resumed: at most one incident per source and kind."""
    records, decided = control_records(connection), _decided(connection)
    return [
        *other_chain_keys(records, decided),
        *wrong_totals(records, decided),
        *covering_less(records, decided),
    ]


def no_chain_key_differs(connection: Connection) -> None:
    """Make sure that the persons of the linked registers can be linked.

    Raises:
        ChainKeyDiffers: an extract was made with another key, and nobody resumed that; linking it would make nonsense.
            It stays until the right one is loaded, though its source goes on before, so that it can be.
    """
    records = control_records(connection)
    for found in other_chain_keys(records, _decided(connection), mended_by=[one for one in records if one.is_loaded]):
        raise found.incident


def other_chain_keys(
    records: Records, decided: Mapping[str, Decided], *, mended_by: Records | None = None
) -> list[Found]:
    """The linked sources with an extract under another chain key than most loaded extracts of all sources.

    It is mended when the same extract, or another one that covers until the same day, came later under the usual key.

    Args:
        records: all control records.
        decided: what persons resumed, per source.
        mended_by: those that can mend others; None: each.
    """
    usual = _usual_key(records)
    found = []
    for source, received in _of_linked_sources(records).items():
        mending = received if mended_by is None else [record for record in received if record in mended_by]
        right = [record for record in mending if record.chain_key_check == usual]
        odd = [
            record
            for record in received
            if record.chain_key_check != usual
            and not any(
                later.arrival > record.arrival
                and (later.extract_id == record.extract_id or later.covers_until == record.covers_until)
                for later in right
            )
        ]
        odd = _news(odd, decided, source, ChainKeyDiffers)
        if odd:
            parts, last = [record.event_id for record in odd], odd[-1].covers_until
            incident = ChainKeyDiffers(source, parts, extracts=len(received), covers_until=last)
            found.append(Found(source, incident))
    return found


def wrong_totals(records: Records, decided: Mapping[str, Decided]) -> list[Found]:
    """The sources whose control records do not add up, or with an extract of which rows have not arrived.

    A record that does not add up is mended when the same extract came later with numbers that do. Rows are awaited of
    the last publication of an extract until all is read up to it, or known to be lost.

    Args:
        records: all control records.
        decided: what persons resumed, per source.
    """
    found = []
    for source, received in _by_source(records).items():
        whole = [record for record in received if _adds_up(record)]
        broken = [
            record
            for record in received
            if not _adds_up(record)
            and not any(later.extract_id == record.extract_id and later.arrival > record.arrival for later in whole)
        ]
        broken = _news(broken, decided, source, TotalsDiffer)
        last = {record.rows_key: record for record in received}.values()
        short = [record for record in last if record.missing and record.is_read and not record.is_let_be]
        if broken or short:
            differences = [*map(_does_not_add_up, broken), *map(_lacks_rows, short)]
            parts = [record.event_id for record in broken]
            parts += [record.missing_part for record in short]
            found.append(Found(source, TotalsDiffer(source, differences, parts)))
    return found


def _does_not_add_up(record: ControlRecord) -> str:
    return (
        f"the control record of the extract until {record.covers_until} counts {record.rows} rows, of which "
        f"{record.published} were published and {record.rejected} rejected"
    )


def _lacks_rows(record: ControlRecord) -> str:
    return (
        f"of the extract until {record.covers_until} {record.published} rows were published, and {record.missing} of "
        "them have not arrived"
    )


def covering_less(records: Records, decided: Mapping[str, Decided]) -> list[Found]:
    """The sources with a new extract that covers less than one that came before it and is loaded.

    The same extract again is none: nothing doubles, and the alert ``extract_repeated`` says it. It is mended when an
    extract came later that covers as much.
    """
    found = []
    for source, received in _by_source(records).items():
        less: list[ControlRecord] = []
        for place, record in enumerate(received):
            covered = max((one.covers_until for one in received[:place] if one.is_loaded), default=record.covers_until)
            is_new = all(one.extract_id != record.extract_id for one in received[:place])
            is_mended = any(one.covers_until >= covered for one in received[place + 1 :])
            if is_new and record.covers_until < covered and not is_mended:
                less.append(record)
        less = _news(less, decided, source, CoversLess)
        if less:
            covered = max(one.covers_until for one in received if one.is_loaded)
            parts, until = [record.event_id for record in less], less[-1].covers_until
            found.append(Found(source, CoversLess(source, parts, covers_until=until, covered=covered)))
    return found


def _usual_key(records: Records) -> str | None:
    """The key of most loaded extracts, or of most extracts while none is loaded; of two as common the first seen."""
    asked = [record for record in records if record.is_loaded] or list(records)
    in_order = sorted(asked, key=lambda record: record.arrival)
    common = Counter(record.chain_key_check for record in in_order).most_common(1)
    return common[0][0] if common else None


def _adds_up(record: ControlRecord) -> bool:
    return record.rows == record.published + record.rejected


def _news(
    records: Iterable[ControlRecord], decided: Mapping[str, Decided], source: str, kind: type[ExtractIncident]
) -> list[ControlRecord]:
    """Those that nobody resumed."""
    known = decided.get(source, Decided())
    return [record for record in records if not known.accepts(kind, record.event_id)]


def _by_source(records: Records) -> dict[str, list[ControlRecord]]:
    """The records of each source, in the order in which they came: that of their partition, and of no clock."""
    found: dict[str, list[ControlRecord]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.arrival):
        found[record.source].append(record)
    return dict(found)


def _of_linked_sources(records: Records) -> dict[str, list[ControlRecord]]:
    linked = {source.name for source in linked_sources()}
    return {source: received for source, received in _by_source(records).items() if source in linked}


def _decided(connection: Connection) -> dict[str, Decided]:
    by_subject = defaultdict(list)
    for incident in all_incidents(connection):
        by_subject[incident.subject].append(incident)
    return {subject: Decided.of(of_subject) for subject, of_subject in by_subject.items()}
