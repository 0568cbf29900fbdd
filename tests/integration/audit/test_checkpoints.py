"""A checkpoint proves what came before it, whoever signed the next; a chain that does not fit is an alert."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, text

from ketenbalans.audit.checkpoint import InvalidCheckpoint
from ketenbalans.broker.client_settings import reading
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.audit.checkpoints import (
    FILE,
    AuditBroken,
    read_checkpoints,
    sign_after_reconcile,
    write_checkpoint,
)
from ketenbalans.jobs.audit.keys import PRIVATE, PUBLIC, replace_key, signing_key
from ketenbalans.jobs.audit.nightly import check_and_sign
from ketenbalans.jobs.audit.verify import verify_chain
from ketenbalans.jobs.watching.alerts import list_alerts
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.settings import Settings
from schemas.alerts import AUDIT
from schemas.audit import CHECKPOINT_TOPIC
from tests.integration.audit.a_chain import EACH_KIND, decide, fill
from tests.integration.command_line import CommandLine
from warehouse.incidents import running_incidents

pytestmark = pytest.mark.stack

EDIT = "UPDATE decision SET decided_by = 'desk-2' WHERE decision_number = 1"
MEND = "UPDATE decision SET decided_by = 'desk-1' WHERE decision_number = 1"
ALERT = "audit_broken:audit"


@pytest.fixture
def settings(engine: Engine, bootstrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Of a warehouse in which something was decided, with a home of its own."""
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KETENBALANS_KAFKA_BOOTSTRAP", bootstrap)
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path / "home"))
    fill(engine, rounds=1)
    yield Settings()
    engine.dispose()


def with_every_right(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


def messages(bootstrap: str) -> list[str]:
    consumer = KafkaConsumer(**reading(bootstrap))
    try:
        places = [TopicPartition(CHECKPOINT_TOPIC, one) for one in consumer.partitions_for_topic(CHECKPOINT_TOPIC)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        found: list[str] = []
        while any(consumer.position(place) < end for place, end in ends.items()):
            for records in consumer.poll(timeout_ms=200).values():
                found += [record.value.decode() for record in records]
        return found
    finally:
        consumer.close()


def test_a_checkpoint_is_a_line_in_the_home_and_a_message(engine: Engine, settings: Settings) -> None:
    sign_after_reconcile(settings)
    signed = check_and_sign(settings)
    (line,) = (settings.home / FILE).read_text(encoding="utf-8").splitlines()  # nothing came since, so it is the same
    assert json.loads(line) == vars(signed)
    assert signed.size == len(EACH_KIND)
    assert line in messages(settings.kafka_bootstrap or "")
    assert read_checkpoints(settings.home, None) == [signed]


def test_the_private_key_is_for_its_owner_and_nowhere_else(engine: Engine, settings: Settings) -> None:
    private = signing_key(settings.home).private_bytes_raw()
    check_and_sign(settings)
    assert signing_key(settings.home).private_bytes_raw() == private
    written = (settings.home / PRIVATE).read_text(encoding="ascii").strip()
    for file in (PRIVATE, PUBLIC, FILE):
        assert stat.S_IMODE((settings.home / file).stat().st_mode) == 0o600
    for file in (PUBLIC, FILE):
        found = (settings.home / file).read_text(encoding="utf-8")
        assert private.hex() not in found
        assert written not in found
    assert all(private.hex() not in one and written not in one for one in messages(settings.kafka_bootstrap or ""))


def test_what_a_replaced_key_signed_stays_proven(engine: Engine, settings: Settings) -> None:
    first = write_checkpoint(engine, settings.home)
    before = (settings.home / PRIVATE).read_bytes()
    old, new = replace_key(settings.home)
    assert (settings.home / PRIVATE).read_bytes() != before
    fill(engine, rounds=1)
    second = write_checkpoint(engine, settings.home)
    assert (first.key_id, second.key_id) == (old, new)
    result = verify_chain(engine, read_checkpoints(settings.home, None))
    assert (result.finding, result.proven, result.checkpoints) == (None, 2 * len(EACH_KIND), 2)


@pytest.mark.parametrize("name", ["size", "root", "at", "key_id", "signature"])
def test_a_checkpoint_that_was_changed_is_refused(
    engine: Engine, settings: Settings, tmp_path: Path, name: str
) -> None:
    document = vars(write_checkpoint(engine, settings.home))
    changed = document | {name: 3 if name == "size" else document[name][::-1]}
    file = tmp_path / "kept.jsonl"
    file.write_text(f"{json.dumps(document)}\n\n{json.dumps(changed)}\n", encoding="utf-8")
    with pytest.raises(InvalidCheckpoint, match=r"kept.jsonl, line 3"):
        read_checkpoints(settings.home, file)


def test_what_was_made_again_since_a_checkpoint_is_not_signed(engine: Engine, settings: Settings) -> None:
    write_checkpoint(engine, settings.home)
    fill(engine, rounds=1)
    with_every_right(engine, f"UPDATE audit_entry SET hash = repeat('a', 64) WHERE entry_number = {len(EACH_KIND)}")
    with pytest.raises(AuditBroken, match="is not the one that the checkpoint"):
        write_checkpoint(engine, settings.home)
    assert len(read_checkpoints(settings.home, None)) == 1


def test_a_chain_that_does_not_fit_is_an_alert_until_it_fits_again(engine: Engine, settings: Settings) -> None:
    check_and_sign(settings)
    with_every_right(engine, EDIT)
    with engine.begin() as connection:
        decide(connection)
    with pytest.raises(AuditBroken, match=r"row 1 of decision no longer says what entry 1 sealed \(decided_by\)"):
        check_and_sign(settings)
    assert len(read_checkpoints(settings.home, None)) == 1
    (alert,) = [one for one in list_alerts(engine, also_resolved=False) if one.alert_id == ALERT]
    assert "entry 1 sealed" in alert.says
    assert "desk-" not in alert.says
    with_every_right(engine, MEND)
    check_and_sign(settings)
    watch_now(settings)
    assert ALERT not in {one.alert_id for one in list_alerts(engine, also_resolved=False)}
    assert len(read_checkpoints(settings.home, None)) == 2


def test_the_command_line_signs_checks_and_names(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    environment = {"KETENBALANS_WAREHOUSE_URL": engine.url.render_as_string(hide_password=False)}
    environment |= {"KETENBALANS_KAFKA_BOOTSTRAP": str(settings.kafka_bootstrap)}
    command = CommandLine({**environment, "KETENBALANS_HOME": str(settings.home)}, is_a_process=False)
    assert "no checkpoint to hold it against" in command("audit", "verify").out
    signed = command("audit", "checkpoint", "--json").json
    kept = tmp_path / "kept.jsonl"
    kept.write_text(json.dumps(signed), encoding="utf-8")
    assert command("audit", "key", "replace", "--json").json["replaced"] == signed["key_id"]
    found = command("audit", "verify", "--against", kept, "--json")
    assert (found.code, found.json["fits"], found.json["proven"]) == (0, True, len(EACH_KIND))
    assert [one["entry_number"] for one in command("audit", "--json").json] == list(range(len(EACH_KIND), 0, -1))
    with_every_right(engine, EDIT)
    ended = command("audit", "verify", "--against", kept)
    assert (ended.code, ended.out.splitlines()[0]) == (
        1,
        "edited, entry 1: row 1 of decision no longer says what entry 1 sealed (decided_by)",
    )


def test_another_finding_is_another_incident(engine: Engine) -> None:
    """So that a person who knows of one hears of the next; the same one again is the same."""

    def kept(says: str, mark: str) -> list[int]:
        with pytest.raises(AuditBroken), incident_kept(engine, AUDIT, AuditBroken):
            raise AuditBroken(says, mark=mark)
        with engine.connect() as connection:
            return [one.incident_id for one in running_incidents(connection)]

    first = kept("entry 1 was edited, of 4", "edited 1")
    assert kept("entry 1 was edited, of 5", "edited 1") == first
    second = kept("entry 7 was edited", "edited 7")
    assert len(second) == 1
    assert second != first
