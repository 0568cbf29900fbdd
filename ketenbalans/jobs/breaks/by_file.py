"""Decide about breaks by file: write one to be filled in, and take what was filled in.

All decisions of a file are kept in one transaction that lets nobody else decide meanwhile, or none is. Each is checked
as the verbs check it (``jobs.breaks.decisions``), and before that against the break as the file says that it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import Connection, Engine, RowMapping

from ketenbalans.jobs.breaks.decision_basis import DecisionBasis
from ketenbalans.jobs.breaks.decision_conflicts import conflicts
from ketenbalans.jobs.breaks.decision_counts import DecisionCounts
from ketenbalans.jobs.breaks.decision_file import DecisionRow, filled_row, row_of
from ketenbalans.jobs.breaks.decisions import decided_in_words, is_the_same, kept_already
from ketenbalans.jobs.breaks.of_balance import kept_breaks, standing_breaks
from ketenbalans.jobs.breaks.work_list import BreakList, BreakQuestion, list_breaks
from schemas.answer_breaks import KeptDecision, StandingBreak
from schemas.answer_decision_file import DecidedRow, DecisionFileAnswer, RowOutcome
from schemas.decisions import Decision, InvalidDecision, Pair
from schemas.exported_break import ExportedBreak
from schemas.people import InvalidHandle
from schemas.policy import Policy
from warehouse.breaks import years_kept
from warehouse.database import snapshot
from warehouse.decisions import hold_decisions, record_decisions
from warehouse.errors import DecisionRefused

Checked = tuple[DecisionRow, ExportedBreak, Decision]


def export_breaks(
    engine: Engine, question: BreakQuestion, *, policy: Policy
) -> tuple[BreakList, list[dict[str, str]]] | None:
    """Give the breaks that are asked for, and a row of the file for each; None when nothing is known yet.

    Args:
        engine: the warehouse.
        question: which breaks.
        policy: for what has to be worked out.
    """
    with snapshot(engine) as connection:
        found = list_breaks(connection, question, policy=policy)
        if found is None:
            return None
        counts = DecisionCounts(connection)
        return found, [row_of(one, decisions=counts.of(one)) for one in standing_breaks(found.rows)]


@dataclass(frozen=True, kw_only=True)
class ImportTerms:
    """How a file of decisions is taken.

    Attributes:
        by: who decides.
        on: the day from which the decisions are known.
        is_dry_run: say what would happen, and keep nothing.
        is_partial: keep the good rows where others are refused.
    """

    by: str
    on: date
    is_dry_run: bool = False
    is_partial: bool = False


def import_decisions(engine: Engine, texts: Sequence[Mapping[str, str]], terms: ImportTerms) -> DecisionFileAnswer:
    """Keep what the rows of a file decide: all of it or, when a row cannot be, nothing.

    Args:
        engine: the warehouse.
        texts: the rows, by column, each with its ``line``.
        terms: who decides; a dry run cannot write.
    """
    if terms.is_dry_run:
        with snapshot(engine) as connection:
            return _checked(connection, texts, terms)
    with engine.begin() as connection:
        hold_decisions(connection)
        answer = _checked(connection, texts, terms)
        if not answer.keeps_the_new:
            return answer
        new = [row for row in answer.rows if row.outcome is RowOutcome.NEW]
        rows = record_decisions(connection, [row.decision for row in new if row.decision is not None])
        kept = {row.line: KeptDecision(**of_row) for row, of_row in zip(new, rows, strict=True)}
        return replace(answer, rows=[replace(row, kept=kept.get(row.line, row.kept)) for row in answer.rows])


def _checked(connection: Connection, texts: Sequence[Mapping[str, str]], terms: ImportTerms) -> DecisionFileAnswer:
    """What each row comes to, before anything is kept."""
    filled = [row for row in map(filled_row, texts) if row is not None]
    stands = _as_they_stand(connection, {row.break_id for row in filled})
    refused: dict[int, str] = {}
    readable: list[Checked] = []
    for row in filled:
        try:
            if row.break_id not in stands:
                message = f"there is no break {row.break_id}" if row.break_id else "the column break_id is empty"
                raise InvalidDecision(message)
            exported = ExportedBreak.parse(row.as_exported)
            readable.append((row, exported, row.decision(exported, by=terms.by, on=terms.on)))
        except (InvalidDecision, InvalidHandle, DecisionRefused) as error:
            refused[row.line] = str(error)
    refused |= conflicts(filled, [(row, decision) for row, _, decision in readable])
    sound = [one for one in readable if one[0].line not in refused]
    checked = _against_the_warehouse(connection, sound, stands)
    rows = [
        DecidedRow(line=row.line, break_id=row.break_id, word=row.word, outcome=RowOutcome.REFUSED, because=because)
        if (because := refused.get(row.line)) is not None
        else checked[row.line]
        for row in filled
    ]
    return DecisionFileAnswer(
        rows=rows,
        not_filled_in=len(texts) - len(filled),
        is_dry_run=terms.is_dry_run,
        is_partial=terms.is_partial,
    )


def _against_the_warehouse(
    connection: Connection, sound: Sequence[Checked], stands: Mapping[str, StandingBreak]
) -> dict[int, DecidedRow]:
    """What each row comes to by its line: two that decide the same about one pair are one decision."""
    basis = DecisionBasis(connection, [decision for _, _, decision in sound])
    counts = DecisionCounts(connection)
    lines: dict[Decision, int] = {}
    found = {}
    for row, exported, decision in sound:
        decided = DecidedRow(
            line=row.line, break_id=row.break_id, word=row.word, outcome=RowOutcome.NEW, decision=decision
        )
        break_now = stands[row.break_id]
        now = ExportedBreak.of(break_now, decisions=counts.of(break_now))
        try:
            kept = _kept(decision, basis, exported, now)
        except DecisionRefused as error:
            decided = replace(decided, outcome=RowOutcome.REFUSED, because=str(error), decision=None)
        else:
            if kept is not None:
                same = f"{kept['decided_by']} decided it on {kept['decided_on']}"
                decided = replace(decided, outcome=RowOutcome.UNCHANGED, because=same, kept=KeptDecision(**kept))
            elif (line := lines.setdefault(decision, row.line)) != row.line:
                decided = replace(decided, outcome=RowOutcome.UNCHANGED, because=f"line {line} decides it")
        found[row.line] = decided
    return found


def _kept(decision: Decision, basis: DecisionBasis, exported: ExportedBreak, now: ExportedBreak) -> RowMapping | None:
    """The decision that is kept already and says the same; None when this one is new.

    Raises:
        DecisionRefused: the break is no longer as it was exported, or the decision cannot be.
    """
    if now == exported:
        return kept_already(decision, basis, instead_of=exported.owner)
    about = basis.about(decision.break_id) if decision.break_id is not None else []
    about = basis.touching(decision.pair) if decision.pair is not None else about
    has_new_decisions = int(now.decisions) > int(exported.decisions)
    of_just_this = [row for row in about if decision.pair in (None, _pair_of(row))]
    if of_just_this and has_new_decisions and _says_the_same(of_just_this[-1], decision):
        return of_just_this[-1]
    changes = list(exported.changes_to(now))
    if has_new_decisions and about:
        changes.append(decided_in_words(about[-1]))
    elif now.decisions != exported.decisions:
        changes.append("somebody decided about one of its records")
    message = f"it is no longer as it was exported: {'; '.join(changes)}; export again, and decide anew"
    raise DecisionRefused(message)


def _says_the_same(kept: RowMapping, decision: Decision) -> bool:
    """Whether the newest decision about just this says what this one says, whatever the day."""
    if decision.pair is None:
        return is_the_same(kept, decision)
    return bool(kept["verdict"] == decision.verdict.value)


def _pair_of(row: RowMapping) -> Pair:
    return Pair(**{name: row[name] for name in ("dossier_number", "suspect_number", "case_number")})


def _as_they_stand(connection: Connection, break_ids: Iterable[str]) -> dict[str, StandingBreak]:
    """Those of some breaks that are kept, as they stand now; each year is read once."""
    asked = set(break_ids)
    found: dict[str, StandingBreak] = {}
    for year in years_kept(connection):
        if not any(one.startswith(f"{year}-") for one in asked):
            continue
        kept = kept_breaks(connection, year=year)
        if kept is not None:
            rows = kept.rows.filter(pl.col("break_id").is_in(asked))
            found.update((one.break_id, one) for one in standing_breaks(rows))
    return found
