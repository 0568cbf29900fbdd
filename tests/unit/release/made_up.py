"""Years with made-up counts, of any size, for the laws of releases."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.release.counts import ExactCounts, RowCounts
from ketenbalans.release.making import KeptRelease, ReleaseTerms, make_release
from ketenbalans.release.offsets import ReleaseKey
from schemas.causes import Cause, OmOnlyCause
from schemas.disclosure import DisclosurePolicy
from schemas.period import Period, month_ends
from schemas.release import ReleaseGroup

PERIOD = Period.of_year(2014)
MONTHS = [end.isoformat()[:7] for end in month_ends(PERIOD.start, PERIOD.end)]
THRESHOLD = DisclosurePolicy.parse((PROJECT_FOLDER / "policy.toml").read_text("utf-8")).threshold
TERMS = ReleaseTerms(threshold=THRESHOLD, draft=True, synthetic=True)
KEY = ReleaseKey(bytes(range(32)))

keys = st.binary(min_size=32, max_size=32).map(ReleaseKey)
groups = st.sampled_from(list(ReleaseGroup))


def counts_of(
    units: Sequence[tuple[int, int]], *, om_only: Sequence[int] = (), earlier: int = 0, as_of: date = PERIOD.end
) -> ExactCounts:
    """Counts whose units deliver so many, of which so many are not recognised; the other tables follow from those."""
    delivered, gap = (sum(row[place] for row in units) for place in (0, 1))
    om = dict(zip((cause.value for cause in OmOnlyCause), (*om_only, *[0] * len(OmOnlyCause)), strict=False))
    return ExactCounts(
        period=PERIOD,
        as_of=as_of,
        national={
            "delivered": delivered,
            "recognised": delivered - gap,
            "gap": gap,
            "om_count": delivered - gap + sum(om.values()) - earlier,
        },
        causes=dict(zip((cause.value for cause in Cause), _spread(gap, len(Cause)), strict=True)),
        om_only=om,
        registered_earlier=earlier,
        units={f"PL{number:02}00": RowCounts(*row) for number, row in enumerate(units) if row[0]},
        months=dict(zip(MONTHS, map(RowCounts, _spread(delivered, 12), _spread(gap, 12)), strict=True)),
    )


@st.composite
def years(draw: st.DrawFn) -> ExactCounts:
    """Counts of a year, most of them small."""
    rows = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), min_size=3, max_size=12))
    units = [(delivered + gap, gap) for delivered, gap in rows]
    om_only = draw(st.lists(st.integers(0, 9), min_size=8, max_size=8))
    counts = counts_of(units, om_only=om_only, earlier=draw(st.integers(0, min(9, units[0][0] - units[0][1]))))
    small = any(0 < value < THRESHOLD for value in counts.national.values())
    return counts_of([(100, 30), *units], om_only=om_only) if small else counts


@st.composite
def series(draw: st.DrawFn, *, at_most: int = 4) -> list[ExactCounts]:
    """Counts of a year as known on some days, between which a few suspects come or are recognised."""
    units = draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), min_size=3, max_size=8))
    rows = [(60, 20), *((delivered + gap, gap) for delivered, gap in units)]
    made = []
    for place in range(draw(st.integers(1, at_most))):
        made.append(counts_of(rows, as_of=PERIOD.end + timedelta(days=30 * place)))
        moves = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=len(rows), max_size=len(rows)))
        rows = [
            (delivered + new, max(0, gap + new - less))
            for (delivered, gap), (new, less) in zip(rows, moves, strict=True)
        ]
    return made


def releases_of(made: Sequence[ExactCounts], key: ReleaseKey = KEY) -> list[KeptRelease]:
    """The releases of those counts, one after another."""
    kept: list[KeptRelease] = []
    for counts in made:
        kept.append(KeptRelease(make_release(counts, key=key, terms=TERMS, earlier=kept), counts))
    return kept


def _spread(suspects: int, over: int) -> list[int]:
    """Unevenly, but the same for the same number: half to the first, half of the rest to the next, and so on."""
    left, parts = suspects, []
    for _ in range(over - 1):
        parts.append((left + 1) // 2)
        left -= parts[-1]
    return [*parts, left]
