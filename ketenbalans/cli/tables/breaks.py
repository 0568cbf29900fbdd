"""Print breaks for a person: the list as a table with a count per state, one break with its evidence."""

from collections.abc import Mapping

from rich.markup import escape

from ketenbalans.cli.output import Row, answers, aside, print_labelled, print_rows
from ketenbalans.jobs.breaks.work_list import WAITS_FOR_SOMEBODY, BreakList
from schemas.answer_breaks import ShownBreak
from schemas.people import who_acted
from schemas.period import AMSTERDAM

COLUMNS = ("break", "cause", "state", "opened", "due", "age", "case", "owner")
SHOWN_ASIDE = ("source", "recorded_at", "mutation", "event_id")


def print_breaks(found: BreakList, *, is_work_list: bool) -> None:
    """Print the list and how many are in each state; of the work list also what it leaves out."""
    title = "What waits for somebody," if is_work_list else "Breaks of"
    standing = "" if found.is_kept else "; worked out for this question, nothing was kept"
    answers.print(f"[figure]{title} {_periods(found)}[/figure], as of {_days(found)}{standing}")
    rows = [
        Row(
            (
                row["break_id"],
                row["cause"],
                row["state"],
                str(row["opened_on"]),
                str(row["due_on"] or "-"),
                str(row["age_days"]),
                row["case_number"] or "-",
                row["owner"] or "",
            )
        )
        for row in found.rows.iter_rows(named=True)
    ]
    if rows:
        print_rows(COLUMNS, rows)
    counted = dict(found.rows.group_by("state").len().sort("state").iter_rows())
    answers.print(_counted(counted) if rows else _nothing(found) if is_work_list else "none")


def print_left_out(found: BreakList) -> None:
    """Print what the work list leaves out, beside the answer."""
    if found.left_out:
        aside.print(f"left out: {_counted(found.left_out)}; `ketenbalans breaks list` has all", style="soft")


def _nothing(found: BreakList) -> str:
    waits = any(state in found.left_out for state in WAITS_FOR_SOMEBODY)
    return "nothing of what waits is asked for" if waits else "nothing waits for anybody"


def _counted(rows_by_state: Mapping[str, int]) -> str:
    return ", ".join(f"[figure]{rows}[/figure] {state}" for state, rows in rows_by_state.items())


def _periods(found: BreakList) -> str:
    first, last = found.periods[0], found.periods[-1]
    return f"{first}" if first == last else f"{first} to {last}"


def _days(found: BreakList) -> str:
    """The day as which they stand; years that were balanced last on different days stand as of different ones."""
    first, last = min(found.days), max(found.days)
    return f"{last}" if first == last else f"the last balance of each year ({first} to {last})"


def print_break(shown: ShownBreak) -> None:
    """Print one break: where it stands, why, what it rests on and what happened to it."""
    answers.print(f"[figure]{escape(shown.break_id)}[/figure]  {shown.state}, as of {shown.as_of}")
    for label, text in (
        ("cause", f"{shown.cause}: {shown.cause_means}"),
        ("records", _records(shown)),
        ("rule", shown.rule or (None if shown.resolved_on else "no other record is linked or suggested")),
        ("due", str(shown.due_on or "nothing is waited for")),
        ("opened", f"{shown.opened_on}, {shown.age_days} days"),
        ("owner", f"{shown.owner}: {shown.note}" if shown.note and not shown.accepted_by else shown.owner),
        ("accepted", _acceptance(shown) if shown.accepted_by else None),
        (
            "resolved",
            f"{shown.resolved_on} by {shown.resolved_by or 'no event of its own'}" if shown.resolved_on else None,
        ),
        ("to resolve", shown.resolved_when if not shown.resolved_on else None),
        ("policy", ", ".join(f"{name} {_plain(value)}" for name, value in shown.policy.items())),
    ):
        if text is not None:
            print_labelled(label, text, width=10)
    answers.print("[soft]Events, as the registers recorded them, and decisions[/soft]")
    for event in shown.events:
        facts = " ".join(f"{name}={value}" for name, value in event.items() if name not in SHOWN_ASIDE)
        moment = event["recorded_at"].astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M")
        line = f"  {moment}  {event['source']:<17}  {event['mutation']:<12}  {facts}"
        answers.print(line, markup=False, hanging=2)
    for one in shown.decisions:
        pair = f"{one.dossier_number}/{one.suspect_number} with {one.case_number}"
        by = who_acted(one.decided_by, one.identity)
        line = f"  {one.decided_on}        decisions          {one.verdict:<12}  {pair} by {by}"
        answers.print(line, markup=False, hanging=2)
    answers.print("[soft]History[/soft]")
    for step in shown.history:
        who = f" by {who_acted(step.by, step.identity)}" if step.by else f" by {step.event_id}" if step.event_id else ""
        why = f" ({step.cause})" if step.cause else ""
        note = f": {step.note}" if step.by and step.note else ""
        line = f"  {step.on}  {step.step:<12}  {step.state}{why}{who}{note}"
        answers.print(line, markup=False, hanging=2)


def _acceptance(shown: ShownBreak) -> str:
    until = f"until {shown.accepted_until}" if shown.accepted_until else "as long as its cause stays"
    return f"by {shown.accepted_by}, {until}: {shown.note}"


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _records(shown: ShownBreak) -> str:
    delivery = f"{shown.dossier_number or 'no dossier number'}/{shown.suspect_number or '-'}"
    unit = f" ({shown.unit})" if shown.unit else ""
    return f"{delivery}{unit}, case {shown.case_number or 'none'}"
