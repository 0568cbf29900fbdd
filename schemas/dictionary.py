"""The data dictionary: every declaration as a page for people. Pure text; ``COMMAND`` writes it down."""

import sys
from collections.abc import Iterable, Iterator, Sequence

from schemas.catalogue import sources
from schemas.declaration import EARLIEST_DAY, LATEST_DAY, Field, Kind, Source
from schemas.vocabulary import Vocabulary

COMMAND = "python -m schemas.dictionary > docs/data-dictionary.md"

OPENING = f"""# Data dictionary

Made from the declarations in `schemas/` by `{COMMAND}`: change the declaration, not this page.

- One row of an extract is one mutation of one record, with the record's full state after it, and becomes one event.
- *Empty* is null in the event and in the warehouse: nothing is known. It never means "no".
- A text without a pattern of its own is any text without a NUL character. Dates and moments lie between {EARLIEST_DAY}
  and {LATEST_DAY}; moments carry their offset and are kept in UTC.
- CSV extracts write dates as `dd-mm-yyyy`, true and false as `J` and `N`, and `|` between the words of a list; JSON
  extracts write dates as `yyyy-mm-dd`.
- The warehouse keeps the events of a source in the table of its name. Beside the fields below it holds `event_source`
  and `event_id` (CloudEvents' `source` and `id`, together the key of a row) and `ingested_at` (when we stored it, for
  audit only).
"""


def data_dictionary(declared: Iterable[Source]) -> str:
    """Give the whole page: an overview, then a section for each source in the order given."""
    listed = list(declared)
    overview = markdown_table(
        ["source", "topic", "what one event is"],
        [[f"[`{source.name}`](#{source.name})", f"`{source.topic}`", source.meaning] for source in listed],
    )
    return "\n".join([OPENING, *overview, *(line for source in listed for line in _section(source))]) + "\n"


def _section(source: Source) -> Iterator[str]:
    """One source: where its events travel, its fields, and the words of those that have a vocabulary."""
    extracts = f"published by `ketenbalans produce {source.command} FILE`"
    if source.command is None:
        extracts = "none: a producer sends one event when it has published an extract"
    yield from ["", f"## {source.name}", "", source.meaning, ""]
    yield from markdown_table(
        ["of the events", ""],
        [
            ["topic", f"`{source.topic}`"],
            ["topic of dead letters", f"`{source.dead_letter_topic}`"],
            ["type", f"`{source.event_type}`"],
            ["key of the message", f"`{source.partition_key}`"],
            ["key of the record", ", ".join(f"`{name}`" for name in source.record_key)],
            ["extracts", extracts],
        ],
    )
    yield ""
    head = ["extract column", "field", "type", "may be empty", "meaning"]
    rows = [[_column(one), f"`{one.name}`", _type(one), _may_be_empty(one), one.meaning] for one in source.fields]
    in_extracts = slice(0 if source.command is not None else 1, None)
    yield from markdown_table(head[in_extracts], [row[in_extracts] for row in rows])
    for field in source.fields:
        if field.words is not None:
            yield from ["", f"### {source.name}: the words of {field.name}", "", *_words(field.words)]


def _words(words: type[Vocabulary]) -> list[str]:
    return markdown_table(
        ["in the extract", "in the event", "meaning"], [[f"`{word.word}`", f"`{word}`", word.meaning] for word in words]
    )


def _column(field: Field) -> str:
    return f"`{field.column}`" if field.column is not None else "derived by the producer"


def _type(field: Field) -> str:
    """What a value is, with what its text or number must hold to."""
    if field.words is not None:
        kind = "list of words" if field.kind is Kind.WORDS else "word"
    elif field.kind is Kind.BOOLEAN:
        kind = "true or false"
    elif field.kind is Kind.INTEGER:
        kind = f"{field.kind.value}, {field.minimum or 0} or more"
    elif field.pattern is not None:
        kind = f"{field.kind.value}, matches `{field.pattern}`"
    else:
        kind = field.kind.value
    return f"{kind}; personal: never in a log, an error or a page" if field.is_personal else kind


def _may_be_empty(field: Field) -> str:
    if field.required:
        return "no"
    return "yes" if field.required_with is None else f"yes, except when `mutation` is `{field.required_with}`"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; a bar inside a cell is escaped, also in code, as GitHub's Markdown wants it."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return [f"| {' | '.join(cells)} |" for cells in lines]


if __name__ == "__main__":
    sys.stdout.write(data_dictionary(sources().values()))
