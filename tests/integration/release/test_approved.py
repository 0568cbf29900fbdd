"""Only figures that two persons approved, and that still hold, are released without being a draft."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ketenbalans.jobs.release.auditing import audit_release
from ketenbalans.jobs.release.flags import release_flags
from ketenbalans.jobs.release.making import WrittenRelease, make_and_write_release
from ketenbalans.jobs.reporting.report import make_report
from ketenbalans.jobs.signoff.acting import approve, prepare, withdraw
from ketenbalans.release.making import ReleaseRefused
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.settings import Settings
from schemas.people import Identity, Person
from schemas.period import Period
from schemas.release import NATIONAL_LINES, Release, ReleaseSignature
from tests.integration.conftest import NewWarehouse
from tests.integration.scenario_events import load_scenario
from warehouse.database import snapshot
from warehouse.releases import releases_of

pytestmark = pytest.mark.stack

YEAR, AS_OF = Period.of_year(2014), YEAR_2014.covers[0]
ANNA, BEN = (Person(handle=one, identity=Identity.SIGNED_IN) for one in ("anna", "ben"))


@pytest.fixture(scope="module")
def loaded(new_warehouse: NewWarehouse) -> Engine:
    engine = new_warehouse()
    load_scenario(engine, YEAR_2014)
    return engine


def made(engine: Engine, home: Path, *, draft: bool = False, as_of: date = AS_OF) -> WrittenRelease:
    settings = Settings(home=home / "home")
    return make_and_write_release(
        engine, settings, period=YEAR, as_of=as_of, draft=draft, made_by=None, out=home / "out"
    )


def _exact(release: Release, line: str) -> int:
    value = release.value("national", line=line)
    assert value is not None
    return value


def test_figures_are_released_once_two_persons_signed_and_no_longer_when_that_is_taken_back(
    loaded: Engine, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(ReleaseRefused, match="no figure set of them was prepared"):
        made(loaded, tmp_path)
    draft = made(loaded, tmp_path, draft=True).release
    report = make_report(loaded, settings, period=YEAR, as_of=AS_OF, out=tmp_path / "report", languages=["en"])
    assert "none was made yet" in report.files[0].read_text("utf-8")  # a draft may not be published
    prepared = prepare(loaded, settings, period=YEAR, as_of=AS_OF, person=ANNA)
    with pytest.raises(ReleaseRefused, match="their figure set is prepared"):
        made(loaded, tmp_path)
    signed = approve(loaded, prepared.set_id, BEN)
    release = made(loaded, tmp_path).release
    assert release_flags(loaded, signed, threshold=5) == []  # it counts what the draft counts
    assert (release.draft, release.figure_set, release.earlier) == (False, signed.set_id, (draft.release_id,))
    assert release.tables == draft.tables  # the same counts keep their values
    assert isinstance(release.signed, ReleaseSignature)
    assert (release.signed.prepared_by, release.signed.approved_by) == ("anna", "ben")
    page = (tmp_path / "out" / "release.en.html").read_text("utf-8")
    assert "Prepared by anna, approved by ben" in page
    assert "nobody approved" not in page
    assert made(loaded, tmp_path).is_new is False
    assert audit_release(loaded, settings, tmp_path / "out").findings == ()
    for language, title in (("en", "Release 2014-2"), ("nl", "Publicatie 2014-2")):
        report = make_report(loaded, settings, period=YEAR, as_of=AS_OF, out=tmp_path / "report", languages=[language])
        assert title in next(file for file in report.files if file.suffix == ".html").read_text("utf-8")
    before = made(loaded, tmp_path, draft=True, as_of=date(2014, 12, 31)).release
    moved = {line: _exact(release, line) - _exact(before, line) for line in NATIONAL_LINES}
    few = {line: change for line, change in moved.items() if 0 < abs(change) < release.threshold}
    flags = release_flags(loaded, signed, threshold=release.threshold)
    assert few
    assert {flag.line: flag.change for flag in flags if flag.since == before.release_id} == few
    withdraw(loaded, signed.set_id, BEN, "een eenheid klopt niet")
    with pytest.raises(ReleaseRefused, match="their figure set is withdrawn"):
        made(loaded, tmp_path)
    with snapshot(loaded) as connection:
        kept = [one.release for one in releases_of(connection)]
    assert kept == [draft, release, before]
    assert [Release.from_json(one.to_json()) for one in kept] == kept
