"""Messages of several looks at the same time, of one that is killed, and beside a channel that never answers."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ketenbalans.alerts.channels import AlertChannel, Webhook
from ketenbalans.alerts.message import Places
from ketenbalans.jobs.watching.watch import WatchResult, watch
from schemas.alerts import AlertEvent
from schemas.catalogue import sources
from tests.integration.watching.deciding import acknowledge_alert
from tests.integration.watching.dying_look import NOON, by_mail
from tests.integration.watching.months import ALERT_POLICY, POLICY
from tests.unit.alerts.servers import MailServer, a_drip, mail_server

pytestmark = pytest.mark.stack

LOOKS = 4
SUBJECTS = sorted(source.name for source in sources().values() if source.command is not None)
"""One alert of each is raised, and each is a mail of its own."""


def look(engine: Engine, *channels: AlertChannel, now: datetime = NOON) -> WatchResult:
    return watch(engine, policy=POLICY, alert_policy=ALERT_POLICY, now=now, channels=channels)


def subjects(mail: MailServer) -> Counter[str]:
    return Counter(one["Subject"].rpartition(" ")[2] for one in mail.mails)


def claims(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM alert_claim")).scalar_one())


@dataclass(frozen=True)
class Slow:
    """A channel that takes its time, so that looks meet."""

    channel: AlertChannel
    name: str = "e-mail"

    def send(self, events: Sequence[AlertEvent]) -> None:
        time.sleep(0.1)
        self.channel.send(events)

    def try_out(self) -> None:
        """Nobody asks it here."""


@dataclass(frozen=True)
class Broken:
    """A channel with a defect."""

    name: str = "broken"

    def send(self, events: Sequence[AlertEvent]) -> None:
        message = "a defect that quotes s3cret"
        raise UnicodeError(message)

    def try_out(self) -> None:
        """Nobody asks it here."""


@pytest.fixture
def with_letters(engine: Engine) -> Engine:
    insert = (
        'INSERT INTO dead_letter (source, topic, topic_id, partition, "offset", form, headers, reason, rule) '
        "VALUES (:source, :source, :source, 0, 1, 'message', '[]', 'not_json', 'is JSON')"
    )
    with engine.begin() as connection:
        connection.execute(text(insert), [{"source": name} for name in SUBJECTS])
    return engine


def test_looks_at_the_same_time_send_each_message_once(with_letters: Engine) -> None:
    with mail_server() as mail, ThreadPoolExecutor(LOOKS) as threads:
        looks = [threads.submit(look, with_letters, Slow(by_mail(mail.port))) for _ in range(LOOKS)]
        assert all(each.result().failures == () for each in looks)
    assert subjects(mail) == Counter(SUBJECTS)
    assert claims(with_letters) == 0


def test_what_one_look_raises_while_another_one_sends_is_sent(with_letters: Engine) -> None:
    """The look that found the channel claimed goes away; the one that claimed it reads on until nothing is left."""
    with mail_server() as mail, ThreadPoolExecutor(1) as threads:
        first = threads.submit(look, with_letters, Slow(by_mail(mail.port)))
        while not mail.taken:
            time.sleep(0.01)
        with with_letters.begin() as connection:
            running = "INSERT INTO incident (subject, kind, message) VALUES ('hotline_reports', 'topic_gone', 'Gone.')"
            connection.execute(text(running))
        second = look(with_letters, Slow(by_mail(mail.port)))
        assert second.counts["raised"] == 1
        first.result()
    assert subjects(mail) == Counter([*SUBJECTS, "hotline_reports"])


def test_nobody_waits_for_a_channel_that_drips(with_letters: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ketenbalans.alerts.channels.ANSWERS_WITHIN_SECONDS", 3.0)
    with a_drip() as port, mail_server() as mail, ThreadPoolExecutor(1) as threads:
        webhook = Webhook(f"http://127.0.0.1:{port}/k3y", Places(), threshold=5)
        pending = threads.submit(look, with_letters, webhook, by_mail(mail.port))
        while not claims(with_letters):
            time.sleep(0.01)
        time.sleep(0.2)  # it waits on the webhook
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        with with_letters.connect() as connection:
            in_a_transaction = connection.execute(text(f"{asked} AND xact_start IS NOT NULL")).scalar_one()
        began = time.monotonic()
        acknowledge_alert(with_letters, f"dead_letters:{SUBJECTS[0]}", by="desk-1", note="mine", at=NOON)
        waited = time.monotonic() - began
        assert not pending.done()
        failures = pending.result().failures
    assert in_a_transaction == 0
    assert waited < 1
    assert ["webhook (TimeoutError)" in str(failure) for failure in failures] == [True]
    assert subjects(mail) == Counter(SUBJECTS)  # the channel after it


def test_whatever_a_channel_raises_is_its_own(with_letters: Engine) -> None:
    with mail_server() as mail:
        (failure,) = look(with_letters, Broken(), by_mail(mail.port)).failures
    assert "could not be sent by broken (UnicodeError)" in str(failure)
    assert "s3cret" not in str(failure)
    assert subjects(mail) == Counter(SUBJECTS)
    assert claims(with_letters) == 0


def test_a_look_that_is_killed_repeats_one_message_and_loses_none(with_letters: Engine) -> None:
    url = with_letters.url.render_as_string(hide_password=False)
    with mail_server() as mail:
        command = [sys.executable, "-m", "tests.integration.watching.dying_look", url, str(mail.port)]
        died = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)
        assert died.returncode == -signal.SIGKILL
        (repeated,) = subjects(mail)
        look(with_letters, by_mail(mail.port))
        assert subjects(mail) == Counter([repeated])  # its claim still lasts
        with with_letters.begin() as connection:
            connection.execute(text("UPDATE alert_claim SET claimed_until = clock_timestamp() - interval '1 second'"))
        look(with_letters, by_mail(mail.port))
        look(with_letters, by_mail(mail.port))
    assert subjects(mail) == Counter([*SUBJECTS, repeated])
    assert claims(with_letters) == 0
