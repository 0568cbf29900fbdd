"""Make a release: balance when that was not done yet, round, audit, keep it, and write its files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine

from ketenbalans.jobs.balancing.basis import basis_of
from ketenbalans.jobs.balancing.making import balance_with_breaks
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.figures.published import published_beside
from ketenbalans.jobs.release.approval import ApprovedFigures, approved_figures
from ketenbalans.jobs.release.keys import release_key
from ketenbalans.jobs.reporting.refusals import refuse_what_is_not_known
from ketenbalans.release.counts import ExactCounts, RowCounts
from ketenbalans.release.making import KeptRelease, ReleaseRefused, ReleaseTerms, make_release
from ketenbalans.release.offsets import ReleaseKey
from ketenbalans.reports.release_files import release_files
from ketenbalans.settings import Settings
from ketenbalans.whole_files import WholeFiles, check_folder
from schemas.answer import BalanceAnswer
from schemas.json_object import JsonObject
from schemas.period import Period
from schemas.release import NATIONAL_LINES, Release
from warehouse.database import snapshot
from warehouse.errors import InputKeepsChanging
from warehouse.extracts import is_synthetic
from warehouse.releases import NewRelease, StoredRelease, hold_releases, keep_release, releases_of

TRIES = 4
"""How often a balance of just what is loaded is looked for, which is made in between, while rows come in."""


class ReleaseKeyDiffers(ReleaseRefused):
    """The release key of this home is not the one that the releases of a period were made under."""

    def __init__(self, period: Period, home: Path) -> None:
        super().__init__(
            f"the releases of {period} that are kept were made under another release key than the one in {home}, and "
            "one under this key beside them would give counts away; put the key back from the backup of secrets"
        )


@dataclass(frozen=True, kw_only=True)
class WrittenRelease:
    """A release that was written.

    Attributes:
        release: what goes out.
        files: where it is, the pages first.
        is_new: whether it was made now; else it was made before, and written again.
    """

    release: Release
    files: Sequence[Path]
    is_new: bool

    def to_json(self) -> JsonObject:
        """What ``release make --json`` prints."""
        return {**self.release.to_json(), "files": [str(file) for file in self.files], "is_new": self.is_new}


@dataclass(frozen=True, kw_only=True)
class _Exact:
    """What a release is to be made of, as one moment has it."""

    counts: ExactCounts
    balance_id: int
    terms: ReleaseTerms = field(repr=False)


def make_and_write_release(  # noqa: PLR0913 (the question, what it is for, and where the answer goes)
    engine: Engine, settings: Settings, *, period: Period, as_of: date, draft: bool, made_by: str | None, out: Path
) -> WrittenRelease:
    """Make the release of a calendar year as known on a day, keep it, and write its files.

    The same question about the same input is the same release, byte for byte.

    Args:
        engine: the warehouse.
        settings: the standing policies, and the home, which has the release key.
        period: the calendar year.
        as_of: the day whose knowledge is used.
        draft: whether it may be of figures that nobody approved; it says so on every page.
        made_by: the handle of who makes it; None: nobody said.
        out: the folder; made when it is not there.

    Raises:
        ReleaseRefused: it may not be published, whatever the offsets, or nobody approved the figures.
        ReleaseKeyDiffers: earlier releases of the period were made under another key.
        NotCovered: the day lies after the last one that both registers cover.
        NothingOfThePeriod: no record of the period is known on that day.
        InputKeepsChanging: rows were loaded each time that it was tried.
        NotWritten: the folder cannot be written; what was kept is written by asking again.
    """
    check_folder(out)
    if not period.is_calendar_year:
        message = f"{period} is no calendar year, and only those are released; ask for --period {period.start.year}"
        raise ReleaseRefused(message)
    key = release_key(settings.home)
    with snapshot(engine) as connection:
        refuse_what_is_not_known(connection, period=period, as_of=as_of)
    exact = _of_one_moment(engine, settings, period=period, as_of=as_of, draft=draft)
    release, is_new = _made_and_kept(engine, settings, exact, key=key, made_by=made_by)
    return WrittenRelease(release=release, files=write_release(release, out), is_new=is_new)


def write_release(release: Release, out: Path) -> list[Path]:
    """Write every file of a release, all of them or none; gives them, the pages first.

    Raises:
        NotWritten: the folder could not be written.
    """
    with WholeFiles(out) as files:
        return [files.add(name, content) for name, content in release_files(release).items()]


def kept_releases(stored: Sequence[StoredRelease]) -> list[KeptRelease]:
    """Releases with their exact counts, as the domain reads them."""
    return [KeptRelease(one.release, ExactCounts.from_json(one.counts)) for one in stored]


def _of_one_moment(engine: Engine, settings: Settings, *, period: Period, as_of: date, draft: bool) -> _Exact:
    """The counts in one snapshot that holds just what their balance was made from, which is made when it is not."""
    policy, threshold = settings.read_policy(), settings.read_disclosure_policy().threshold
    for looks_left in reversed(range(TRIES)):
        with snapshot(engine) as connection:
            stored = balance_with_breaks(connection, period, basis_of(connection, as_of=as_of, policy=policy))
            if stored is not None:
                approved = None if draft else approved_figures(connection, stored.answer)
                in_months = stored.answer.by_month or ()
                months = {one.month: RowCounts(one.delivered, one.gap) for one in in_months if one.delivered}
                return _Exact(
                    counts=ExactCounts.of(stored.answer, by_month=months),
                    balance_id=stored.balance_id,
                    terms=_terms(connection, stored.answer, approved=approved, threshold=threshold),
                )
        if looks_left:
            reconcile(engine, settings, period=period, as_of=as_of, policy=policy, keeps_breaks=True)
    raise InputKeepsChanging(str(period), as_of, TRIES)


def _terms(
    connection: Connection, answer: BalanceAnswer, *, approved: ApprovedFigures | None, threshold: int
) -> ReleaseTerms:
    beside = published_beside(answer.period, answer.as_of)
    return ReleaseTerms(
        threshold=threshold,
        draft=approved is None,
        synthetic=is_synthetic(connection),
        figure_set=None if approved is None else approved.figure_set,
        signed=None if approved is None else approved.signed,
        published={line: beside[line] for line in NATIONAL_LINES if line in beside},
    )


def _made_and_kept(
    engine: Engine, settings: Settings, exact: _Exact, *, key: ReleaseKey, made_by: str | None
) -> tuple[Release, bool]:
    """The release, and whether it is new: of what was released before, the same again is what went out then."""
    period = exact.counts.period
    with engine.begin() as connection:
        hold_releases(connection, period)
        stored = releases_of(connection, period=period)
        if any(one.key_check != key.check for one in stored):
            raise ReleaseKeyDiffers(period, settings.home)
        earlier = kept_releases(stored)
        again = next((one.release for one in earlier if _is_of(one, exact)), None)
        if again is not None:
            return again, False
        release = make_release(exact.counts, key=key, terms=exact.terms, earlier=earlier)
        keep_release(
            connection,
            NewRelease(
                release=release,
                counts=exact.counts.to_json(),
                balance_id=exact.balance_id,
                key_check=key.check,
                made_by=made_by,
            ),
        )
        return release, True


def _is_of(kept: KeptRelease, exact: _Exact) -> bool:
    """Whether a release was made of just those counts, under just those terms."""
    return kept.counts == exact.counts and terms_of(kept.release) == exact.terms


def terms_of(release: Release) -> ReleaseTerms:
    """What a release was made under."""
    return ReleaseTerms(
        threshold=release.threshold,
        draft=release.draft,
        synthetic=release.synthetic,
        figure_set=release.figure_set,
        signed=release.signed,
        published=release.published,
    )
