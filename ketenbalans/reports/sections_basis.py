"""The sections about what a report rests on: what was published, the data, and how it was counted."""

from collections.abc import Iterator
from decimal import Decimal

from ketenbalans.reports.document import Cell, CellKind, Column, Section, Table
from ketenbalans.reports.report import Report
from ketenbalans.reports.words import Words
from schemas.policy import Policy

LINK_RULES = range(1, 7)


def published(report: Report, words: Words) -> Section:
    """Published figures beside ours."""
    heading = words.say("published.heading")
    if not report.published:
        return Section(key="published", heading=heading, text=(words.say("published.empty"),))
    has_shares = any(row.is_share for row in report.published)
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
        there, here = Decimal(row.published), Decimal(row.here)
        if row.is_share is are_shares:
            rows.append(
                (
                    words.say(f"published.{row.figure}"),
                    there,
                    here,
                    here - there,
                    words.document(row.document),
                    words.day(row.as_of) if row.as_of else words.say("published.not_stated"),
                )
            )
    kind = CellKind.SHARE if are_shares else CellKind.COUNT
    kinds = (
        CellKind.TEXT,
        kind,
        kind,
        CellKind.POINTS if are_shares else CellKind.SIGNED,
        CellKind.TEXT,
        CellKind.TEXT,
    )
    numbers = (
        ("published_share", "here_share", "difference_points") if are_shares else ("published", "here", "difference")
    )
    names = ("figure", *numbers, "document", "as_of")
    key = "published_shares" if are_shares else "published"
    return Table(
        key=key,
        name=words.say(f"sheet.{key}"),
        caption=words.say("published.shares_caption" if are_shares else "published.caption"),
        columns=tuple(Column(words.say(f"column.{name}"), one) for name, one in zip(names, kinds, strict=True)),
        rows=tuple(rows),
    )


def data(report: Report, words: Words) -> Section:
    """How far each source is loaded, and what was checked."""
    names = ("extracts", "rows", "rejected", "dead_letters")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            words.source(source.source),
            words.day(source.covers_until) if source.covers_until else None,
            *(getattr(source, name) for name in names),
            words.say(f"data.{source.quality}"),
        )
        for source in report.sources
    )
    table = Table(
        key="sources",
        name=words.say("sheet.sources"),
        caption=words.say("data.caption"),
        columns=(
            Column(words.say("column.source")),
            Column(words.say("column.covers_until")),
            *(Column(words.say(f"column.{name}"), CellKind.COUNT) for name in names),
            Column(words.say("column.quality")),
        ),
        rows=rows,
    )
    return Section(key="data", heading=words.say("data.heading"), text=(words.say("data.text"),), tables=(table,))


def _policy(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    """The numbers that a person chose, in words; one that has none here keeps its name."""
    order = list(Policy.model_fields)
    policy = report.balance.policy
    for name in sorted(policy, key=lambda name: (name not in order, order.index(name) if name in order else 0, name)):
        value = policy[name]
        written = ", ".join(value) if isinstance(value, list) else str(value)
        if words.has(f"policy.{name}"):
            yield words.say(f"policy.{name}"), words.say(f"policy.{name}_is", value=written)
        else:
            yield name, written


def _checkpoint(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    """The signature of the audit chain that holds the balance, for whoever keeps the report."""
    if (signed := report.checkpoint) is not None:
        shown: dict[str, str | int] = {
            "size": signed.size,
            "root": signed.root,
            "at": signed.at,
        }  # its JSON has the key and signature too
        yield words.say("method.checkpoint"), words.say("method.checkpoint_is", **shown)


def method(report: Report, words: Words) -> Section:
    """The counting rules used, and what the answer depends on."""
    balance = report.balance
    links = Table(
        key="links",
        name=words.say("sheet.links"),
        caption=words.say("method.links_caption"),
        columns=(
            Column(words.say("column.rule")),
            Column(words.say("column.suspects"), CellKind.COUNT),
            Column(words.say("column.meaning")),
        ),
        rows=tuple((str(rule), balance.links[str(rule)], words.say(f"method.rule_{rule}")) for rule in LINK_RULES),
    )
    facts = {
        "period": words.period(report.period),
        "as_of": words.day(report.as_of),
        "unit": words.say("method.unit_is"),
        "quality": words.say(f"data.{balance.quality}"),
        "rounding": words.say("method.rounding_is"),
        "code_version": balance.code_version,
        "input_fingerprint": balance.input_fingerprint,
    }
    rests_on = Table(
        key="rests_on",
        name=words.say("sheet.rests_on"),
        caption=words.say("method.facts_caption"),
        columns=(Column(words.say("column.item")), Column(words.say("column.value"))),
        rows=(
            *((words.say(f"method.{name}"), value) for name, value in facts.items()),
            *_policy(report, words),
            *_checkpoint(report, words),
        ),
    )
    return Section(
        key="method", heading=words.say("method.heading"), text=(words.say("method.text"),), tables=(links, rests_on)
    )
