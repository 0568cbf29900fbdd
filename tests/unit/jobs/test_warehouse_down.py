"""The warehouse is away: each channel hears of it once, whoever looks and however often, and nobody is forgotten."""

import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ketenbalans.alerts.channels import AlertChannel, ChannelFailed, Email, Webhook
from ketenbalans.alerts.facts import SilentPart
from ketenbalans.alerts.life import Alert
from ketenbalans.alerts.message import Places
from ketenbalans.jobs.watching.parts_kept import FILE, parts_kept, sending_alone
from ketenbalans.jobs.watching.warehouse_down import (
    WarehouseDown,
    check_that_the_warehouse_answers,
    send_without_the_warehouse,
)
from ketenbalans.settings import Settings
from schemas.alerts import AlertEvent, AlertStep, Severity
from tests.unit.alerts.servers import free_port, mail_server

NOON = datetime(2026, 11, 30, 11, tzinfo=UTC)
WAREHOUSE = SilentPart(name="warehouse", place="postgresql://h/d", pieces=("warehouse",), since=NOON)
KAFKA = SilentPart(name="kafka", place="h:9092", pieces=("kafka",), since=NOON)


@dataclass
class Heard:
    """A channel that keeps what it is given, and fails while it is reported to."""

    name: str = "chat"
    fails: bool = False
    events: list[AlertEvent] = field(default_factory=list)

    def send(self, events: Sequence[AlertEvent]) -> None:
        if self.fails:
            raise ChannelFailed(self.name, "503")
        self.events.extend(events)

    def try_out(self) -> None:
        """Nobody asks it here."""


@dataclass
class Manager:
    """An Alertmanager that keeps what it is given."""

    name: str = "alertmanager"
    heard: list[Alert] = field(default_factory=list)

    def send_all(self, alerts: Sequence[Alert], *, now: datetime) -> None:
        self.heard.extend(alerts)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def look(
    settings: Settings, *channels: AlertChannel, minutes: float = 0, also: Sequence[SilentPart] = ()
) -> list[str] | None:
    failures = send_without_the_warehouse(
        settings, [WAREHOUSE, *also], channels=channels, alertmanager=None, now=NOON + timedelta(minutes=minutes)
    )
    return None if failures is None else [str(failure) for failure in failures]


def test_each_channel_is_notified_of_it_once_with_all_that_a_person_needs(settings: Settings) -> None:
    chat, mail = Heard(), Heard("mail")
    for minutes in (0, 5, 10):
        assert look(settings, chat, mail, minutes=minutes) == []
    for channel in (chat, mail):
        (event,) = channel.events
        assert (event.alert_id, event.step, event.severity) == (
            "part_down:warehouse", AlertStep.RAISED, Severity.CRITICAL,
        )  # fmt: skip
        assert "has not answered since 2026-11-30 12:00:00" in event.says
        assert "police_deliveries" in event.says


def test_a_channel_that_failed_learns_at_the_next_look_what_the_others_noticed(settings: Settings) -> None:
    chat, mail = Heard(fails=True), Heard("mail")
    (failure,) = look(settings, chat, mail) or []
    assert "could not be sent by chat (503)" in failure
    chat.fails = False
    assert look(settings, chat, mail, minutes=5, also=[KAFKA]) == []
    assert chat.events == mail.events, "the same words and the same moment"


def test_who_looks_while_another_one_sends_sends_nothing(settings: Settings) -> None:
    settings.home.mkdir()
    chat = Heard()
    with sending_alone(settings.home):
        assert look(settings, chat) is None
        with pytest.raises(WarehouseDown, match="another look sends that to the channels now"):
            check_that_the_warehouse_answers(settings, [WAREHOUSE], channels=[chat], alertmanager=None)
    assert chat.events == []
    look(settings, chat)
    assert len(chat.events) == 1


def test_other_parts_that_are_away_are_in_the_same_message(settings: Settings) -> None:
    chat = Heard()
    look(settings, chat, also=[KAFKA])
    assert chat.events[0].says.endswith("Kafka did not answer either")
    with parts_kept(settings.home) as kept:
        assert {name for name, part in kept.parts.items() if part.is_down} == {"warehouse"}


def test_alertmanager_learns_at_every_look(settings: Settings) -> None:
    manager = Manager()
    given: Any = manager
    for minutes in (0, 5):
        send_without_the_warehouse(
            settings, [WAREHOUSE], channels=[], alertmanager=given, now=NOON + timedelta(minutes=minutes)
        )
    first, second = manager.heard
    assert first == second
    assert first.stands


def test_the_look_ends_with_what_to_do_and_who_was_not_reached(settings: Settings) -> None:
    def check(*channels: Heard, down: Sequence[SilentPart] = (WAREHOUSE,)) -> None:
        check_that_the_warehouse_answers(settings, down, channels=channels, alertmanager=None)

    check(down=[KAFKA])
    with pytest.raises(WarehouseDown, match=r"cannot be reached.*`ketenbalans up`.*has heard of it"):
        check(Heard())
    with pytest.raises(WarehouseDown, match="could not be sent by mail"):
        check(Heard("mail", fails=True))


def test_a_real_mail_has_an_id_of_its_own_and_offers_nothing_that_needs_the_warehouse(settings: Settings) -> None:
    with mail_server() as server:
        mail = Email(f"smtp://127.0.0.1:{server.port}", "k@example.org", ("desk@example.org",), Places(), threshold=5)
        webhook = Webhook(f"http://127.0.0.1:{free_port()}/", Places(), threshold=5)
        assert len(look(settings, mail, webhook) or []) == 1, "the webhook is away, and the mail is sent all the same"
        look(settings, mail)
        (said,) = server.mails
    assert said["Message-ID"] == f"<part_down-warehouse-{NOON.timestamp():.0f}.alert@example.org>"
    assert "acknowledge" not in said.get_content()
    assert "ketenbalans up" in said.get_content()
    assert "docs/runbooks/alerts.md, section part-down" in said.get_content()


def test_only_its_owner_reads_what_is_remembered(settings: Settings) -> None:
    look(settings, Heard())
    assert stat.S_IMODE((settings.home / FILE).stat().st_mode) == 0o600
