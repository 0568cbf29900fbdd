"""Hold a decision against the break as whoever decides last knew it: what became of it since is not decided over."""

from dataclasses import dataclass

from sqlalchemy import RowMapping

from ketenbalans.jobs.breaks.decision_basis import DecisionBasis
from ketenbalans.jobs.breaks.decisions import decided_in_words, is_the_same, kept_already
from schemas.decisions import Decision, Pair
from schemas.exported_break import ExportedBreak
from warehouse.errors import DecisionRefused


@dataclass(frozen=True, kw_only=True)
class WordsOfChange:
    """How a refusal speaks of what was known: ``<what> is no longer as it was <how>: <changes>; <remedy>``."""

    how: str
    remedy: str
    what: str = "it"


def kept_unless_changed(
    decision: Decision, basis: DecisionBasis, *, before: ExportedBreak, now: ExportedBreak, words: WordsOfChange
) -> RowMapping | None:
    """The decision that is kept already and says the same; None when this one is to be kept.

    Args:
        decision: what is decided.
        basis: what stands of what it is about.
        before: the break as whoever decides knew it.
        now: the break as it stands now.
        words: what a refusal says.

    Raises:
        DecisionRefused: the break is no longer as it was known, or the decision cannot be.
    """
    if now == before:
        return kept_already(decision, basis, instead_of=before.owner)
    about = basis.about(decision.break_id) if decision.break_id is not None else []
    about = basis.touching(decision.pair) if decision.pair is not None else about
    has_new_decisions = int(now.decisions) > int(before.decisions)
    of_just_this = [row for row in about if decision.pair in (None, _pair_of(row))]
    if of_just_this and has_new_decisions and _says_the_same(of_just_this[-1], decision):
        return of_just_this[-1]
    changes = list(before.changes_to(now))
    if has_new_decisions and about:
        changes.append(decided_in_words(about[-1]))
    elif now.decisions != before.decisions:
        changes.append("somebody decided about one of its records")
    message = f"{words.what} is no longer as it was {words.how}: {'; '.join(changes)}; {words.remedy}"
    raise DecisionRefused(message)


def _says_the_same(kept: RowMapping, decision: Decision) -> bool:
    """Whether the newest decision about just this says what this one says, whatever the day."""
    if decision.pair is None:
        return is_the_same(kept, decision)
    return bool(kept["verdict"] == decision.verdict.value)


def _pair_of(row: RowMapping) -> Pair:
    return Pair(**{name: row[name] for name in ("dossier_number", "suspect_number", "case_number")})
