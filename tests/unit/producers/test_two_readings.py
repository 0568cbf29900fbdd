"""Whatever is read at a time, an extract has the same events, rejections and totals; and a changed one is an error."""

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.catalogue import producer_of
from producers.content import Content, opened
from producers.errors import ExtractChanged, UnreadableExtract
from producers.two_readings import checked, good_rows
from schemas.catalogue import source_named
from tests.unit.producers.extracts import HOTLINE, KEY, OM, POLICE, csv_text, json_text, outcome_of

pytestmark = pytest.mark.laws

GOOD_LINE = csv_text([POLICE]).splitlines()[1]
CSV_LINES = [
    GOOD_LINE,
    GOOD_LINE.replace(";N;;", ';N;"team\nNoord";'),
    GOOD_LINE.replace(";N;;", ";N;team Zuid ;"),
    GOOD_LINE.replace(";N;", ";ja;"),
    GOOD_LINE.replace("PL0900-2014000123", "PL09é"),
    GOOD_LINE + ";",
    GOOD_LINE.replace(";N;;", ';N;a"b;'),
    GOOD_LINE.replace(";N;;", ";N;a\rb;"),
    'x;"a\r\n\r\n;b"',
    "x;y",
    "",
    " \t",
    ";;;;;;;;;;",
    '"";;',
    ";" * 40,
    "\x1a",
]
JSON_LINES = [
    json_text(HOTLINE).strip(),
    json_text({**HOTLINE, "report_id": 'M-"2"'}).strip(),
    json_text({**HOTLINE, "report_id": "M-é", "reporter": "x"}).strip(),
    json_text({name: HOTLINE[name] for name in reversed(HOTLINE)}).strip(),
    json_text({**HOTLINE, "report_id": 7}).strip(),
    json_text({**HOTLINE, "theme": None}).strip(),
    json_text(HOTLINE).strip()[:-1] + ', "report_id": "M-9"}',
    "{}",
    "[]",
    "",
    " \r",
]
ENDS = st.sampled_from(["\n", "\r\n", "\n\n"])
BLOCKS = st.sampled_from([1, 30, 90, 150, 400])


def every_way(source: str, text: str, block_bytes: int) -> None:
    """The whole at once and in blocks of that size: the same, the error too."""
    with TemporaryDirectory() as folder:
        whole, in_blocks = (
            what_comes_of(source, Path(folder, "x"), text, size) for size in (len(text.encode()) + 1, block_bytes)
        )
    assert in_blocks == whole


def what_comes_of(source: str, file: Path, text: str, block_bytes: int) -> object:
    try:
        found = outcome_of(source, file, text, block_bytes=block_bytes)
    except UnreadableExtract as error:
        return str(error)
    extract = found.extract
    assert found.events.height == extract.published == len(found.numbers)
    totals = (extract.extract_id, extract.rows, extract.newest_recorded_at, extract.synthetic, extract.warnings)
    return found.events.rows(), found.numbers, found.rejected, found.rows, found.rules, found.ids, totals


@given(
    st.lists(st.tuples(st.sampled_from(CSV_LINES), ENDS), max_size=9), BLOCKS, st.sampled_from(["", "\x1a\x1a", '"'])
)
@settings(max_examples=25)
def test_a_csv_extract_in_blocks_of_any_size(lines: list[tuple[str, str]], block_bytes: int, at_the_end: str) -> None:
    text = "\ufeff" + ";".join(POLICE) + "\n" + "".join(line + end for line, end in lines) + at_the_end
    every_way("police", text, block_bytes)


@given(st.lists(st.tuples(st.sampled_from(JSON_LINES), ENDS), max_size=9), BLOCKS)
@settings(max_examples=25)
def test_a_json_extract_in_blocks_of_any_size(lines: list[tuple[str, str]], block_bytes: int) -> None:
    every_way("hotline", "".join(line + end for line, end in lines), block_bytes)


@pytest.mark.parametrize("block_bytes", [1, 50, 100_000])
def test_a_byte_that_is_no_utf8_is_found_before_a_header_that_is_none(block_bytes: int, tmp_path: Path) -> None:
    with pytest.raises(UnreadableExtract, match="line 400 is not UTF-8") as caught:
        outcome_of("police", tmp_path / "x", b"no header\n" * 399 + b"a\xe9\n" * 9, block_bytes=block_bytes)
    assert caught.value.__context__ is None


def test_a_quote_that_swallows_the_rest_is_found_in_the_first_reading(tmp_path: Path) -> None:
    rows = [{**POLICE, "volgnummer_verdachte": str(number)} for number in range(1, 400)]
    file = tmp_path / "x"
    file.write_text(csv_text(rows) + GOOD_LINE.replace(";N;;", ';N;"team;') + "\n" + csv_text(rows))
    with opened(file, block_bytes=1_000) as content, pytest.raises(UnreadableExtract, match="line 401 opens a quote"):
        checked(producer_of(source_named("police")), content)


def appended(written: bytes) -> bytes:
    return written + written[-50:]


def cut(written: bytes) -> bytes:
    return written[:-200]


def one_byte_otherwise(written: bytes) -> bytes:
    return written.replace(b"PL0900-2014000123;399;", b"PL0900-2014000124;399;")


@pytest.mark.parametrize("change", [appended, cut, one_byte_otherwise, lambda _: b""])
@pytest.mark.parametrize("block_bytes", [2_000, 100_000])
def test_of_a_file_that_changes_between_the_readings_nothing_new_is_given(
    change: Callable[[bytes], bytes], block_bytes: int
) -> None:
    rows = [{**POLICE, "volgnummer_verdachte": str(number)} for number in range(1, 500)]
    written = csv_text(rows).encode()
    stream = io.BytesIO(written)
    content = Content(Path("police.csv"), stream, block_bytes=block_bytes)
    producer = producer_of(source_named("police"))
    extract = checked(producer, content)
    stream.truncate(0)
    stream.seek(0)
    stream.write(change(written))
    given_rows: list[int] = []
    with pytest.raises(ExtractChanged, match="was changed while it was read"):
        for events, _ in good_rows(producer, content, KEY, extract.rejected):
            given_rows += events["suspect_number"].to_list()
            assert set(events["dossier_number"]) == {"PL0900-2014000123"}
    assert given_rows == list(range(1, len(given_rows) + 1))
    assert len(given_rows) < 499


def test_a_disk_that_fails_in_the_second_reading_is_reported_as_that(tmp_path: Path) -> None:
    """Some rows may be published then, so nobody says that none is."""

    class Disk(io.BytesIO):
        fails = False

        def read(self, size: int | None = -1, /) -> bytes:
            if self.fails:
                raise OSError(5, "Input/output error")
            return super().read(size)

    disk, producer = Disk(csv_text([POLICE] * 9).encode()), producer_of(source_named("police"))
    content = Content(tmp_path / "x.csv", disk, block_bytes=400)
    rejected = checked(producer, content).rejected
    parts = good_rows(producer, content, KEY, rejected)
    assert next(parts)[0].height
    disk.fails = True
    with pytest.raises(ExtractChanged, match=r"can no longer be read \(Input/output error\).*may be") as caught:
        list(parts)
    assert caught.value.__context__ is None


def test_a_pipe_is_read_twice_too(tmp_path: Path) -> None:
    """What a shell gives as ``<(unpack extract.gz)`` can be read but once."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    class File(type(tmp_path)):  # type: ignore[misc]
        def open(self, *_: object) -> Pipe:
            return Pipe(csv_text([OM], tuple(OM)).encode())

    producer = producer_of(source_named("om"))
    with opened(File("pipe")) as content:
        extract = checked(producer, content)
        assert [events.height for events, _ in good_rows(producer, content, KEY, extract.rejected)] == [1]
