"""Where rows of one file contradict each other: each of them is refused, and names the others by their lines."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

from ketenbalans.jobs.breaks.decision_file import DecisionRow
from schemas.breaks import BreakStep
from schemas.decisions import Decision

Decided = tuple[DecisionRow, Decision]


def conflicts(filled: Sequence[DecisionRow], decided: Sequence[Decided]) -> dict[int, str]:
    """Say of each row that contradicts another one why, by its line.

    Args:
        filled: every row in which something is filled in: two about one break are one too many.
        decided: those that can be read, with what they decide: of one record only one pair is confirmed, and about one
            pair one thing is said.
    """
    found: dict[int, str] = {}
    for lines, why in (*_of_one_break(filled), *_of_one_pair(decided), *_of_one_record(decided)):
        named = _in_words(lines)
        for line in lines:
            found.setdefault(line, f"lines {named} {why}")
    return found


def _of_one_break(filled: Sequence[DecisionRow]) -> Iterator[tuple[list[int], str]]:
    for lines in _grouped((row.break_id, row.line) for row in filled if row.break_id):
        if len(lines) > 1:
            yield lines, "decide about one break; leave all but one of them empty"


def _of_one_pair(decided: Sequence[Decided]) -> Iterator[tuple[list[int], str]]:
    verdicts = defaultdict(set)
    about_pairs = [(row.line, one.pair, one.verdict) for row, one in decided if one.pair is not None]
    for _, pair, verdict in about_pairs:
        verdicts[pair].add(verdict)
    for lines in _grouped((pair, line) for line, pair, _ in about_pairs if len(verdicts[pair]) > 1):
        yield lines, "decide otherwise about one pair; keep one of them"


def _of_one_record(decided: Sequence[Decided]) -> Iterator[tuple[list[int], str]]:
    linked = [(row.line, one.pair) for row, one in decided if one.pair and one.verdict is BreakStep.CONFIRMED]
    for record_of, what in (
        (lambda pair: (pair.dossier_number, pair.suspect_number), "suspect"),
        (lambda pair: pair.case_number, "registration"),
    ):
        pairs = defaultdict(set)
        for _, pair in linked:
            pairs[record_of(pair)].add(pair)
        for record, different in pairs.items():
            if len(different) > 1:
                lines = [line for line, pair in linked if record_of(pair) == record]
                yield lines, f"link one {what} twice; it belongs to one other record at most"


def _grouped(keyed: Iterable[tuple[Hashable, int]]) -> Iterator[list[int]]:
    groups = defaultdict(list)
    for key, line in keyed:
        groups[key].append(line)
    yield from groups.values()


def _in_words(lines: Sequence[int]) -> str:
    *others, last = map(str, sorted(lines))
    return f"{', '.join(others)} and {last}"
