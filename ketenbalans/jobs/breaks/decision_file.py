"""The file in which breaks are decided about: its columns, what is written for a break, and what a row of it says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ketenbalans.jobs.breaks.decisions import in_one_form
from schemas.answer_breaks import StandingBreak
from schemas.breaks import BreakStep, Side
from schemas.decisions import Decision, InvalidDecision, Pair
from schemas.exported_break import NOTHING, ExportedBreak
from schemas.numbers import normalised_case_number, normalised_dossier_number
from schemas.period import InvalidPeriod, read_day

RECORDS = ("dossier_number", "suspect_number", "case_number")
"""What ``confirm`` and ``reject`` say that belongs together; the record that is not the break's own may be another."""

FACTS = ("cause", "state", "unit", *RECORDS, "opened_on", "due_on", "age_days")
FILLED_IN = ("decision", "owner", "until", "note")
AS_EXPORTED = "seen"
COLUMNS = ("break_id", *FACTS, "present_owner", "present_note", *FILLED_IN, AS_EXPORTED)
NEEDED = ("break_id", "decision", AS_EXPORTED)
"""The columns without which nothing can be decided; the others may be left out."""

VERDICTS = {
    "acknowledge": BreakStep.ACKNOWLEDGED,
    "assign": BreakStep.ASSIGNED,
    "accept": BreakStep.ACCEPTED,
    "release": BreakStep.RELEASED,
    "confirm": BreakStep.CONFIRMED,
    "reject": BreakStep.REJECTED,
    "take-back": BreakStep.TAKEN_BACK,
}
"""What stands in the column ``decision``: the verbs of the command line."""

TAKES = {"acknowledge": {"owner", "note"}, "assign": {"owner"}, "accept": {"until", "note"}}
"""Which of the other columns each takes; those that are not named take none."""

NEEDS = {"acknowledge": "note", "assign": "owner", "accept": "note"}
"""Which of them each needs."""

ABOUT_A_PAIR = ("confirm", "reject", "take-back")

DUTCH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4}|\d{2})")


@dataclass(frozen=True, kw_only=True)
class DecisionRow:
    """A row in which something is filled in.

    Attributes:
        line: its line in the file.
        break_id: what it is about.
        word: the cell ``decision``, in small letters.
        cells: the others that are filled in, and the records.
        as_exported: the cell ``seen``: what the break looked like.
    """

    line: int
    break_id: str
    word: str
    cells: Mapping[str, str] = field(default_factory=dict)
    as_exported: str

    def decision(self, exported: ExportedBreak, *, by: str, on: date) -> Decision:
        """What the row decides, about the break as it was exported.

        Raises:
            InvalidDecision: it says what no decision can say; the message names the column and the remedy.
        """
        if self.word not in VERDICTS:
            what = "holds none" if self.word else "is empty, and another is filled in; it has one"
            message = f"the column decision {what} of {', '.join(VERDICTS)}"
            raise InvalidDecision(message)
        takes = TAKES.get(self.word, set())
        if not_taken := [name for name in FILLED_IN[1:] if name in self.cells and name not in takes]:
            message = f"{self.word} takes no {' or '.join(not_taken)}; leave that cell empty"
            raise InvalidDecision(message)
        if (needed := NEEDS.get(self.word)) is not None and needed not in self.cells:
            message = f"{self.word} needs the column {needed}"
            raise InvalidDecision(message)
        fields: dict[str, Any] = {"verdict": VERDICTS[self.word], "decided_by": by, "decided_on": on}
        if self.word in ABOUT_A_PAIR:
            return Decision(**fields, pair=self._pair(exported))
        fields |= {"break_id": self.break_id, "note": self.cells.get("note"), "owner": self.cells.get("owner")}
        if self.word == "acknowledge":
            fields["owner"] = fields["owner"] or by
        if self.word == "accept":
            until = self.cells.get("until")
            fields |= {"accepted_cause": exported.cause, "accepted_until": until and read_typed_day(until)}
        return Decision(**fields)

    def _pair(self, exported: ExportedBreak) -> Pair:
        """The two records: as exported, with what is written over in the row instead."""
        were = dict(zip(RECORDS, (exported.dossier, exported.suspect, exported.case), strict=True))
        are = {name: self.cells.get(name) or were[name] for name in RECORDS}
        if are["suspect_number"] != were["suspect_number"]:
            are["suspect_number"] = _whole_number(are["suspect_number"])
        if are["case_number"].isdecimal():
            are["case_number"] = are["case_number"].zfill(10)  # a spreadsheet takes it for a number
        numbers = {"dossier_number": normalised_dossier_number, "case_number": normalised_case_number}
        for name, normalised in numbers.items():
            if are[name] not in (NOTHING, were[name]):
                are[name] = in_one_form(normalised, are[name]) or NOTHING
        own = ("case_number",) if self.break_id.split("-")[1:2] == [Side.OM.value] else RECORDS[:2]
        if changed := [name for name in own if are[name] != were[name]]:
            message = (
                f"{' and '.join(changed)} is the break's own record and is written over; to link it with another one, "
                "write over the other record"
            )
            raise InvalidDecision(message)
        if missing := [name for name in RECORDS if are[name] == NOTHING]:
            message = f"the break suggests no whole pair; name the other record in {' and '.join(missing)}"
            raise InvalidDecision(message)
        return Pair(
            dossier_number=are["dossier_number"],
            suspect_number=int(are["suspect_number"]),
            case_number=are["case_number"],
        )


def row_of(stands: StandingBreak, *, decisions: int) -> dict[str, str]:
    """The row of a break, with nothing filled in."""
    facts = {name: getattr(stands, name) for name in ("break_id", *FACTS)}
    facts |= {
        "present_owner": stands.owner,
        "present_note": stands.note,
        AS_EXPORTED: ExportedBreak.of(stands, decisions=decisions),
    }
    return {name: "" if facts.get(name) is None else str(facts[name]) for name in COLUMNS}


def filled_row(texts: Mapping[str, str]) -> DecisionRow | None:
    """What a row of a file says; None when nothing is filled in.

    Args:
        texts: by column, with ``line``; blanks around a text say nothing.
    """
    cells = {name: text.strip() for name, text in texts.items() if text.strip()}
    if not any(name in cells for name in FILLED_IN):
        return None
    return DecisionRow(
        line=int(texts["line"]),
        break_id=cells.get("break_id", ""),
        word=cells.get("decision", "").lower(),
        cells={name: cells[name] for name in (*FILLED_IN[1:], *RECORDS) if name in cells},
        as_exported=cells.get(AS_EXPORTED, ""),
    )


def read_typed_day(text: str) -> date:
    """Read a day as a person or a spreadsheet writes it: ``2015-01-31``, ``31-01-2015`` or ``31-1-15``.

    Raises:
        InvalidDecision: it is none of these.
    """
    dutch = DUTCH_DAY.fullmatch(text)
    if dutch is not None:
        day, month, year = dutch.groups()
        text = f"{year if len(year) == 4 else f'20{year}'}-{int(month):02}-{int(day):02}"
    try:
        return read_day(text)
    except InvalidPeriod:
        message = "the column until holds no day; write one as 2015-01-31 or 31-01-2015"
        raise InvalidDecision(message) from None


def _whole_number(text: str) -> str:
    """A number without what a spreadsheet adds to it."""
    whole = re.fullmatch(r"0*([1-9]\d{0,8})(?:[.,]0+)?", text)
    if whole is None:
        message = "suspect_number holds no whole number from 1 on"
        raise InvalidDecision(message)
    return whole[1]
