"""The manifest of the columns: what was written comes back, and nothing else passes for it."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.columns.coding import version
from ketenbalans.columns.files import KeptSegment, Manifest
from warehouse.loaded_rows import LoadMark

MARKS = {
    number: LoadMark(number, 10 * number, f"{number:064x}", f"2014-06-0{number}T09:00:00+00:00") for number in (3, 4)
}
MANIFEST = Manifest(
    (
        KeptSegment(1, 3, 30, {"rows": "a" * 64, "ids": "b" * 64}),
        KeptSegment(4, 4, 10, {"rows": "c" * 64, "ids": "d" * 64}),
    ),
    MARKS,
)
CONTENT = MANIFEST.to_bytes()


def test_what_was_written_comes_back() -> None:
    found = Manifest.of_bytes(CONTENT)
    assert found is not None
    assert (found.segments, found.marks, found.last_load) == (MANIFEST.segments, MANIFEST.marks, 4)
    assert found == Manifest.of_bytes(CONTENT)


@given(place=st.integers(0, len(CONTENT) - 1), bit=st.integers(0, 7))
def test_one_altered_bit_is_no_manifest_or_says_the_same(place: int, bit: int) -> None:
    altered = bytearray(CONTENT)
    altered[place] ^= 1 << bit
    found = Manifest.of_bytes(bytes(altered))
    assert found is None or (found.segments, found.marks) == (MANIFEST.segments, MANIFEST.marks)


@given(st.integers(0, len(CONTENT) - 1))
def test_one_cut_short_is_no_manifest(length: int) -> None:
    assert Manifest.of_bytes(CONTENT[:length]) is None


def test_the_version_is_the_same_in_every_process() -> None:
    program = f"from {version.__module__} import version; print(version())"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == version()
