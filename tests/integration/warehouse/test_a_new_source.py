"""The source that exists only in the tests, through the real Kafka and PostgreSQL (``tests/contract``)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from kafka.admin import ConfigResource, ConfigResourceType
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from ketenbalans.broker.sending import publisher
from ketenbalans.broker.topics import DEAD_LETTER_SETTINGS, ensure_topics
from ketenbalans.jobs.loading.ingest import Loaded, ingest
from ketenbalans.jobs.quality.check_quality import check_quality
from ketenbalans.settings import Settings
from producers.catalogue import producer_of
from schemas.declaration import TOPIC_PARTITIONS, Source
from tests.contract.joined import new_source
from tests.contract.test_a_new_source import GOOD, KEY, extract_of, token_of
from tests.integration.topics import administration, waiting
from tests.integration.warehouse.rows import tokens, with_token
from tests.unit.producers.extracts import outcome_of_file
from warehouse.database import migrate
from warehouse.tables.events import event_table

pytestmark = [
    pytest.mark.stack,
    # Great Expectations imports them; they are gone in Python 3.13, as it is reported.
    pytest.mark.filterwarnings("ignore:module 'sre_(constants|parse)' is deprecated:DeprecationWarning"),
]


@pytest.fixture(name="customs")
def _customs() -> Iterator[Source]:
    with new_source() as source:
        yield source


def test_its_table_is_made_as_it_is_declared(customs: Source, engine: Engine) -> None:
    assert not inspect(engine).has_table(customs.name)
    migrate(engine, event_sources=[customs])
    answer = [
        (column["name"], column["type"].compile(engine.dialect), column["nullable"])
        for column in inspect(engine).get_columns(customs.name)
    ]
    declared = event_table(customs).columns
    assert answer == [(column.name, column.type.compile(engine.dialect), column.nullable) for column in declared]
    assert inspect(engine).get_pk_constraint(customs.name)["constrained_columns"] == ["event_source", "event_id"]
    migrate(engine, event_sources=[customs])
    migrate(engine)


def test_its_extract_becomes_rows_once(customs: Source, engine: Engine, bootstrap: str, tmp_path: Path) -> None:
    migrate(engine, event_sources=[customs])
    file = tmp_path / "customs-2014-12-31.csv"
    second = "aangeleverd;DN14-000124;1;;Eindhoven;06-03-2014;;;;2014-03-06T12:00:00Z"
    file.write_text(extract_of(GOOD, second), encoding="utf-8")
    events = outcome_of_file(producer_of(customs), file, key=KEY).events
    ensure_topics(bootstrap, [customs])
    for _ in range(2):
        with publisher(bootstrap) as to_kafka:
            to_kafka.publish(customs, events, lambda _done, _total: None)
    assert waiting(customs, engine=engine, bootstrap=bootstrap) == 4
    assert ingest(customs, engine=engine, bootstrap=bootstrap, run="a") == Loaded(read=4, inserted=2, duplicates=2)

    table = event_table(customs)
    with engine.connect() as connection:
        first, other = connection.execute(select(table).order_by(table.c.file_number)).mappings().all()
    said = with_token(first, tokens(engine))
    assert {name: said[name] for name in events.columns} == {
        "mutation": "handed_over",
        "file_number": "DN14-000123",
        "suspect_number": 2,
        "person_token": token_of("SYN-0451"),
        "brigade": "Schiphol",
        "delivered_on": date(2014, 3, 5),
        "crossings": ["air", "road"],
        "armed": True,
        "handed_to": "PL0900",
        "recorded_at": datetime(2014, 3, 5, 11, tzinfo=UTC),
    }
    assert [other[name] for name in ("person_id", "crossings", "armed", "handed_to")] == [None] * 4
    assert check_quality(customs, engine=engine, settings=Settings(home=tmp_path)).success
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text("DELETE FROM customs_deliveries"))


def test_its_topics_keep_their_records_for_good(customs: Source, bootstrap: str) -> None:
    ensure_topics(bootstrap, [customs])
    of_dead_letters = {**customs.topic_settings, **DEAD_LETTER_SETTINGS}
    for name, settings in ((customs.topic, customs.topic_settings), (customs.dead_letter_topic, of_dead_letters)):
        with administration(bootstrap) as admin:
            (described,) = admin.describe_topics([name])
            answer = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])["topic"][name]
        assert len(described["partitions"]) == TOPIC_PARTITIONS
        assert {setting: one["value"] for setting, one in answer.items()} == settings
