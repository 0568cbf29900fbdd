"""A report in a language, before it has a form."""

from collections.abc import Iterator

from ketenbalans.reports import (
    sections_basis,
    sections_bridge,
    sections_linkage,
    sections_may_come,
    sections_over_time,
    sections_signoff,
    sections_since,
)
from ketenbalans.reports.document import Document, Headline, Section, without_control_signs
from ketenbalans.reports.head import answer, facts
from ketenbalans.reports.report import Report
from ketenbalans.reports.words import Words
from schemas.causes import Cause


def document_of(report: Report, words: Words) -> Document:
    """Write a report out in a language, without control signs: equal reports give equal documents."""
    balance = report.balance
    missing = balance.causes[Cause.MISSING.value]
    other_parties = sections_bridge.other_parties(report, words)
    link_quality = sections_linkage.link_quality(report, words)
    signed = sections_signoff.signed_figures(report, words)
    document = Document(
        language=words.language,
        title=words.say("document.title", period=words.period(report.period)),
        running=words.say("document.running", period=words.period(report.period), as_of=words.day(report.as_of)),
        subtitle=words.say("document.subtitle", as_of=words.day(report.as_of)),
        notice=" ".join(_notices(report, words)),
        notice_short=". ".join(_short_notices(report, words)),
        facts=tuple(facts(report, words)),
        headlines=(
            Headline(words.count(balance.delivered), words.say("document.figure_delivered")),
            Headline(words.count(balance.recognised), words.say("document.figure_recognised")),
            Headline(words.count(balance.gap), words.say("document.figure_gap")),
            Headline(words.count(missing), words.say("document.figure_missing"), is_to_act_on=missing > 0),
        ),
        answer=answer(report, words),
        sections=(
            sections_bridge.bridge(report, words),
            sections_bridge.om_bridge(report, words),
            sections_bridge.units(report, words),
            *([other_parties] if other_parties else []),
            sections_over_time.ages(report, words),
            *_may_come(report, words),
            sections_since.since(report, words),
            sections_over_time.revisions(report, words),
            sections_basis.published(report, words),
            sections_basis.data(report, words),
            *([link_quality] if link_quality else []),
            *([signed] if signed else []),
            sections_basis.method(report, words),
        ),
        labels={"contents": words.say("document.contents")},
    )
    return without_control_signs(document)


def _may_come(report: Report, words: Words) -> Iterator[Section]:
    if report.may_come is not None:
        yield sections_may_come.may_come(report.may_come, words, period=report.period, as_of=report.as_of)
        if (past := sections_may_come.past_forecasts(report.may_come, words)) is not None:
            yield past


def _notices(report: Report, words: Words) -> Iterator[str]:
    """That the data is synthetic where it is, and that the report is not for publication: the release of it is."""
    if report.balance.synthetic:
        yield words.say("document.synthetic")
    yield words.say("document.restricted")
    if report.release is None:
        yield words.say("document.no_release")
    else:
        yield words.say("document.release", release=report.release)


def _short_notices(report: Report, words: Words) -> Iterator[str]:
    if report.balance.synthetic:
        yield words.say("document.synthetic_short")
    yield words.say("document.restricted_short")
