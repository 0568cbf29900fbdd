"""Several identifiers in one call, and any folder to call from: on a real warehouse, as a person does it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ketenbalans.stack.embedded import Addresses
from ketenbalans.stack.home import Home
from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from tests.integration.command_line import in_this_process
from warehouse.alerts import keep_alert_events

pytestmark = pytest.mark.stack

AT = datetime(2015, 6, 30, 6, 5, tzinfo=UTC)
IDS = [f"dead_letters:{subject}" for subject in ("om_registrations", "police_deliveries")]


@pytest.fixture
def with_alerts(engine: Engine) -> Engine:
    said: dict[str, Any] = {
        "rule": AlertRule.DEAD_LETTERS,
        "severity": Severity.WARNING,
        "says": "1 message",
        "mark": "1",
        "at": AT,
    }
    with engine.begin() as connection:
        keep_alert_events(
            connection,
            [AlertEvent(subject=one.partition(":")[2], step=AlertStep.RAISED, **said) for one in IDS],
        )
    return engine


def test_alerts_are_taken_together_or_not_at_all(with_alerts: Engine) -> None:
    def say(*words: str) -> tuple[int, str]:
        ended = in_this_process("alerts", *words, "--note", "mine", engine=with_alerts)
        return ended.code, ended.err

    code, err = say("acknowledge", IDS[0], "dead_letters:nothing", "--by", "desk-1")
    assert code == 1
    assert err.splitlines()[0] == "error 1 of 2 cannot be decided about, so nothing was kept:"
    assert "there is no alert dead_letters:nothing" in err.splitlines()[1]
    standing = in_this_process("alerts", "--json", engine=with_alerts).json
    assert {one["alert_id"]: one["state"] for one in standing} == dict.fromkeys(IDS, "raised")
    assert say("acknowledge", *IDS, "--by", "desk-1") == (
        0,
        "".join(f"{one} is yours until it is over\n" for one in IDS),
    )
    assert say("acknowledge", *IDS, "--by", "desk-2")[0] == 1
    both = in_this_process("alerts", "resolve", *IDS, "--note", "done", "--by", "desk-1", "--json", engine=with_alerts)
    assert [one["alert_id"] for one in both.json] == IDS
    assert in_this_process("alerts", "list", "--json", engine=with_alerts).json == []


@pytest.fixture
def addresses(servers: Addresses, engine: Engine) -> Addresses:
    """As an ``up`` keeps them, with a warehouse that has its tables."""
    return replace(servers, warehouse_url=engine.url.render_as_string(hide_password=False))


@pytest.fixture
def somewhere(tmp_path: Path, addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below one with a home, whose stack runs."""
    home = Home.at(tmp_path / "work" / ".ketenbalans")
    home.make()
    home.keep(addresses)
    below = tmp_path / "work" / "a" / "b"
    below.mkdir(parents=True)
    for name in ("HOME", "KAFKA_BOOTSTRAP", "WAREHOUSE_URL"):
        monkeypatch.delenv(f"KETENBALANS_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return below


def test_a_verb_finds_its_stack_from_any_folder_below_its_home(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (somewhere.parent.parent, somewhere):
        monkeypatch.chdir(folder)
        assert in_this_process("incidents", "--json").code == 0


def test_from_elsewhere_it_says_where_it_looked_and_finds_the_one_in_the_state_folder(
    somewhere: Path, tmp_path: Path, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    ended = in_this_process("incidents", "--json")
    assert ended.code == 4
    state = tmp_path / "user" / ".local" / "state" / "ketenbalans"
    assert f"no stack was started in {state} (there is no .ketenbalans of yours from / upwards" in ended.err
    home = Home.at(state)
    home.make()
    home.keep(addresses)
    assert in_this_process("incidents", "--json").code == 0
