"""Alerts as they may leave the house: no count of few suspects, records or breaks, and no difference of few.

A mail, a chat and Alertmanager are read by whoever has the mailbox, and stay there. What is kept, and what the page and
the command line show to who is signed in, stays exact (docs/adr/0061-what-may-be-published.md). Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ketenbalans.alerts.life import Alert
from schemas.alerts import AlertEvent, AlertRule

NOT_OF_PERSONS = frozenset(
    {
        "allowed",
        "days",
        "expectations_not_met",
        "figures_moved",
        "may_be_silent_days",
        "messages",
        "months_before",
        "silent_days",
        "sources_standing_still",
        "times_received",
        "working_days_silent",
    }
)
"""Whole numbers of the evidence that count no suspect, record or break; whatever else is whole is guarded."""

WITHOUT_FIGURES = frozenset({AlertRule.PUBLISHED_DIFFERS})
"""Rules whose sentence has exact figures that are not in the evidence: only what they mean leaves the house."""

OF_RECORDS = re.compile(r"(?<![\w.,:/%-])(\d+)(?= (?:rows|records|suspects|registrations|reports|breaks)\b)")
"""A count of records in a sentence, as the suites write it."""

GIVES_AWAY = frozenset({"chance", "standard_deviations"})
"""With the usual number beside it either gives the count away."""

Guarded = TypeVar("Guarded", AlertEvent, Alert)


def without_small_counts(one: Guarded, *, threshold: int) -> Guarded:
    """A step or an alert in which each count of 1 up to the threshold is *fewer than* it.

    What lies so near to a count that is shown that their difference is such a count is *nearly* or *just over* that
    one. Of two the one that the sentence names is shown, else the larger; what a figure became is not.

    Args:
        one: as it is kept.
        threshold: the disclosure threshold (``[disclosure]`` in ``policy.toml``); below it a count is small.
    """
    words = _words_of(_named_first(one), threshold)
    says = one.rule.record.meaning if one.rule in WITHOUT_FIGURES else _in_words(one.says, words, threshold)
    evidence = {
        name: words.get(value, value) for name, value in one.evidence.items() if not (words and name in GIVES_AWAY)
    }
    evidence |= {name: one.evidence[name] for name in NOT_OF_PERSONS & one.evidence.keys()}
    return replace(one, says=says, evidence=evidence)


def _named_first(one: AlertEvent | Alert) -> list[int]:
    """The counts of persons and records in the evidence; a share and a usual number are floats, and no counts."""
    counts = [
        (name, value) for name, value in one.evidence.items() if isinstance(value, int) and name not in NOT_OF_PERSONS
    ]
    counts.sort(key=lambda count: (count[0].endswith("_now"), not _token(count[1]).search(one.says), -count[1]))
    return [value for _, value in counts]


def _words_of(counts: Sequence[int], threshold: int) -> dict[str | int | float, str]:
    """What stands for each count that may not be shown."""
    shown: list[int] = []
    words: dict[str | int | float, str] = {}
    for value in counts:
        near = [other for other in shown if 0 < abs(other - value) < threshold]
        if 0 < value < threshold:
            words[value] = f"fewer than {threshold}"
        elif near:
            words[value] = f"nearly {near[0]}" if value < near[0] else f"just over {near[0]}"
        elif value not in shown:
            shown.append(value)
    return words


def _token(value: int | str) -> re.Pattern[str]:
    """A number that stands by itself in a sentence: no part of a day, an id or a share, and nothing that is allowed."""
    return re.compile(rf"(?<!up to )(?<![\w.,:/%-])(?:{value})(?![\w/:%-]|[.,]\d)")


def _in_words(says: str, words: Mapping[str | int | float, str], threshold: int) -> str:
    def small(found: re.Match[str]) -> str:
        return f"fewer than {threshold}" if 0 < int(found[1]) < threshold else found[1]

    says = OF_RECORDS.sub(small, says)
    if not words:
        return says
    numbers = _token("|".join(map(str, words)))
    return numbers.sub(lambda found: words[int(found[0])], says)  # at once: a word has numbers of its own
