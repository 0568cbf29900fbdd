"""A release written out in a language: what may be published, how it was rounded, and what may not be read into it."""

from collections.abc import Iterator
from datetime import date

from ketenbalans.reports.document import (
    Cell,
    CellKind,
    Column,
    Document,
    Fact,
    Headline,
    Section,
    Table,
    without_control_signs,
)
from ketenbalans.reports.words import Words
from schemas.causes import BreakCause, Cause, OmOnlyCause
from schemas.release import NATIONAL_LINES, ROUNDING, ROW_LINES, Release, ReleaseGroup

SET_DIGITS = 12


def release_document(release: Release, words: Words) -> Document:
    """Write a release out in a language, without control signs: equal releases give equal documents."""
    period, as_of = words.period(release.period), words.day(release.as_of)
    national = {line: release.value("national", line=line) for line in NATIONAL_LINES}
    draft = [words.say("release.draft")] if release.draft else []
    synthetic = [words.say("document.synthetic")] if release.synthetic else []
    short = [words.say("release.draft_short")] if release.draft else []
    short += [words.say("document.synthetic_short")] if release.synthetic else []
    document = Document(
        language=words.language,
        title=words.say("document.title", period=period),
        running=words.say("document.running", period=period, as_of=as_of),
        subtitle=words.say("document.subtitle", as_of=as_of),
        notice=" ".join([*draft, *synthetic]),
        notice_short=". ".join(short),
        facts=tuple(_facts(release, words)),
        headlines=tuple(
            Headline(words.count(national[line] or 0), words.say(f"release.figure_{line}")) for line in NATIONAL_LINES
        ),
        answer=(words.say("release.rounded", threshold=release.threshold),),
        sections=tuple(_sections(release, words)),
        labels={"contents": words.say("document.contents")},
    )
    return without_control_signs(document)


def _facts(release: Release, words: Words) -> Iterator[Fact]:
    yield Fact(words.say("release.number"), release.release_id)
    if release.figure_set is not None:
        yield Fact(words.say("release.figure_set"), release.figure_set[:SET_DIGITS])
    if release.signed is not None:
        signed, on = release.signed, words.day(release.signed.approved_on)
        persons = {"prepared_by": signed.prepared_by, "approved_by": signed.approved_by, "on": on}
        yield Fact(words.say("release.signed"), words.say("release.signed_is", **persons))
    if release.earlier:
        yield Fact(words.say("release.earlier"), ", ".join(release.earlier))
    if release.withheld:
        names = ", ".join(words.say(f"release.group_{group}") for group in release.withheld)
        yield Fact(words.say("release.withheld"), words.say("release.withheld_is", groups=names))


def _sections(release: Release, words: Words) -> Iterator[Section]:
    causes = [
        (ReleaseGroup.CAUSES, _causes(release, Cause, "cause", words), "release.causes_text"),
        (ReleaseGroup.OM, _causes(release, OmOnlyCause, "om_only", words), "release.om_text"),
        (ReleaseGroup.UNIT, _rows(release, "unit", words), "release.unit_text"),
        (ReleaseGroup.MONTH, _rows(release, "month", words), "release.month_text"),
    ]
    for group, table, text in causes:
        if group.value not in release.withheld:
            heading = words.say(f"release.heading_{group.value}")
            yield Section(key=group.value, heading=heading, text=(words.say(text),), tables=(table,))
    if release.published:
        yield _published(release, words)
    method = tuple(words.say(f"release.{name}", threshold=release.threshold) for name in ("method", "caution", "row"))
    yield Section(key="method", heading=words.say("release.heading_method"), text=method)


def _causes(release: Release, causes: type[BreakCause], line: str, words: Words) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (words.label(cause), release.value("national", line=line, cause=cause.value)) for cause in causes
    ]
    rows.append((words.say("release.rounding"), release.value("national", line=line, cause=ROUNDING)))
    if line == "om_only":
        earlier = release.value("national", line="registered_earlier")
        rows.append((words.say("om.registered_earlier"), None if earlier is None else -earlier))
        total = (words.say("release.more_than_recognised"), _exact(release, "om_count") - _exact(release, "recognised"))
    else:
        total = (words.say("column.gap"), _exact(release, "gap"))
    return Table(
        key=f"release_{line}",
        name=words.say("sheet.causes" if line == "cause" else "sheet.om_count"),
        caption=words.say("bridge.caption" if line == "cause" else "om.caption"),
        columns=(
            Column(words.say("column.cause")),
            Column(words.say("column.suspects" if line == "cause" else "column.registrations"), CellKind.COUNT),
        ),
        rows=(*rows, total),
        strong=frozenset({len(rows)}),
    )


def _exact(release: Release, line: str) -> int:
    return release.value("national", line=line) or 0


def _rows(release: Release, table: str, words: Words) -> Table:
    found: dict[str, dict[str, int]] = {}
    for cell in release.tables[table]:
        found.setdefault(cell.key[table], {})[cell.key["line"]] = cell.value
    rows: list[tuple[Cell, ...]] = [
        (_row_name(release, table, row, words), *(lines[line] for line in ROW_LINES)) for row, lines in found.items()
    ]
    total: tuple[Cell, ...] = (words.say("column.total"), *(_exact(release, line) for line in ROW_LINES))
    return Table(
        key=f"release_{table}",
        name=words.say(f"release.group_{table}"),
        caption=words.say(f"release.heading_{table}"),
        columns=(
            Column(words.say("column.unit" if table == "unit" else "release.month")),
            *(Column(words.say(f"column.{line}"), CellKind.COUNT) for line in ROW_LINES),
        ),
        rows=(*rows, total),
        strong=frozenset({len(rows)}),
    )


def _row_name(release: Release, table: str, row: str, words: Words) -> str:
    if row == ROUNDING:
        return words.say("release.rounding")
    if table == "unit":
        return words.unit(row, on=release.period.start)
    year, month = map(int, row.split("-"))
    return words.whole_month(date(year, month, 1))


def _published(release: Release, words: Words) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            words.say(f"release.figure_{line}"),
            figure.value,
            _exact(release, line),
            words.document(figure.document),
            "" if figure.as_of is None else words.day(figure.as_of),
        )
        for line, figure in release.published.items()
    ]
    table = Table(
        key="release_published",
        name=words.say("sheet.published"),
        caption=words.say("release.published"),
        columns=(
            Column(words.say("column.figure")),
            Column(words.say("column.published"), CellKind.COUNT),
            Column(words.say("release.here"), CellKind.COUNT),
            Column(words.say("column.document")),
            Column(words.say("column.as_of")),
        ),
        rows=tuple(rows),
    )
    return Section(key="published", heading=words.say("release.published"), tables=(table,))
