"""Figures of real extracts, signed: what the OM recorded in time and hands over late through Kafka voids them."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ketenbalans.jobs.balancing.reconcile_changed import reconcile_what_changed
from ketenbalans.jobs.signoff.acting import approve, prepare
from ketenbalans.jobs.signoff.reading import list_signoffs
from ketenbalans.jobs.watching.watch import watch
from ketenbalans.settings import Settings
from schemas.period import Period
from schemas.signoff import SignoffState
from tests.integration.command_line import in_this_process
from tests.integration.conftest import NewWarehouse
from tests.integration.handing_over import HandedOver, topics_of_their_own
from tests.integration.signoff.a_desk import ALERT_POLICY, ANNA, AS_OF, BEN, POLICY, YEAR

pytestmark = pytest.mark.stack

LATE_ROWS = 3
NOON = datetime(2026, 3, 4, 11, tzinfo=UTC)


@pytest.fixture
def handed(new_warehouse: NewWarehouse, bootstrap: str, tmp_path: Path) -> HandedOver:
    """The year 2014, of which the OM keeps some registrations back."""
    assert in_this_process("scenario", "2014", "--out", tmp_path).code == 0
    return HandedOver(tmp_path, new_warehouse(), bootstrap, topics_of_their_own())


def keep_back(whole: Path, late: Path) -> None:
    """Move the last rows that register a suspect of a 2014 dossier into an extract of a later day."""
    head, *rows = whole.read_text(encoding="utf-8").splitlines()
    is_late = re.compile(r"^ingeschreven;.*;PL\d{4}.*2014\d+.*;KP;\d\d-\d\d-2014;;;")
    kept_back = [row for row in rows if is_late.match(row)][-LATE_ROWS:]
    assert len(kept_back) == LATE_ROWS
    for file, lines in ((whole, [row for row in rows if row not in kept_back]), (late, kept_back)):
        file.write_text("\n".join([head, *lines, ""]), encoding="utf-8")


def test_a_late_registration_voids_the_signature_within_one_reconcile(
    handed: HandedOver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", handed.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path / "home"))
    settings, late = Settings(), tmp_path / "om-2015-02-15.csv"
    keep_back(tmp_path / f"om-{AS_OF}.csv", late)
    handed.publish([tmp_path / f"{source}-{AS_OF}.csv" for source in ("police", "om")])
    handed.ingest()
    reconcile_what_changed(settings)
    one = prepare(handed.engine, settings, period=YEAR, person=ANNA)
    assert one.figures is not None
    assert one.figures.synthetic
    assert one.figures.balance.delivered == 560
    assert approve(handed.engine, one.set_id, BEN).state is SignoffState.APPROVED
    assert alerts(handed, 0) == {}

    handed.publish([tmp_path / f"police-{AS_OF}.csv"])  # the same extract again
    handed.ingest()
    reconcile_what_changed(settings)
    assert list_signoffs(handed.engine)[0].state is SignoffState.APPROVED

    handed.publish([late])
    assert handed.ingest() == LATE_ROWS
    reconcile_what_changed(settings)
    (now,) = list_signoffs(handed.engine, period=Period.of_year(2014))
    assert now.state is SignoffState.VOID
    assert now.movement is not None
    assert {moved.figure for moved in now.movement.figures} >= {"recognised", "gap"}
    assert 0 < now.movement.breaks_in_all <= LATE_ROWS
    assert [(load.source, load.rows) for load in now.movement.loads] == [("om_registrations", LATE_ROWS)]
    says = alerts(handed, 5)[f"signature_void:2014/{now.short_id}"]
    assert now.movement.breaks[0].break_id in says
    assert date(2015, 1, 31).isoformat() in says


def alerts(handed: HandedOver, minutes: int) -> dict[str, str]:
    now = NOON.replace(minute=minutes)
    found = watch(handed.engine, policy=POLICY, alert_policy=ALERT_POLICY, now=now, channels=[]).standing
    return {one.alert_id: one.says for one in found if one.rule.value == "signature_void"}
