"""Publish an extract: the good rows as events, the others to the reject file, the control record last."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from traceback import extract_tb

import polars as pl

from ketenbalans.broker.access import Kafka, access_of
from ketenbalans.broker.errors import BrokerError
from ketenbalans.broker.sending import OnProgress, publisher
from ketenbalans.broker.topics import check_topics, ensure_topics
from ketenbalans.project import PROJECT_FOLDER
from producers.catalogue import producer_of
from producers.content import opened
from producers.control import Totals, control_record, covers_until_of
from producers.errors import NotForeseen, ProduceError
from producers.pseudonyms import ChainKey
from producers.rejects import keep_rejects
from producers.two_readings import checked, good_rows
from schemas.declaration import Source
from schemas.json_object import JsonObject, fields_to_json
from schemas.sources.extracts import SOURCE as EXTRACTS
from schemas.wire.extract_rows import ExtractRows, rows_key


@dataclass(frozen=True, kw_only=True)
class RejectedBy:
    """How many rows a rule rejected: the column that it is about, or None where it is about the row."""

    column: str | None
    rule: str
    rows: int

    def to_json(self) -> JsonObject:
        """One of ``rejected_by``, as ``produce --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class Published:
    """What became of one extract: every one of its ``rows`` is among the ``published`` or the ``rejected``.

    Attributes:
        file: the extract.
        extract_id: SHA-256 of it.
        source: the name of its source.
        covers_until: the last day that it is about.
        rows: rows in the file, empty lines apart.
        published: rows that became events, acknowledged.
        rejected: rows that broke their schema.
        reject_file: where those are kept; None without any.
        rejected_by: how many rows each rule rejected; a row may break several.
        warnings: what was ignored in the file, for people.
    """

    file: Path
    extract_id: str
    source: str
    covers_until: date
    rows: int
    published: int
    rejected: int
    reject_file: Path | None
    rejected_by: tuple[RejectedBy, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_json(self) -> JsonObject:
        """What ``produce --json`` prints of it."""
        return {
            "file": str(self.file),
            "extract_id": self.extract_id,
            "source": self.source,
            "covers_until": self.covers_until.isoformat(),
            "rows": self.rows,
            "published": self.published,
            "rejected": self.rejected,
            "reject_file": None if self.reject_file is None else str(self.reject_file),
            "rejected_by": [one.to_json() for one in self.rejected_by],
        }


def produce(  # noqa: PLR0913 (the two clients' settings and the day are named)
    source: Source,
    file: Path,
    *,
    bootstrap: Kafka,
    chain_key: str,
    covers_until: date | None,
    on_progress: OnProgress,
) -> Published:
    """Publish an extract; doing it again changes nothing.

    Args:
        source: whose extract it is.
        file: the extract.
        bootstrap: Kafka; where somebody signs in to it, as the producer of this source.
        chain_key: the key of the person tokens.
        covers_until: the last day that it is about; None when its name or its rows say so.
        on_progress: called with how many rows are acknowledged, of how many.

    Raises:
        ProduceError: see ``producers.errors``; the extract does not count as published. No other error but the next:
            what nobody foresaw in one extract keeps nobody from publishing the next one.
        BrokerError: see ``broker.errors``; the extract does not count as published.
    """
    try:
        return _published(source, file, bootstrap, chain_key, covers_until, on_progress)
    except (BrokerError, ProduceError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 (whatever it is, its file is named)
        what, place = type(error).__name__, _place_of(error)
    # raised out here: the error, what it says and the frames that it holds on to may quote a row
    raise NotForeseen(file, what, place)


def _published(  # noqa: PLR0913, PLR0917 (what produce was asked)
    source: Source,
    file: Path,
    bootstrap: Kafka,
    chain_key: str,
    covers_until: date | None,
    on_progress: OnProgress,
) -> Published:
    key = ChainKey.of(chain_key)
    producer = producer_of(source)
    with opened(file) as content:
        extract = checked(producer, content)
        totals = Totals(
            extract_id=extract.extract_id,
            covers_until=covers_until_of(file, extract.newest_recorded_at, covers_until),
            rows=extract.rows,
            published=extract.published,
            rejected=extract.rejected.height,
            synthetic=extract.synthetic,
        )
        reject_file = keep_rejects(file, extract.extract_id, extract.rejected)
        if access_of(bootstrap).is_locked:
            check_topics(bootstrap, [source, EXTRACTS])  # a producer makes none
        else:
            ensure_topics(bootstrap, [source, EXTRACTS])
        of_extract = rows_key(extract.extract_id, key.check)
        good = good_rows(producer, content, key, extract.rejected)
        parts = ((events, ExtractRows(of_extract, rows)) for events, rows in good)
        with publisher(bootstrap) as to_kafka:
            receipt = to_kafka.publish_parts(source, parts, on_progress, rows=totals.published)
            record = control_record(source.name, totals, receipt, check=key.check, recorded_at=datetime.now(UTC))
            to_kafka.publish_control(record, rows=totals.published)
    return Published(
        file=file,
        source=source.name,
        reject_file=reject_file,
        rejected_by=tuple(RejectedBy(**row) for row in extract.rules.iter_rows(named=True)),
        warnings=extract.warnings,
        extract_id=totals.extract_id,
        covers_until=totals.covers_until,
        rows=totals.rows,
        published=totals.published,
        rejected=totals.rejected,
    )


def _place_of(error: BaseException) -> str:
    """The innermost line of our own code on the way to an error, such as ``producers/check.py:71``."""
    ours = [step for step in extract_tb(error.__traceback__) if _is_ours(step.filename)]
    return f"{Path(ours[-1].filename).relative_to(PROJECT_FOLDER)}:{ours[-1].lineno}"


def _is_ours(filename: str) -> bool:
    code = Path(filename)
    return code.is_relative_to(PROJECT_FOLDER) and "site-packages" not in code.relative_to(PROJECT_FOLDER).parts
