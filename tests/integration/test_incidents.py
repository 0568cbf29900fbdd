"""Each incident, reached through a real Kafka: it stops its source only, moves nothing, and a person lets it go on."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, func, select
from typer.testing import CliRunner

from ketenbalans.cli.main import app
from ketenbalans.incidents.checks import (
    ChainKeyDiffers,
    CoversLess,
    IngestIncident,
    LogDiffers,
    SchemaNewer,
    TopicUnreadable,
    TotalsDiffer,
    incident_kinds,
)
from ketenbalans.incidents.extract_checks import check_extracts
from ketenbalans.jobs.balancing.nightly_check import steps_equal_the_whole
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.balancing.restate import restate
from ketenbalans.jobs.breaks.of_balance import read_breaks
from ketenbalans.jobs.loading.ingest import Loaded
from ketenbalans.jobs.loading.ingest_runs import ingest_for_a_run
from ketenbalans.jobs.loading.redrive import redrive
from ketenbalans.jobs.loading.resuming import list_incidents, resume_incident, show_incident
from ketenbalans.jobs.watching.watch import watch
from ketenbalans.settings import Settings
from schemas.alerts import AlertRule
from schemas.declaration import Source
from schemas.period import Period
from schemas.wire.messages import Refusal
from schemas.wire.refusals import Reason
from tests.integration.by_hand import ingest_by_hand
from tests.integration.stopped import FIRST, SINCE, TROUBLES, Topics, Trouble, hand_over, registrations, with_type
from tests.integration.topics import ends_of, messages, source_with_a_topic_of_its_own, waiting
from tests.integration.warehouse.rows import POLICE
from tests.integration.watching.months import ALERT_POLICY, POLICY
from warehouse.errors import DecisionRefused
from warehouse.extracts import control_records
from warehouse.incidents import KeptIncident
from warehouse.loading import Batch, DeadLetter
from warehouse.loading import load as write
from warehouse.offsets import Topic, positions
from warehouse.tables.dead_letters import DEAD_LETTER
from warehouse.tables.events import event_table

pytestmark = pytest.mark.stack

NOTE = "looked at with the source"
OTHER_KEY = "f" * 16


@pytest.fixture
def topics(bootstrap: str) -> Topics:
    return Topics.made(bootstrap, source_with_a_topic_of_its_own())


def load(engine: Engine, topics: Topics, *sources: Source) -> tuple[dict[str, Loaded], list[Exception]]:
    return ingest_by_hand(sources, engine=engine, bootstrap=topics.bootstrap)


def suspects(engine: Engine) -> list[int]:
    table = event_table(source_with_a_topic_of_its_own())
    with engine.connect() as connection:
        return sorted(connection.scalars(select(table.c.suspect_number)))


def dead_letters(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(DEAD_LETTER)) or 0)


def stored(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        return positions(connection)


def standing(engine: Engine) -> list[tuple[str, str]]:
    return [(one.subject, one.kind) for one in list_incidents(engine, also_over=False)]


def resume(engine: Engine) -> KeptIncident:
    """Resume the one incident that runs; twice, which changes nothing."""
    (running,) = list_incidents(engine, also_over=False)
    resumed = resume_incident(engine, running.incident_id, by="desk-1", note=NOTE)
    assert (resumed.state, resumed.by) == ("resumed", "desk-1")
    assert resume_incident(engine, running.incident_id, by="desk-2", note="once more") == resumed
    assert standing(engine) == []
    return resumed


def alerts(engine: Engine) -> list[tuple[str, str]]:
    look = watch(engine, policy=POLICY, alert_policy=ALERT_POLICY, now=datetime.now(UTC), channels=[])
    return [
        (one.rule.value, one.subject) for one in look.standing if one.rule in (AlertRule.INCIDENT, AlertRule.CHAIN_KEY)
    ]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.kind.__name__)
def test_a_topic_stops_its_source_only_until_a_person_resumes_it(
    trouble: Trouble, topics: Topics, engine: Engine
) -> None:
    topics.send(topics.police, messages(FIRST))
    assert load(engine, topics, topics.police)[1] == []
    trouble.comes(topics, engine)
    topics.send(topics.om, registrations(range(3)))
    loaded, (met,) = load(engine, topics, topics.police, topics.om)
    assert type(met) is trouble.kind
    assert trouble.says in str(met)
    assert "incidents resume" in str(met)
    assert loaded == {topics.om.name: Loaded(read=3, inserted=3)}
    before, there = stored(engine), suspects(engine)
    assert set(FIRST) <= set(there) <= set(trouble.loaded)

    again, (still,) = load(engine, topics, topics.police, topics.om)
    assert (type(still), again) == (trouble.kind, {topics.om.name: Loaded()})
    assert (stored(engine), suspects(engine), dead_letters(engine)) == (before, there, 0)
    assert standing(engine) == [(topics.police.name, trouble.kind.incident_kind)]
    assert alerts(engine) == [("incident", topics.police.name)]

    shown = show_incident(engine, resume(engine).incident_id)
    assert shown.resumed_means == trouble.kind.resumed
    assert load(engine, topics, topics.police)[1] == []
    assert suspects(engine) == list(trouble.loaded)
    assert dead_letters(engine) == trouble.dead_letters
    assert load(engine, topics, topics.police) == ({topics.police.name: Loaded()}, [])
    assert waiting(topics.police, engine=engine, bootstrap=topics.bootstrap) == 0
    assert alerts(engine) == []


def test_what_was_resumed_is_reported_again_only_for_other_evidence(topics: Topics, engine: Engine) -> None:
    def newer(version: int, number: int) -> None:
        event_type = f"nl.keten.police.delivery.v{version}".encode()
        topics.send(topics.police, with_type(messages([number]), event_type))

    newer(2, 1)
    assert len(load(engine, topics, topics.police)[1]) == 1
    resume(engine)
    newer(2, 2)
    assert load(engine, topics, topics.police) == ({topics.police.name: Loaded(read=2, dead_letters=2)}, [])
    newer(3, 3)
    (met,) = load(engine, topics, topics.police)[1]
    assert "nl.keten.police.delivery.v3" in str(met)
    assert dead_letters(engine) == 2


def test_after_an_upgrade_a_newer_schema_is_loaded_by_itself(topics: Topics, engine: Engine) -> None:
    event_type = "nl.keten.police.delivery.v2"
    topics.send(topics.police, with_type(messages(FIRST), event_type.encode()))
    assert len(load(engine, topics, topics.police)[1]) == 1
    upgraded = replace(topics.police, event_type=event_type)
    assert load(engine, topics, upgraded)[1] == []
    assert (suspects(engine), standing(engine)) == (list(FIRST), [])


def test_a_clock_that_stays_ahead_is_reported_again(topics: Topics, engine: Engine) -> None:
    for number in (1, 2):
        topics.send(topics.police, messages([number], recorded_at=datetime.now(UTC) + timedelta(days=2)))
        assert len(load(engine, topics, topics.police)[1]) == 1
        resume(engine)
        assert load(engine, topics, topics.police)[1] == []
        assert suspects(engine) == list(range(1, number + 1))


def test_records_that_were_lost_stay_reported_when_the_topic_grows_over_it(topics: Topics, engine: Engine) -> None:
    lost = next(trouble for trouble in TROUBLES if trouble.kind is LogDiffers)
    topics.send(topics.police, messages(FIRST))
    load(engine, topics, topics.police)
    lost.comes(topics, engine)
    assert len(load(engine, topics, topics.police)[1]) == 1
    topics.send(topics.police, messages(SINCE))
    (met,) = load(engine, topics, topics.police)[1]
    assert type(met) is lost.kind
    resume(engine)
    assert load(engine, topics, topics.police)[1] == []
    assert suspects(engine) == [*FIRST, *SINCE]


def test_an_incident_that_is_over_cannot_be_resumed(topics: Topics, engine: Engine) -> None:
    topics.send(topics.police, with_type(messages(FIRST), b"nl.keten.police.delivery.v2"))
    load(engine, topics, topics.police)
    load(engine, topics, replace(topics.police, event_type="nl.keten.police.delivery.v2"))
    (over,) = list_incidents(engine, also_over=True)
    assert over.state == "over"
    with pytest.raises(DecisionRefused, match="is over since"):
        resume_incident(engine, over.incident_id, by="desk-1", note=NOTE)
    with pytest.raises(DecisionRefused, match="there is no incident 99; those that run: none"):
        resume_incident(engine, 99, by="desk-1", note=NOTE)


# What control records say


@pytest.fixture
def handed_over(topics: Topics, engine: Engine) -> Iterator[Topics]:
    """Extracts of police and OM that are in order, loaded."""
    hand_over(topics, topics.police, messages(FIRST))
    hand_over(topics, topics.om, registrations(range(3)))
    assert load(engine, topics, topics.extracts, topics.police, topics.om)[1] == []
    yield topics
    assert {kind for _, kind in standing(engine)} <= set(incident_kinds())


EXTRACT_TROUBLES: dict[type[IngestIncident], tuple[dict[str, Any], str]] = {
    ChainKeyDiffers: ({"chain_key_check": OTHER_KEY}, "1 of the 2 extracts of police_deliveries was made with another"),
    TotalsDiffer: ({"rows": 23}, "counts 23 rows, of which 20 were published and 0 rejected"),
    CoversLess: (
        {"covers_until": date(2014, 5, 31)},
        "covers until 2014-05-31, and an earlier one covered until 2014-06-30",
    ),
}


@pytest.mark.parametrize("kind", EXTRACT_TROUBLES, ids=lambda kind: kind.__name__)
def test_a_control_record_stops_its_source_before_more_of_it_is_loaded(
    kind: type[IngestIncident], handed_over: Topics, engine: Engine
) -> None:
    said, answer = EXTRACT_TROUBLES[kind]
    topics = handed_over
    before = stored(engine)[topics.police.name]
    hand_over(topics, topics.police, messages(SINCE), extract_id="2" * 64, **said)
    hand_over(topics, topics.om, registrations(range(3, 5)), extract_id="3" * 64)
    loaded, (met,) = load(engine, topics, topics.extracts, topics.police, topics.om)
    assert type(met) is kind
    assert answer in str(met)
    assert loaded[topics.om.name] == Loaded(read=2, inserted=2)
    assert topics.police.name not in loaded
    assert (stored(engine)[topics.police.name], suspects(engine)) == (before, list(FIRST))
    assert standing(engine) == [(topics.police.name, kind.incident_kind)]
    rule = "chain_key" if kind is ChainKeyDiffers else "incident"
    assert alerts(engine) == [(rule, topics.police.name)]
    resume(engine)
    assert load(engine, topics, topics.extracts, topics.police, topics.om)[1] == []
    assert suspects(engine) == [*FIRST, *SINCE]
    assert check_extracts(engine) == []
    assert alerts(engine) == []


def test_a_dead_letter_is_not_redriven_while_its_source_stands_still(handed_over: Topics, engine: Engine) -> None:
    topics = handed_over
    keep_letter(topics, engine)
    hand_over(topics, topics.police, messages(SINCE), extract_id="2" * 64, **EXTRACT_TROUBLES[ChainKeyDiffers][0])
    load(engine, topics, topics.extracts)
    with pytest.raises(ChainKeyDiffers):
        redrive(engine, by=None)
    assert suspects(engine) == list(FIRST)
    resume(engine)
    assert redrive(engine, by=None).loaded == Loaded(read=1, inserted=1)
    assert suspects(engine) == [*FIRST, 99]


def test_what_lacks_may_be_redriven(handed_over: Topics, engine: Engine) -> None:
    """Totals that differ keep nobody from reading again what was refused: it may be just what lacks."""
    topics = handed_over
    keep_letter(topics, engine)
    hand_over(topics, topics.police, messages(SINCE), extract_id="2" * 64, rows=21, published=21)
    load(engine, topics, topics.police, topics.extracts)
    assert standing(engine) == [(topics.police.name, "totals_differ")]
    assert redrive(engine, by=None).loaded == Loaded(read=1, inserted=1)


def keep_letter(topics: Topics, engine: Engine) -> None:
    letter = DeadLetter(0, 10_000, messages([99])[0], Refusal(0, Reason.SCHEMA, "team", "is a text"))
    place = Topic(topics.police.name, topics.police.topic, "T")
    write(engine, Batch(source=topics.police, topic=place, run="b", dead_letters=[letter], moves=[]))


def test_rows_that_the_topic_does_not_reach_are_missed(handed_over: Topics, engine: Engine) -> None:
    """As if the log had gone back to before an extract whose control record is known and whose rows were not read."""
    topics = handed_over
    _, ends = ends_of(topics.bootstrap, topics.police.topic)
    beyond = orjson.dumps({"0": ends[0] + 7}).decode()
    hand_over(topics, topics.police, [], extract_id="2" * 64, rows=7, published=7, offsets=beyond)
    assert load(engine, topics, topics.extracts)[1] == []
    assert waiting(topics.police, engine=engine, bootstrap=topics.bootstrap) == 1
    (met,) = load(engine, topics, topics.police)[1]
    assert "7 of them have not arrived" in str(met)
    hand_over(topics, topics.police, messages(range(41, 48)), extract_id="2" * 64)
    assert load(engine, topics, topics.extracts, topics.police)[1] == []
    assert waiting(topics.police, engine=engine, bootstrap=topics.bootstrap) == 0


def test_nothing_is_linked_under_two_keys_until_a_right_extract_came(handed_over: Topics, engine: Engine) -> None:
    topics = handed_over
    question: dict[str, Any] = {"period": Period.of_year(2014), "as_of": date(2014, 6, 30), "policy": POLICY}
    hand_over(topics, topics.police, messages(SINCE), extract_id="2" * 64, chain_key_check=OTHER_KEY)
    (met,) = load(engine, topics, topics.extracts)[1]
    with pytest.raises(ChainKeyDiffers) as refused:
        reconcile(engine, Settings(), **question, keeps_breaks=False)
    assert str(refused.value) == str(met)
    day = question["as_of"]
    for ask in (
        lambda: restate(engine, period=question["period"], days=(day, day), policy=POLICY),
        lambda: steps_equal_the_whole(engine, periods=[question["period"]], as_of=day, policy=POLICY),
        lambda: read_breaks(engine, period=question["period"], as_of=day, policy=POLICY),
    ):
        with pytest.raises(ChainKeyDiffers) as refused:
            ask()
        assert str(refused.value) == str(met)
    assert alerts(engine) == [("chain_key", topics.police.name)]  # a look links nothing, and still says
    hand_over(topics, topics.police, messages(SINCE), extract_id="2" * 64)
    assert load(engine, topics, topics.extracts, topics.police)[1] == []
    assert reconcile(engine, Settings(), **question, keeps_breaks=False).closes
    assert standing(engine) == []


@pytest.mark.parametrize("is_resumed", [True, False])
def test_rows_that_have_not_arrived_stop_what_comes_next_until_they_do_or_a_person_lets_them_be(
    handed_over: Topics,
    engine: Engine,
    is_resumed: bool,  # noqa: FBT001
) -> None:
    topics = handed_over
    topics.send(topics.police, messages(range(81, 90)))  # of nobody's extract: no surplus stands for what lacks
    hand_over(topics, topics.police, messages(SINCE), extract_id="2" * 64, rows=25, published=25)
    loaded, (met,) = load(engine, topics, topics.police, topics.extracts)
    assert loaded[topics.police.name].inserted == 29
    assert "of the extract until 2014-06-30 25 rows were published, and 5 of them have not arrived" in str(met)
    topics.send(topics.police, messages([91]))
    assert load(engine, topics, topics.police)[0] == {}
    if is_resumed:
        resume(engine)
        assert load(engine, topics, topics.police) == ({topics.police.name: Loaded(read=1, inserted=1)}, [])
    else:
        hand_over(topics, topics.police, messages(range(41, 66)), extract_id="2" * 64)
        loaded, refused = load(engine, topics, topics.extracts, topics.police)
        assert (loaded[topics.police.name], refused) == (Loaded(read=26, inserted=6, duplicates=20), [])
    assert standing(engine) == []
    assert check_extracts(engine) == []


def test_the_order_of_control_records_is_that_of_their_partition_and_of_no_clock(
    handed_over: Topics, engine: Engine
) -> None:
    topics, now = handed_over, datetime.now(UTC)
    for month, early in ((7, timedelta(hours=1)), (8, timedelta())):
        said = {"extract_id": str(month) * 64, "covers_until": date(2014, month, 31), "recorded_at": now + early}
        hand_over(topics, topics.police, [], **said)
        assert load(engine, topics, topics.police, topics.extracts)[1] == []
    with engine.connect() as connection:
        covered = [record.covers_until.month for record in control_records(connection) if record.source == POLICE.name]
    assert covered == [6, 7, 8]


def test_the_task_that_loads_is_green_and_the_next_one_of_that_source_is_red(
    handed_over: Topics, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = handed_over
    looks: list[Any] = []
    monkeypatch.setenv("KETENBALANS_KAFKA_BOOTSTRAP", topics.bootstrap)
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))
    own = {source.name: source for source in (topics.police, topics.om, topics.extracts)}
    monkeypatch.setattr("ketenbalans.jobs.loading.ingest_runs.source_named", own.__getitem__)
    monkeypatch.setattr("ketenbalans.jobs.loading.ingest_runs.watch_now", lambda _settings: looks.append(len(looks)))
    hand_over(topics, topics.police, messages(SINCE), extract_id="2" * 64, covers_until=date(2014, 5, 31))
    assert ingest_for_a_run(Settings(), topics.police.name, run="a")["inserted"] == 20
    assert (ingest_for_a_run(Settings(), topics.extracts.name, run="b")["inserted"], looks) == (1, [0])
    with pytest.raises(CoversLess):
        ingest_for_a_run(Settings(), topics.police.name, run="c")
    assert looks == [0, 1]
    assert ingest_for_a_run(Settings(), topics.om.name, run="d")["read"] == 0


def test_the_same_extract_again_is_no_incident(handed_over: Topics, engine: Engine) -> None:
    topics = handed_over
    hand_over(topics, topics.police, messages(SINCE), extract_id="2" * 64, covers_until=date(2014, 7, 31))
    hand_over(topics, topics.police, messages(FIRST))
    loaded, met = load(engine, topics, topics.police, topics.extracts)
    assert (loaded[topics.police.name].duplicates, met) == (40, [])


def test_every_kind_is_reached_here() -> None:
    reached = {trouble.kind for trouble in TROUBLES} | set(EXTRACT_TROUBLES)
    reached.add(TopicUnreadable)  # an answer that this Kafka does not give: tests/unit/warehouse/test_topic_reader.py
    assert reached == set(incident_kinds().values())


def test_a_person_lists_shows_and_resumes_on_the_command_line(
    topics: Topics, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))

    def ketenbalans(*arguments: object) -> Any:
        return CliRunner().invoke(app, ["incidents", *map(str, arguments)], env={"COLUMNS": "200"})

    topics.send(topics.police, with_type(messages(FIRST), b"nl.keten.police.delivery.v2"))
    load(engine, topics, topics.police)
    (running,) = json.loads(ketenbalans("--json").output)
    number = running["incident_id"]
    assert (running["source"], running["kind"], running["state"]) == (topics.police.name, "schema_newer", "running")
    assert SchemaNewer.resumed in ketenbalans("show", number).output
    resumed = ketenbalans("resume", number, "--note", "the sender was upgraded first", "--by", "desk-1")
    assert (resumed.exit_code, resumed.output.partition(":")[0]) == (0, f"{topics.police.name} goes on")
    again = json.loads(ketenbalans("resume", number, "--note", "once more", "--by", "desk-2", "--json").output)
    assert (again["resumed_by"], again["note"]) == ("desk-1", "the sender was upgraded first")
    assert isinstance(ketenbalans("resume", 99, "--note", "none", "--by", "desk-1").exception, DecisionRefused)
    assert "no source stands still" in ketenbalans("list").output
    (kept,) = json.loads(ketenbalans("list", "--all", "--json").output)
    assert kept == again
