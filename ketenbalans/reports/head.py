"""The head of a report: its answer in a few sentences, and what it says of itself."""

from collections.abc import Iterator

from ketenbalans.reports.document import Fact
from ketenbalans.reports.report import Report
from ketenbalans.reports.words import Words
from schemas.breaks import BreakState
from schemas.causes import Cause

PASSED = "passed"


def answer(report: Report, words: Words) -> tuple[str, ...]:
    """What was delivered, recognised and explained, and what still has to be dealt with."""
    balance = report.balance
    delivered, gap, missing = balance.delivered, balance.gap, balance.causes[Cause.MISSING.value]
    sentences = [words.say("document.delivered", count=delivered)]
    if delivered:
        share = words.share(gap, delivered)
        sentences.append(
            words.say("document.gap", count=gap, recognised=words.count_or_none(balance.recognised), share=share)
        )
    if gap:
        explained = words.count_or_none(gap - missing)
        sentences.append(words.say("document.missing", count=missing, explained=explained))
    states = {
        state.value: report.counted(state=state.value)
        for state in (BreakState.OPEN, BreakState.ACKNOWLEDGED, BreakState.WAITING)
    }
    written = {state: words.count_or_none(breaks) for state, breaks in states.items()}
    to_act = words.say("document.act", **written) if any(states.values()) else words.say("document.nobody")
    accepted = report.counted(state=BreakState.ACCEPTED.value)
    let_stand = (words.say("document.accepted", count=accepted),) if accepted else ()
    return " ".join(sentences), to_act, *let_stand


def facts(report: Report, words: Words) -> Iterator[Fact]:
    """Verdict, status, quality of the data unless it passed, the next report, and whom to ask where that is set."""
    judgement = report.balance.judgement
    if judgement is not None:
        yield _fact("verdict", words.say(f"head.verdict_{judgement.verdict.value}"), words)
    yield _fact("status", _status(report, words), words)
    quality = report.balance.quality
    if quality != PASSED:
        yield _fact("quality", words.say(f"head.quality_{quality}"), words)
    scheduled = report.publication.next_report
    comes = {
        "on": words.day(scheduled.on),
        "as_of": words.day(scheduled.as_of),
        "period": words.period(scheduled.period),
    }
    yield _fact("next_report", words.say("head.next_report_is", **comes), words)
    if report.publication.contact:
        yield _fact("contact", report.publication.contact, words)


def _fact(key: str, text: str, words: Words) -> Fact:
    return Fact(words.say(f"head.{key}"), text)


def _status(report: Report, words: Words) -> str:
    """The status in one or two sentences, with what it rests on."""
    status, restates = report.publication.status, report.publication.restates
    numbers: dict[str, str | int] = {
        "period": words.period(report.period),
        "final_from": words.day(report.publication.final_from),
    }
    if restates is not None:
        numbers |= {name: restates.figures[name] for name in ("delivered", "recognised")}
        numbers["as_of"] = words.day(restates.as_of)
    return words.say(f"head.status_{status.value}", **numbers)
