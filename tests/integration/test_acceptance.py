"""Accepting a published figure that comes out otherwise: for one value, by a handle, and never overwritten."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from ketenbalans.jobs.figures.verify import PublishedFigureDiffers, verify_every_figure
from ketenbalans.jobs.watching.alerts import list_alerts
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.settings import Settings
from tests.integration.command_line import Ended, in_this_process
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.reclassified import reclassified
from tests.integration.scenario_events import load_scenario, registered
from tests.integration.warehouse.rows import OM, load_rows
from warehouse.tables.register import RESTATEMENT_DECISION

pytestmark = pytest.mark.stack

FIGURE = "L15-023"
"""The 516 suspects of 2014 whom the OM recognises."""
RECORDED_AT = datetime(2015, 1, 30, 9, tzinfo=UTC)
ALERT = "published_figure_differs:published"

Say = Callable[..., Ended]


@pytest.fixture(scope="module")
def agreed(new_warehouse: NewWarehouse) -> Engine:
    """All that the letters say of 2014 comes out, and did so once."""
    engine = new_warehouse()
    load_scenario(engine, YEAR_2014)
    assert in_this_process("verify", engine=engine).code == 0
    return engine


@pytest.fixture(scope="module")
def moved(agreed: Engine, copy_of: CopyOf) -> Engine:
    """One recognised suspect less than the letter says."""
    engine = copy_of(agreed)
    move(engine)
    return engine


@pytest.fixture
def warehouse(moved: Engine, copy_of: CopyOf) -> Engine:
    return copy_of(moved)


@pytest.fixture
def say(warehouse: Engine) -> Say:
    return lambda *arguments: in_this_process("verify", *arguments, engine=warehouse)


def move(engine: Engine, *, place: int = 0) -> None:
    """Let the OM classify one more registration otherwise."""
    moment = RECORDED_AT + timedelta(minutes=place)
    changed = reclassified(YEAR_2014, recorded_at=moment, place=place)
    load_rows(engine, OM, [registered(f"reclassified-{place}", changed.row)])


def accepting(figure: str = FIGURE, **said: str) -> list[str]:
    options = {"note": "the OM classified one file anew", "by": "desk-1", "on": "2015-02-02", **said}
    return ["accept", figure, *(part for name, value in options.items() for part in (f"--{name}", value))]


def withdrawing(figure: str = FIGURE) -> list[str]:
    return ["withdraw", figure, "--note", "counted twice", "--by", "desk-2", "--on", "2015-02-03"]


def figure_of(ended: Ended) -> dict[str, Any]:
    return next(one for one in ended.json if one["figure_id"] == FIGURE)


def decisions_in(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(RESTATEMENT_DECISION)) or 0


def test_an_accepted_restatement_passes_and_still_differs(say: Say) -> None:
    refused = say("--json")
    assert (refused.code, figure_of(refused)["accepted"]) == (1, None)

    accepted = say(*accepting())
    assert accepted.code == 0, accepted.err
    assert "L15-023 accepted by desk-1: 516 published, 515 now" in accepted.out
    passes = say("--json")
    assert passes.code == 0
    assert (figure_of(passes)["verdict"], figure_of(passes)["ours"]) == ("differs", "515")
    assert figure_of(passes)["accepted"] == {
        "ours": "515",
        "note": "the OM classified one file anew",
        "by": "desk-1",
        "on": "2015-02-02",
    }
    others = [{**one, "accepted": None} for one in passes.json]
    assert others == refused.json, "nothing else changed"
    shown = say().out
    assert "accepted by desk-1 on 2015-02-02: the OM classified one file anew" in shown
    assert "1 differs" in shown


def test_it_holds_for_that_value_only(say: Say, warehouse: Engine) -> None:
    assert say(*accepting()).code == 0
    move(warehouse, place=1)
    moved_on = say("--json")
    assert (moved_on.code, figure_of(moved_on)["ours"], figure_of(moved_on)["accepted"]) == (1, "514", None)
    assert say(*accepting(by="desk-2")).code == 0
    again = say("--json")
    assert (again.code, figure_of(again)["accepted"]["by"]) == (0, "desk-2")


def test_withdrawing_makes_it_fail_and_it_can_be_accepted_anew(say: Say, warehouse: Engine) -> None:
    assert say(*accepting()).code == 0
    withdrawn = say(*withdrawing(), "--json")
    assert withdrawn.code == 0, withdrawn.err
    answer = {name: withdrawn.json[name] for name in ("figure_id", "verdict", "ours", "decided_by", "decided_on")}
    assert list(answer.values()) == [FIGURE, "withdrawn", "515", "desk-2", "2015-02-03"]
    fails = say("--json")
    assert (fails.code, figure_of(fails)["accepted"]) == (1, None)
    twice = say(*withdrawing())
    assert twice.code == 1
    assert "nobody accepted L15-023" in twice.err
    assert "ketenbalans verify" in twice.err
    assert say(*accepting()).code == 0
    assert decisions_in(warehouse) == 3


def test_only_what_differs_can_be_accepted(moved: Engine) -> None:
    for figure, said in {
        "L15-022": "L15-022 agrees",
        "L15-039": "L15-039 cannot be derived: It was agreed on",
        "L18-002": "L18-002 no data: no extracts of interventions are loaded",
        "L15-999": "no letter gives a figure L15-999; near it: L15-0",
    }.items():
        refused = in_this_process("verify", *accepting(figure), engine=moved)
        assert refused.code == 1
        assert said in refused.err
        assert "ketenbalans published" in refused.err or figure != "L15-999"
        never_accepted = in_this_process("verify", *withdrawing(figure), engine=moved)
        assert (never_accepted.code, f"nobody accepted {figure}" in never_accepted.err) == (1, True)
    assert decisions_in(moved) == 0


def test_a_name_and_what_is_no_note_are_refused(moved: Engine) -> None:
    refused: list[dict[str, str]] = [{"by": name} for name in ("Jan de Vries", "J.deVries", "")]
    refused += [{"note": text} for text in ("", "  ", "x" * 201)]
    for said in refused:
        ended = in_this_process("verify", *accepting(**said), engine=moved)
        assert ended.code == 2, said
        assert "Vries" not in ended.err
    unsaid = in_this_process("verify", "accept", FIGURE, "--note", "checked", engine=moved)
    assert (unsaid.code, "KETENBALANS_USER" in unsaid.err) == (2, True)
    assert decisions_in(moved) == 0


def test_what_was_decided_is_never_changed(warehouse: Engine) -> None:
    accepted = in_this_process(
        "verify", "accept", FIGURE, "--note", "checked", "--json", engine=warehouse, KETENBALANS_USER="desk-9"
    )
    assert accepted.json["accepted"]["by"] == "desk-9"
    for change in (
        "UPDATE restatement_decision SET note = ''",
        "DELETE FROM restatement_decision",
        "TRUNCATE restatement_decision",
    ):
        with pytest.raises(DBAPIError, match="append-only"), warehouse.begin() as connection:
            connection.execute(text(change))
    assert decisions_in(warehouse) == 1


def test_the_nightly_check_alerts_until_somebody_accepts(
    say: Say, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", warehouse.url.render_as_string(hide_password=False))

    def alerts() -> dict[str, str]:
        watch_now(Settings())
        return {one.alert_id: one.says for one in list_alerts(warehouse, also_resolved=False)}

    with pytest.raises(PublishedFigureDiffers, match=r"L15-023 \(kst-31015-112\).* 516 and comes out as 515"):
        verify_every_figure(Settings())
    changed = reclassified(YEAR_2014, recorded_at=RECORDED_AT)
    assert changed.break_id in alerts()[ALERT]
    assert say(*accepting()).code == 0
    assert "1 differs" in verify_every_figure(Settings())
    assert ALERT not in alerts()
    assert say(*withdrawing()).code == 0
    with pytest.raises(PublishedFigureDiffers):
        verify_every_figure(Settings())
    assert ALERT in alerts()
