"""Make a release: choose the draws, withhold what could be known too well, and say which exact lines moved a little."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ketenbalans.release.audit.attack import Narrowed, Truth, narrowest, small_in_one
from ketenbalans.release.audit.published import Cell, PublishedGroup, published_of
from ketenbalans.release.counts import ExactCounts
from ketenbalans.release.offsets import Offsets, ReleaseKey
from ketenbalans.release.rounded import Cells, exact_cells, rounded_cells, roundings
from schemas.answer_parts import PublishedBeside
from schemas.release import NATIONAL_LINES, Release, ReleaseFlag, ReleaseGroup, ReleaseSignature

DRAWS = 64
"""So many draws are tried for a group; when none will do, it is withheld."""

OF_A_WHOLE_YEAR = (ReleaseGroup.UNIT, ReleaseGroup.MONTH)
"""Groups that are published from the end of the period on: exact totals of its first months give offsets away."""


class ReleaseRefused(ValueError):
    """What is asked may not be published, whatever the offsets; the message says why and what can be."""


@dataclass(frozen=True)
class KeptRelease:
    """A release that was made, and the exact counts that it was made of."""

    release: Release
    counts: ExactCounts


@dataclass(frozen=True, kw_only=True)
class ReleaseTerms:
    """What a release is made under beside its counts.

    Attributes:
        threshold: the disclosure threshold.
        draft: nobody approved the figures.
        synthetic: whether a loaded extract was made by a scenario.
        figure_set: the name of the approved figure set; None of a draft.
        signed: who signed it; None of a draft.
        published: what documents gave, by the line that it stands beside.
    """

    threshold: int
    draft: bool
    synthetic: bool
    figure_set: str | None = None
    signed: ReleaseSignature | None = None
    published: Mapping[str, PublishedBeside] = field(default_factory=dict)


def make_release(
    counts: ExactCounts, *, key: ReleaseKey, terms: ReleaseTerms, earlier: Sequence[KeptRelease]
) -> Release:
    """Make the next release of a calendar year: the same counts, key, terms and earlier ones give the same.

    A count that does not change keeps its value in every release of the period. Every true count from 1 up to the
    threshold less one, and every true change of as much, stays open over at least as many whole numbers as the
    threshold for whoever has all releases of the period, or its group is withheld.

    Args:
        counts: what the balance counts.
        key: the release key, the same for all releases of a period.
        terms: what it is made under.
        earlier: the releases of the period that were made before, the oldest first.

    Raises:
        ReleaseRefused: it is no calendar year, an exact line is too small, or the threshold is another than before.
    """
    _refuse(counts, terms, earlier)
    made = _exact(counts, terms, earlier)
    for group in ReleaseGroup:
        made = _with_group(made, group, counts, key=key, earlier=earlier)
    return made


def true_cells(counts: ExactCounts, group: ReleaseGroup) -> Truth:
    """The true counts of the cells of a group that have an offset."""
    if group in OF_A_WHOLE_YEAR:
        rows = counts.units if group is ReleaseGroup.UNIT else counts.months
        return {Cell(name, line): getattr(row, line) for name, row in rows.items() for line in ("delivered", "gap")}
    if group is ReleaseGroup.CAUSES:
        return {Cell(cause, "cause"): suspects for cause, suspects in counts.causes.items()}
    earlier = "registered_earlier"
    of_the_om = {Cell(cause, "om_only"): suspects for cause, suspects in counts.om_only.items()}
    return {**of_the_om, Cell(earlier, earlier): counts.registered_earlier}


def narrowest_of(group: ReleaseGroup, releases: Sequence[KeptRelease], *, enough: int | None = None) -> Narrowed | None:
    """What is known best of the small counts of a group, and of their small changes, over those releases."""
    groups, truths = known_of(group, releases)
    return narrowest(groups, truths, enough=enough)


def known_of(group: ReleaseGroup, releases: Sequence[KeptRelease]) -> tuple[list[PublishedGroup], list[Truth]]:
    """What the releases say of a group that is in them, and what is true of it."""
    known = [
        (published, true_cells(kept.counts, group))
        for kept in releases
        if (published := published_of(kept.release, group)) is not None
    ]
    return [published for published, _ in known], [truth for _, truth in known]


def _refuse(counts: ExactCounts, terms: ReleaseTerms, earlier: Sequence[KeptRelease]) -> None:
    if not counts.period.is_calendar_year:
        message = (
            f"{counts.period} is no calendar year, and only those are released: one of a month would publish that "
            f"month's exact deliveries; release {counts.period.start.year}, which has a table by month"
        )
        raise ReleaseRefused(message)
    if small := [line for line in NATIONAL_LINES if 0 < counts.national[line] < terms.threshold]:
        message = (
            f"{', '.join(small)} of {counts.period} as known on {counts.as_of} lies below the disclosure threshold of "
            f"{terms.threshold}, and national figures are published as they are; wait for a later day of knowledge"
        )
        raise ReleaseRefused(message)
    if other := sorted({one.release.threshold for one in earlier} - {terms.threshold}):
        message = (
            f"earlier releases of {counts.period} were made under a disclosure threshold of {other[0]}, and one of "
            f"{terms.threshold} beside them would give counts away; set [disclosure] threshold back for this period"
        )
        raise ReleaseRefused(message)


def _exact(counts: ExactCounts, terms: ReleaseTerms, earlier: Sequence[KeptRelease]) -> Release:
    """The release with its exact lines; every group is still withheld."""
    return Release(
        release_id=f"{counts.period}-{len(earlier) + 1}",
        period=counts.period,
        as_of=counts.as_of,
        threshold=terms.threshold,
        draw={group.value: _earlier_draw(group, earlier) for group in ReleaseGroup},
        draft=terms.draft,
        synthetic=terms.synthetic,
        figure_set=terms.figure_set,
        signed=terms.signed,
        earlier=tuple(one.release.release_id for one in earlier),
        withheld=tuple(group.value for group in ReleaseGroup),
        flags=tuple(small_moves(counts.national, threshold=terms.threshold, earlier=earlier)),
        published=terms.published,
        tables={"national": exact_cells(counts), "unit": (), "month": ()},
    )


def _earlier_draw(group: ReleaseGroup, earlier: Sequence[KeptRelease]) -> int | None:
    """The draw of the releases before, also where the group was withheld in between."""
    return next((draw for one in earlier if (draw := one.release.draw[group.value]) is not None), None)


def small_moves(national: Mapping[str, int], *, threshold: int, earlier: Sequence[KeptRelease]) -> list[ReleaseFlag]:
    """The exact lines that moved so little since an earlier release that it may be about one person's file.

    Args:
        national: each of ``NATIONAL_LINES``, as it is to be released.
        threshold: the disclosure threshold.
        earlier: the releases of the period, the oldest first.
    """
    moved = [
        ReleaseFlag(line=line, since=one.release.release_id, change=national[line] - one.counts.national[line])
        for one in earlier
        for line in NATIONAL_LINES
    ]
    return [flag for flag in moved if 0 < abs(flag.change) < threshold]


def _with_group(
    release: Release, group: ReleaseGroup, counts: ExactCounts, *, key: ReleaseKey, earlier: Sequence[KeptRelease]
) -> Release:
    """The release with a group in it, or as it is where that has to be withheld."""
    if group in OF_A_WHOLE_YEAR and counts.as_of < counts.period.end:
        return release
    standing = release.draw[group.value]
    for draw in range(DRAWS) if standing is None else [standing]:
        offsets = Offsets(key=key, period=counts.period, table=group.value, draw=draw, threshold=release.threshold)
        cells = rounded_cells(counts, group, offsets)
        tried = KeptRelease(_publish(release, group, cells, draw), counts)
        if standing is None and not _is_fit_to_begin_with(tried, group, cells):
            continue
        found = narrowest_of(group, [*earlier, tried], enough=release.threshold)
        if found is None or found.whole_numbers >= release.threshold:
            return tried.release
    return release


def _is_fit_to_begin_with(tried: KeptRelease, group: ReleaseGroup, cells: Cells) -> bool:
    """Whether rounding moved little in all, and the release by itself leaves enough open: the first look."""
    threshold = tried.release.threshold
    if any(abs(value) > threshold for value in roundings(cells)):
        return False
    ((published,), (truth,)) = known_of(group, [tried])
    fewest = small_in_one(published, truth)
    return fewest is None or fewest >= threshold


def _publish(release: Release, group: ReleaseGroup, cells: Cells, draw: int) -> Release:
    table = group.value if group in OF_A_WHOLE_YEAR else "national"
    return replace(
        release,
        draw={**release.draw, group.value: draw},
        withheld=tuple(name for name in release.withheld if name != group.value),
        tables={**release.tables, table: (*release.tables[table], *cells)},
    )
