"""The sections about what a report rests on: what was published, the data, and how it was counted."""

from datetime import date
from decimal import Decimal

from reports.document import Cell, Column, Kind, Section, Table
from reports.report import Report
from reports.words import Words

LINK_RULES = range(1, 7)


def published(report: Report, words: Words) -> Section:
    """Published figures beside ours."""
    heading = words.say("published.heading")
    if not report.published:
        return Section(key="published", heading=heading, text=(words.say("published.empty"),))
    has_shares = any(row["is_share"] for row in report.published)
    tables = [_published(report, words, are_shares=are_shares) for are_shares in (False, True)]
    return Section(
        key="published",
        heading=heading,
        text=(words.say("published.text"), *((words.say("published.overlap"),) if has_shares else ())),
        tables=tuple(table for table in tables if table.rows),
    )


def _published(report: Report, words: Words, *, are_shares: bool) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in report.published:
        there, here = Decimal(row["published"]), Decimal(row["here"])
        if row["is_share"] is are_shares:
            rows.append(
                (
                    words.say(f"published.{row['figure']}"),
                    there,
                    here,
                    here - there,
                    row["document"],
                    words.day(date.fromisoformat(row["as_of"])) if row["as_of"] else words.say("published.not_stated"),
                )
            )
    kind = Kind.SHARE if are_shares else Kind.COUNT
    kinds = (Kind.TEXT, kind, kind, Kind.SHARE if are_shares else Kind.SIGNED, Kind.TEXT, Kind.TEXT)
    names = ("figure", "published", "here", "difference", "document", "as_of")
    return Table(
        key="published_shares" if are_shares else "published",
        caption=words.say("published.shares_caption" if are_shares else "published.caption"),
        columns=tuple(Column(words.say(f"column.{name}"), one) for name, one in zip(names, kinds, strict=True)),
        rows=tuple(rows),
    )


def data(report: Report, words: Words) -> Section:
    """How far each source is loaded, and what was checked."""
    names = ("extracts", "rows", "rejected", "dead_letters")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            source["source"],
            words.day(date.fromisoformat(source["covers_until"])) if source["covers_until"] else None,
            *(source[name] for name in names),
            words.say(f"data.{source['quality']}"),
        )
        for source in report.sources
    )
    table = Table(
        key="sources",
        caption=words.say("data.caption"),
        columns=(
            Column(words.say("column.source")),
            Column(words.say("column.covers_until")),
            *(Column(words.say(f"column.{name}"), Kind.COUNT) for name in names),
            Column(words.say("column.quality")),
        ),
        rows=rows,
    )
    return Section(key="data", heading=words.say("data.heading"), text=(words.say("data.text"),), tables=(table,))


def method(report: Report, words: Words) -> Section:
    """The counting rules used, and what the answer depends on."""
    balance = report.balance
    links = Table(
        key="links",
        caption=words.say("method.links_caption"),
        columns=(
            Column(words.say("column.rule")),
            Column(words.say("column.suspects"), Kind.COUNT),
            Column(words.say("column.meaning")),
        ),
        rows=tuple((str(rule), balance["links"][str(rule)], words.say(f"method.rule_{rule}")) for rule in LINK_RULES),
    )
    policy = "; ".join(
        f"{name} = {', '.join(value) if isinstance(value, list) else value}"
        for name, value in sorted(balance["policy"].items())
    )
    facts = {
        "period": words.period(report.period),
        "as_of": words.day(report.as_of),
        "unit": words.say("method.unit_is"),
        "quality": words.say(f"data.{balance['quality']}"),
        "policy": policy,
        "code_version": balance["code_version"],
        "input_fingerprint": balance["input_fingerprint"],
    }
    rests_on = Table(
        key="rests_on",
        caption=words.say("method.facts_caption"),
        columns=(Column(words.say("column.item")), Column(words.say("column.value"))),
        rows=tuple((words.say(f"method.{name}"), value) for name, value in facts.items()),
    )
    return Section(
        key="method", heading=words.say("method.heading"), text=(words.say("method.text"),), tables=(links, rests_on)
    )
