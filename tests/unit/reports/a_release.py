"""Releases to draw: a draft with everything in it, an approved one, and one whose tables are withheld."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from schemas.answer_parts import PublishedBeside
from schemas.release import Release, ReleaseGroup, ReleaseSignature
from tests.unit.release.made_up import counts_of, releases_of

COUNTS = counts_of([(97, 31), (41, 7), (12, 6), (8, 5)], om_only=[9, 6, 5, 0, 7], earlier=6)


def a_release() -> Release:
    """The second release of a year: a draft of synthetic data with all its tables, and a figure beside it."""
    _, release = (one.release for one in releases_of([COUNTS, COUNTS]))
    beside = {"delivered": PublishedBeside(value=507, document="kst-31015-82", as_of=date(2013, 3, 1))}
    return replace(release, published=beside | {"recognised": replace(beside["delivered"], as_of=None)})


def all_kinds_of_releases() -> Iterator[Release]:
    """So many that every sentence is in one."""
    release = a_release()
    withheld = tuple(group.value for group in ReleaseGroup)
    yield release
    signed = ReleaseSignature(prepared_by="anna", approved_by="ben", approved_on=date(2015, 2, 9))
    yield replace(release, draft=False, synthetic=False, figure_set="0123456789abcdef" * 4, signed=signed)
    national = release.tables["national"][:4]
    yield replace(release, withheld=withheld, tables={"national": national, "unit": (), "month": ()})
