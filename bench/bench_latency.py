"""How long it takes from one published message to the balance that holds it, and to the alert in a mailbox.

A stack of its own is started in a folder of its own, with a real SMTP server beside it; the scenario 2014 is loaded,
then messages are published one by one and nobody touches anything but the alert, which is resolved after each so that
the next suspect who is missing raises it anew. Beside it, in the same run, stands the raw limit: a message through the
same broker to a consumer that waits for it.
"""

import os
import statistics
import tempfile
import time
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
from aiosmtpd.controller import Controller
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from sqlalchemy import Engine, text

from ketenbalans.jobs.balancing.await_balance import BalanceQuestion, await_balance
from ketenbalans.jobs.loading.produce import produce
from ketenbalans.jobs.servers.addresses import chain_key_of
from ketenbalans.jobs.servers.bring_up import bring_up
from ketenbalans.jobs.watching.alerts import list_alerts, record_of_all
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.scenarios.registry import SCENARIOS
from ketenbalans.settings import Settings
from ketenbalans.stack import ports
from ketenbalans.stack.embedded import down, memory_pss
from schemas.alerts import AlertStep
from schemas.catalogue import source_named
from schemas.frame_types import frame_types
from schemas.wire.events import Message, encode
from warehouse.database import connect

MESSAGES = 20
POLICE = source_named("police")


def one_delivery(delivered_on: date, recorded_at: datetime) -> Message:
    """A delivered suspect that no other run has published."""
    row = {
        "mutation": "delivered",
        "dossier_number": f"PL0900-{uuid.uuid4().int % 10**10:010d}",
        "suspect_number": 1,
        "unit": "PL0900",
        "team": "TBKK",
        "delivered_on": delivered_on,
        "transnational": False,
        "recorded_at": recorded_at,
    }
    return next(encode(POLICE, pl.DataFrame([row], schema=frame_types(POLICE))))


class Mailbox:
    """Takes every mail, and keeps when it came."""

    def __init__(self) -> None:
        self.came: list[float] = []

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
        """Take a mail, as aiosmtpd calls it."""
        self.came.append(time.monotonic())
        return "250 OK"


def main() -> None:
    """Start, load, measure, stop."""
    mailbox = Mailbox()
    port = ports.choose(0, before=None, service="the mailbox", setting="")
    smtp = Controller(mailbox, hostname=ports.HOST, port=port)
    smtp.start()
    # whatever the hour of this run, no hour is quiet: what is measured is the way, not the night
    os.environ |= {"KETENBALANS_SMTP_URL": f"smtp://127.0.0.1:{port}", "KETENBALANS_ALERTS_TO": "desk@localhost"}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KETENBALANS_POLICY"] = str(policy_without_quiet(Path(folder)))
        home = Path(folder, "stack")
        settings = Settings(home=home, cache=PROJECT_FOLDER / ".ketenbalans" / "cache", kafka_port=0, airflow_port=0)
        try:
            measure(settings, Path(folder, "extracts"), mailbox)
        finally:
            down(home)
            smtp.stop()


def policy_without_quiet(folder: Path) -> Path:
    """The standing policy, with quiet hours of one second and no quiet weekend."""
    standing = (PROJECT_FOLDER / "policy.toml").read_text(encoding="utf-8")
    policy = standing.replace("begin = 19:00:00", "begin = 03:00:00").replace("end = 07:30:00", "end = 03:00:01")
    file = folder / "policy.toml"
    file.write_text(policy.replace("weekend = true", "weekend = false"), encoding="utf-8")
    return file


def measure(settings: Settings, extracts: Path, mailbox: Mailbox) -> None:
    """Load the first set of 2014 and time messages after it."""
    servers = bring_up(settings, with_airflow=True, is_open=False, on_progress=lambda _service, _what: None)
    SCENARIOS["2014"].write(extracts)
    for source, file in (("police", "police-2015-01-31.csv"), ("om", "om-2015-01-31.csv")):
        produce(
            source_named(source),
            extracts / file,
            bootstrap=servers.kafka_bootstrap,
            chain_key=chain_key_of(settings),
            covers_until=None,
            on_progress=lambda _done, _rows: None,
        )
    engine = connect(servers.warehouse_url)
    await_balance(
        engine,
        bootstrap=servers.kafka_bootstrap,
        question=BalanceQuestion(
            period=None, as_of=None, policy=settings.read_policy(), alert_policy=settings.read_alert_policy()
        ),
        seconds=120,
        on_progress=lambda _what: None,
    )
    time.sleep(20)  # the quality check of what was just loaded ends
    producer = KafkaProducer(bootstrap_servers=servers.kafka_bootstrap)
    deal_with_alerts(engine)
    timed = [time_one(producer, engine, mailbox) for _ in range(MESSAGES)]
    raw = raw_limit(producer, servers.kafka_bootstrap)
    for stage, column in (
        ("message to row", 0),
        ("message to balance", 1),
        ("message to alert", 2),
        ("message to mailbox", 3),
    ):
        seconds = [one[column] for one in timed]
        print(f"{stage:<20} median {statistics.median(seconds):5.2f} s   worst of {MESSAGES} {max(seconds):5.2f} s")
    print(f"{'raw limit':<20} median {raw:5.3f} s   the broker alone, produce to consume")
    print(
        f"{'ratio':<20} {statistics.median(one[1] for one in timed) / raw:,.0f} times the broker alone, to the balance"
    )
    pss = memory_pss(settings.home)
    megabytes = {name: size // 10**6 for name, size in pss.items()}
    print(f"{'memory (PSS)':<20} {sum(pss.values()) / 1e9:.2f} GB: {megabytes}")
    producer.close()
    engine.dispose()


def deal_with_alerts(engine: Engine) -> None:
    """Resolve every alert that stands, as a person does: only another suspect who is missing raises it again."""
    standing = [alert.alert_id for alert in list_alerts(engine, also_resolved=False)]
    record_of_all(engine, standing, AlertStep.RESOLVED, by="bench", note="the next one is timed", at=datetime.now(UTC))


def time_one(producer: KafkaProducer, engine: Engine, mailbox: Mailbox) -> tuple[float, ...]:
    """Seconds from sending one message to its row, to a balance made after it, to the alert and to the mail."""
    message = one_delivery(delivered_on=date(2013, 12, 2), recorded_at=datetime(2015, 1, 30, tzinfo=UTC))
    dossier = (message.key or b"").decode()
    with engine.connect() as connection:
        before = connection.scalar(text("SELECT max(balance_id) FROM balance"))
        newest = connection.scalar(text("SELECT coalesce(max(event_number), 0) FROM alert_event"))
    mails = len(mailbox.came)
    sent = time.monotonic()
    producer.send(POLICE.topic, key=message.key, value=message.value, headers=list(message.headers)).get(timeout=10)
    row = seconds_until(engine, sent, "SELECT 1 FROM police_deliveries WHERE dossier_number = :it", dossier)
    balance = seconds_until(
        engine, sent, "SELECT 1 FROM balance WHERE balance_id > :it AND period_start = '2013-01-01'", before
    )
    alert = seconds_until(
        engine, sent, "SELECT 1 FROM alert_event WHERE event_number > :it AND step = 'raised'", newest
    )
    while len(mailbox.came) == mails and time.monotonic() - sent < 60:
        time.sleep(0.01)
    mail = mailbox.came[mails] - sent
    deal_with_alerts(engine)
    time.sleep(12)  # apart from each other, so that each is alone
    return row, balance, alert, mail


def seconds_until(engine: Engine, sent: float, query: str, value: object, *, within_seconds: float = 60) -> float:
    """Ask until there is an answer, for so long at most."""
    while time.monotonic() - sent < within_seconds:
        with engine.connect() as connection:
            if connection.execute(text(query), {"it": value}).first():
                return time.monotonic() - sent
        time.sleep(0.02)
    message = f"nothing after {within_seconds:.0f} s: {query}"
    raise TimeoutError(message)


def raw_limit(producer: KafkaProducer, bootstrap: str) -> float:
    """Median seconds from sending a message to a consumer that is there already."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="latest")
    place = TopicPartition("extracts.dlq", 0)
    consumer.assign([place])
    consumer.position(place)
    took = []
    for _ in range(MESSAGES):
        sent = time.monotonic()
        producer.send(place.topic, key=b"x", value=b"x" * 463, partition=0)
        while not consumer.poll(timeout_ms=1000):
            pass
        took.append(time.monotonic() - sent)
    consumer.close()
    return statistics.median(took)


if __name__ == "__main__":
    main()
