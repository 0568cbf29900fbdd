"""Take a drawn file that a person filled in: every row or none, and the same file again changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.jobs.linkage.drawing import suspects_on
from ketenbalans.jobs.linkage.rows import (
    DRAW,
    JUDGEMENT,
    ROW_DIGEST,
    digest_of,
    drawn_rows,
    what_changed,
    written_case_number,
)
from ketenbalans.reconciliation.linkage.links import SUSPECT
from ketenbalans.spreadsheet_cells import read_rows
from schemas.decisions import InvalidDecision
from schemas.declaration import LARGEST_INTEGER
from schemas.json_object import JsonObject, fields_to_json
from schemas.link_judgements import InvalidDraw, LinkDraw, LinkJudgement, LinkVerdict
from schemas.numbers import normalised_case_number, normalised_dossier_number
from schemas.people import Identity, checked_handle
from schemas.period import AMSTERDAM, InvalidPeriod, checked_day
from schemas.policy import Policy
from warehouse.database import snapshot
from warehouse.link_judgements import hold_link_judgements, record_new_judgements

OTHER_NUMBERS = "its numbers are not as they were drawn; take them from the drawn file, or draw it again"
NEEDED = (DRAW, "dossier_number", "suspect_number", "case_number", ROW_DIGEST, JUDGEMENT)


class JudgementsRefused(ValueError):
    """Rows of a file cannot be taken, so none was; the message has a line for each, with the reason."""


@dataclass(frozen=True, kw_only=True)
class JudgementsTaken:
    """What became of a file.

    Attributes:
        judged: rows with a judgement.
        kept: of these those that were not kept before.
        not_judged: rows without one.
    """

    judged: int
    kept: int
    not_judged: int

    def to_json(self) -> JsonObject:
        """The outcome as ``linkage take --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True)
class _JudgedRow:
    """A row of the file that says what it is about."""

    line: int
    cells: Mapping[str, str]
    draw: LinkDraw
    suspect: tuple[str, int]
    case_number: str | None
    verdict: LinkVerdict


class _Refused(Exception):
    """One row cannot be taken; the message says why."""


def take_judgements(  # noqa: PLR0913 (each is named at the call)
    engine: Engine,
    content: bytes,
    *,
    by: str,
    on: date,
    policy: Policy,
    identity: Identity = Identity.DECLARED,
) -> JudgementsTaken:
    """Keep the judgements of a drawn file, each held against what its row shows now.

    Args:
        engine: the warehouse.
        content: the file, as it was drawn or as a spreadsheet saved it.
        by: the handle of who judged.
        on: the day of the judgement; today or earlier.
        policy: the standing one, under which it was drawn.
        identity: how it is known who judged.

    Raises:
        UnreadableRows: it is no such file.
        JudgementsRefused: a row cannot be taken; nothing was kept.
        InvalidHandle: who judges is named by what is none.
        InvalidDecision: the day is still to come.
    """
    checked_handle(by, "who judges")
    if checked_day(on) > datetime.now(AMSTERDAM).date():
        message = f"{on} is still to come: what was judged was judged today or earlier"
        raise InvalidDecision(message)
    lines = read_rows(content, NEEDED)
    filled = [cells for cells in lines if cells[JUDGEMENT].strip()]
    reasons: dict[int, str] = {}
    rows = list(_readable(filled, reasons))
    with snapshot(engine) as connection:
        reasons.update(_changed(connection, rows, policy=policy))
    if reasons:
        in_order = "\n".join(f"line {line}: {reasons[line]}" for line in sorted(reasons))
        message = f"{len(reasons)} of {len(filled)} judgements cannot be taken, so nothing was kept:\n{in_order}"
        raise JudgementsRefused(message)
    with engine.begin() as connection:
        hold_link_judgements(connection)
        kept = record_new_judgements(connection, [_judgement(row, by=by, on=on, identity=identity) for row in rows])
    return JudgementsTaken(judged=len(filled), kept=kept, not_judged=len(lines) - len(filled))


def _readable(filled: Sequence[Mapping[str, str]], reasons: dict[int, str]) -> Iterator[_JudgedRow]:
    """The rows that say what they are about, each once; why another does not goes to ``reasons``, by line."""
    found: dict[tuple[str, tuple[str, int]], _JudgedRow] = {}
    for cells in filled:
        try:
            row = _read(cells)
            first = found.setdefault((cells[DRAW].strip(), row.suspect), row)
            if first.verdict is not row.verdict:
                message = f"it says {row.verdict} of what line {first.line} says {first.verdict} of"
                raise _Refused(message)
        except (_Refused, InvalidDraw, InvalidPeriod) as reason:
            reasons[int(cells["line"])] = str(reason)
        else:
            if first is row:
                yield row


def _read(cells: Mapping[str, str]) -> _JudgedRow:
    word = cells[JUDGEMENT].strip().lower()
    if word not in list(LinkVerdict):
        message = f"its judgement is none of {', '.join(LinkVerdict)}; write one of these, or nothing"
        raise _Refused(message)
    draw = LinkDraw.parse(cells[DRAW])
    texts = pl.DataFrame({name: [cells[name].strip()] for name in ("dossier_number", "case_number")})
    dossier, case = texts.select(
        normalised_dossier_number(pl.col("dossier_number")), normalised_case_number(pl.col("case_number"))
    ).row(0)
    number = cells["suspect_number"].strip()
    suspect_number = int(number) if number.isdecimal() and len(number) < len(str(LARGEST_INTEGER)) else None
    if dossier is None or suspect_number is None or (case is None and draw.rule is not None):
        raise _Refused(OTHER_NUMBERS)
    about = case if draw.rule is not None else None
    return _JudgedRow(int(cells["line"]), cells, draw, (dossier, suspect_number), about, LinkVerdict(word))


def _changed(connection: Connection, rows: Sequence[_JudgedRow], *, policy: Policy) -> Iterator[tuple[int, str]]:
    """Of each row that no longer shows what it showed its line, and what changed."""
    for period, as_of in dict.fromkeys((row.draw.period, row.draw.as_of) for row in rows):
        asked = [row for row in rows if (row.draw.period, row.draw.as_of) == (period, as_of)]
        suspects = suspects_on(connection, asked[0].draw, policy=policy)
        keys = pl.DataFrame([row.suspect for row in asked], schema=suspects.select(SUSPECT).schema, orient="row")
        known = suspects.join(keys.unique(), on=SUSPECT, how="semi")
        shown = drawn_rows(connection, known, as_of=as_of)
        now = dict(zip(known.select(SUSPECT).iter_rows(), shown, strict=True))
        for row in asked:
            if row.suspect not in now:
                yield row.line, f"no such suspect is delivered in {period} any more, as known on {as_of}"
            elif digest_of(now[row.suspect]) != row.cells[ROW_DIGEST].strip():
                changed = what_changed(row.cells, now[row.suspect])
                what = "; ".join(changed) or "the row is not as it was drawn"
                yield row.line, f"it is no longer what was drawn ({what}); draw again"
            elif not _may_be_of(row.draw, now[row.suspect]):
                yield row.line, "its draw is of other rows; take it from the drawn file"
            elif row.case_number and written_case_number(row.case_number) != now[row.suspect]["case_number"]:
                yield row.line, OTHER_NUMBERS


def _may_be_of(draw: LinkDraw, shown: Mapping[str, str]) -> bool:
    return bool(shown["cause"]) if draw.rule is None else shown["rule"] == str(draw.rule)


def _judgement(row: _JudgedRow, *, by: str, on: date, identity: Identity) -> LinkJudgement:
    dossier_number, suspect_number = row.suspect
    return LinkJudgement(
        draw=row.draw,
        dossier_number=dossier_number,
        suspect_number=suspect_number,
        case_number=row.case_number,
        row_digest=row.cells[ROW_DIGEST].strip(),
        judgement=row.verdict,
        judged_by=by,
        judged_on=on,
        identity=identity,
    )
