"""What holds over all releases of a period together: whoever has them all knows no more than the rule allows."""

from itertools import pairwise

import pytest
from hypothesis import given, settings

from ketenbalans.release.counts import ExactCounts
from ketenbalans.release.making import narrowest_of
from ketenbalans.release.offsets import ReleaseKey
from schemas.release import Release, ReleasedCell, ReleaseGroup
from tests.unit.release.made_up import THRESHOLD, keys, releases_of, series

pytestmark = pytest.mark.laws


def row_of(release: Release, unit: str) -> list[ReleasedCell]:
    return [cell for cell in release.tables["unit"] if cell.key["unit"] == unit]


@given(made=series(), key=keys)
@settings(max_examples=25, deadline=None)
def test_a_series_of_releases(made: list[ExactCounts], key: ReleaseKey) -> None:
    kept = releases_of(made, key)
    for group in ReleaseGroup:  # small counts and small changes stay open, also of earlier ones in the light of later
        for until in range(1, len(kept) + 1):
            found = narrowest_of(group, kept[:until])
            assert found is None or found.whole_numbers >= THRESHOLD, (group, until, found)
    for before, after in pairwise(kept):  # a count that does not change keeps its value, and a draw that was made stays
        for unit, counts in before.counts.units.items():
            if after.counts.units.get(unit) == counts and row_of(before.release, unit) and row_of(after.release, unit):
                assert row_of(before.release, unit) == row_of(after.release, unit)
        assert all(drawn in (None, after.release.draw[group]) for group, drawn in before.release.draw.items())
    again = releases_of(made, key)
    assert [one.release.to_bytes() for one in kept] == [one.release.to_bytes() for one in again]
    assert all(Release.from_json(one.release.to_json()) == one.release for one in kept)
