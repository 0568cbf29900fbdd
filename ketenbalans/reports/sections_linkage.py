"""The section about how good the links are, when persons judged some of them."""

from decimal import Decimal

from ketenbalans.reconciliation.linkage.rates import LinkVerdicts, Rate, rounded_outwards
from ketenbalans.reports.document import Cell, CellKind, Column, Section, Table
from ketenbalans.reports.report import Report
from ketenbalans.reports.words import Words, percent


def link_quality(report: Report, words: Words) -> Section | None:
    """What was found about drawn links and the rates that follow; None when nothing was judged."""
    found = report.link_quality
    if found is None:
        return None
    rows = [
        (
            words.say("linkage.rule", rule=str(one.rule)),
            *_counts(one.links, one.verdicts, wrong=one.verdicts.other),
            *_in_percent(one.false_links),
        )
        for one in found.rules
        if one.links
    ]
    in_all = _counts(found.links, found.verdicts, wrong=found.verdicts.other)
    of_unlinked = _counts(found.unlinked, found.unlinked_verdicts, wrong=found.unlinked_verdicts.same)
    table = Table(
        key="link_quality",
        name=words.say("sheet.link_quality"),
        caption=words.say("linkage.caption"),
        columns=(
            Column(words.say("column.drawn_from")),
            *(
                Column(words.say(f"column.{name}"), CellKind.COUNT)
                for name in ("drawn_of", "judged", "unsure", "wrong")
            ),
            *(Column(words.say(f"column.{name}"), CellKind.SHARE) for name in ("wrong_share", "at_least", "at_most")),
        ),
        rows=(
            *rows,
            (words.say("linkage.all"), *in_all, *_in_percent(found.false_links)),
            (words.say("linkage.unlinked"), *of_unlinked, *_in_percent(found.missed_links)),
        ),
        strong=frozenset({len(rows)}),
    )
    days = ", ".join(map(words.day, found.drawn_as_of))
    text = (words.say("linkage.text"), words.say("linkage.rates"), words.say("linkage.drawn", days=days))
    return Section(key="linkage", heading=words.say("linkage.heading"), text=text, tables=(table,))


def _counts(number: int, verdicts: LinkVerdicts, *, wrong: int) -> tuple[Cell, ...]:
    return number, verdicts.judged, verdicts.unsure, wrong


def _in_percent(rate: Rate) -> tuple[Cell, ...]:
    """A rate and both ends of its interval in percent, the ends rounded outwards."""
    low, high = (Decimal(str(round(100 * end, 1))) for end in rounded_outwards(rate, 3))
    estimate = None if rate.rate is None else percent(rate.rate.numerator, rate.rate.denominator)
    return estimate, low, high
