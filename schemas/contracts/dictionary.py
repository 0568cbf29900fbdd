"""The data dictionary: a page for people of each declaration.

One page per source and no list of them: a new source adds a page and changes none.
"""

from collections.abc import Iterator, Sequence

from schemas.catalogue import sources
from schemas.contracts.command import COMMAND
from schemas.declaration import EARLIEST_DAY, LATEST_DAY, Field, Kind, Source
from schemas.vocabulary import Vocabulary

OPENING = f"""# Data dictionary

Each page of this folder is a source: where its events travel, its fields, its words. The pages are made from the
declarations in `schemas/` by `{COMMAND}`: change the declaration, not the page.

- One row of an extract is one mutation of one record, with the record's full state after it, and becomes one event.
- *Empty* is null in the event and in the warehouse: nothing is known. It never means "no".
- What an extract holds of a key, a chain number or a text with a pattern of its own has no sign that nobody sees
  (zero-width, soft hyphen, byte order mark, directions, controls): such a row is rejected (ADR 0030).
- A row without a filled cell is an empty line, and so is what stands after the last row: the end-of-file sign of DOS.
- A text without a pattern of its own is any text without a NUL character. Dates and moments lie between {EARLIEST_DAY}
  and {LATEST_DAY}; moments carry their offset and are kept in UTC.
  A row of mutations tells of no day later than the day after it was recorded, in Amsterdam.
- CSV extracts write dates as `dd-mm-yyyy`, true and false as `J` and `N`, and `|` between the words of a list; JSON
  extracts write dates as `yyyy-mm-dd`.
- The warehouse keeps the events of a source in the table of its name. Beside the declared fields it holds
  `event_source` and `event_id` (CloudEvents' `source` and `id`, together the key of a row) and `ingested_at` (when we
  stored it: what is new since a look is known by it, no state ever is).
"""


def data_dictionary() -> dict[str, str]:
    """The name and the text of every page, with the one that opens the folder."""
    return {"README.md": OPENING, **{f"{name}.md": source_page(source) for name, source in sources().items()}}


def source_page(source: Source) -> str:
    """Give the page of a source."""
    return "\n".join(_lines(source)) + "\n"


def _lines(source: Source) -> Iterator[str]:
    """Where its events travel, its fields, and the words of those that have a vocabulary."""
    extracts = f"published by `ketenbalans produce {source.command} FILE`"
    if source.command is None:
        extracts = "none: a producer sends one event when it has published an extract"
    yield from [f"# {source.name}", "", source.meaning, ""]
    yield from [
        f"Made from `schemas/sources/{source.name}.py` by `{COMMAND}`; what holds for all is in [README](README.md).",
        "",
    ]
    delivers = [] if source.party is None else [["delivers for", f"`{source.party}`: linked with the OM, and balanced"]]
    shown = ", ".join(f"[`{case}`](../../tests/golden/{case}/)" for case in source.golden_cases)
    delivers += [["golden cases", shown]] if shown else []
    earlier = ", ".join(f"`{version.event_type}`" for version in source.earlier)
    delivers += [["earlier versions", f"{earlier}: read as this one"]] if earlier else []
    yield from markdown_table(
        ["of the events", ""],
        [
            ["topic", f"`{source.topic}`"],
            ["topic of dead letters", f"`{source.dead_letter_topic}`"],
            ["type", f"`{source.event_type}`"],
            ["key of the message", f"`{source.partition_key}`"],
            ["key of the record", ", ".join(f"`{name}`" for name in source.record_key)],
            ["extracts", extracts],
            *delivers,
        ],
    )
    yield ""
    head = ["extract column", "field", "type", "may be empty", "meaning"]
    rows = [[_column(one), f"`{one.name}`", _type(one), _may_be_empty(one), one.meaning] for one in source.fields]
    in_extracts = slice(0 if source.command is not None else 1, None)
    yield from markdown_table(head[in_extracts], [row[in_extracts] for row in rows])
    for field in source.fields:
        if field.words is not None:
            yield from ["", f"## The words of {field.name}", "", *_words(field.words)]
        if field.on_days:
            yield from ["", "Expected on its days, reported by the quality check and refused by no gate:", ""]
            yield from [f"- {expected}" for expected in field.on_days]


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
    if field.not_before is not None:
        kind = f"{kind}, not before `{field.not_before}`"
    return f"{kind}; personal: never in a log, an error or a page" if field.is_personal else kind


def _may_be_empty(field: Field) -> str:
    if field.required:
        return "no"
    if field.added_later:
        return "yes, and an extract may lack the column"
    return "yes" if field.required_with is None else f"yes, except when `mutation` is `{field.required_with}`"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; a bar inside a cell is escaped, also in code, as GitHub's Markdown wants it."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return [f"| {' | '.join(cells)} |" for cells in lines]
