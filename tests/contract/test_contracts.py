"""The contracts say what our own gate says, are fresh, and are what AsyncAPI means by a document."""

import json
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.jobs.pages.contracts import FOLDER, RELEASED, release, released
from schemas.catalogue import sources
from schemas.contracts.command import COMMAND
from schemas.contracts.compatibility import check_compatible
from schemas.contracts.json_schema import SUFFIX, contract_files, contract_of, digits_between, generated
from schemas.declaration import EARLIEST_DAY, LATEST_DAY, TOPIC_PARTITIONS, Source
from schemas.wire.events import Message, decode, encode
from schemas.wire.extract_rows import ExtractRows, rows_key
from tests.contract.contract_laws import RULES, rules_hold, schema_holds
from tests.contract.joined import new_source
from tests.contract.valid_events import frame_of, rows_of

pytestmark = pytest.mark.laws

ASYNCAPI = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))
GOLDEN = FOLDER / "golden"
VENDORED = Path(__file__).parent / "asyncapi"
STANDARD = json.loads((VENDORED / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8"))
ALL = pytest.mark.parametrize("source", sources().values(), ids=lambda source: source.name)
VERSIONS = [version for source in sources().values() for version in source.versions]
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_files_are_fresh() -> None:
    expected = contract_files(released())
    written = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir() if file.name in expected}
    assert written == expected, f"a declaration has changed; run: .venv/bin/{COMMAND}"
    assert {file.name for file in FOLDER.glob("*") if file.is_file()} == {*expected, "README.md"}


def test_no_promise_is_taken_back() -> None:
    assert released()
    check_compatible(released(), generated())


def test_asyncapi_says_the_document_is_one() -> None:
    standard = jsonschema_rs.validator_for(STANDARD)
    assert [error.message for error in standard.iter_errors(ASYNCAPI)] == []
    spoils: tuple[Callable[[dict[str, Any]], object], ...] = (
        lambda document: document["info"].pop("version"),
        lambda document: document["channels"]["extracts"]["bindings"]["kafka"].update(partitions=0),
        lambda document: document["operations"]["ingest_extracts"].update(action="read"),
        lambda document: document["components"]["messages"]["dead_letter"].update(body={}),
    )
    for spoil in spoils:
        document = deepcopy(ASYNCAPI)
        spoil(document)
        assert not standard.is_valid(document)


def test_the_standard_is_the_file_that_its_page_names() -> None:
    digest = sha256((VENDORED / "asyncapi-3.0.0.schema.json").read_bytes()).hexdigest()
    assert digest in (VENDORED / "README.md").read_text(encoding="utf-8")


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [part["$ref"]] if "$ref" in part else [ref for one in part.values() for ref in references(one)]
    return [ref for one in part for ref in references(one)] if isinstance(part, list) else []


def at(reference: str) -> Any:
    part: Any = ASYNCAPI
    for step in reference.removeprefix("#/").split("/"):
        part = part[step]
    return part


def test_every_reference_leads_somewhere() -> None:
    found = references(ASYNCAPI)
    assert found
    assert all(at(reference) for reference in found)


@ALL
def test_every_topic_is_in_the_document(source: Source) -> None:
    channel, letters = (ASYNCAPI["channels"][name] for name in (source.name, f"{source.name}_dead_letters"))
    assert (channel["address"], letters["address"]) == (source.topic, source.dead_letter_topic)
    for one in (channel, letters):
        kafka = one["bindings"]["kafka"]
        assert (kafka["topic"], kafka["partitions"]) == (one["address"], TOPIC_PARTITIONS)
        assert kafka["topicConfiguration"] == {"cleanup.policy": ["delete"], "retention.ms": -1}
    (message,) = channel["messages"].values()
    payload = at(at(message["$ref"])["payload"]["$ref"])
    assert payload == {key: value for key, value in contract_of(source).items() if key not in ("$schema", "$id")}
    actions = [
        (name, one["action"])
        for name, one in ASYNCAPI["operations"].items()
        if one["channel"]["$ref"] in (f"#/channels/{source.name}", f"#/channels/{source.name}_dead_letters")
    ]
    assert sorted(actions) == [
        (f"ingest_{source.name}", "receive"),
        (f"publish_{source.name}", "send"),
        (f"publish_{source.name}_dead_letters", "send"),
    ]


@ALL
def test_a_contract_is_json_schema_in_both_drafts(source: Source) -> None:
    contract = contract_of(source)
    jsonschema_rs.meta.validate(contract)
    jsonschema_rs.meta.validate(contract | {"$schema": "http://json-schema.org/draft-07/schema#"})


@ALL
def test_a_contract_says_all_of_a_declaration(source: Source) -> None:
    contract = contract_of(source)
    assert list(contract["properties"]) == [field.name for field in source.fields]
    assert [name for name, field in contract["properties"].items() if field.get("x-personal")] == [
        field.name for field in source.fields if field.is_personal
    ]
    assert (contract["x-topic"], contract["x-key"]) == (source.topic, source.partition_key)
    for field in source.fields:
        assert contract["properties"][field.name]["description"] == field.meaning


def test_the_page_names_what_json_schema_has_no_words_for() -> None:
    extensions = {key for contract in generated().values() for key in contract if key.startswith("x-")}
    extensions |= {
        key
        for contract in generated().values()
        for declared in contract["properties"].values()
        for key in declared
        if key.startswith("x-")
    }
    for golden in (*extensions, "x-added-later", *RULES):
        assert f"`{golden}`" in README
    kinds = {rule["rule"] for contract in generated().values() for rule in contract.get("x-rules", [])}
    assert kinds == RULES.keys()


@ALL
@given(data=st.data())
@settings(max_examples=20)
def test_what_we_send_holds_to_the_contract(source: Source, data: st.DataObject) -> None:
    (message,) = encode(source, frame_of(source, [data.draw(rows_of(source))]))
    declared = ASYNCAPI["components"]["messages"][source.event_type]
    (of_row,) = ExtractRows(rows_key("0" * 64, "f" * 16), pl.Series([1])).headers()
    headers = {name: (value or b"").decode() for name, value in [*message.headers, *of_row]}
    assert schema_holds(contract_of(source), orjson.loads(message.value or b""))
    assert schema_holds(declared["headers"], headers)
    assert headers.keys() == declared["headers"]["properties"].keys()
    assert schema_holds(declared["bindings"]["kafka"]["key"], (message.key or b"").decode())


ODD: list[Any] = [
    None,
    "",
    "\x00",
    "a\nb",
    "x" * 300,
    0,
    -1,
    1.5,
    2**31,
    True,
    [],
    [None],
    ["?"],
    {},
    {"0": -1},
    {"a": 1},
]
ODD += ["1989-12-31", "2200-01-01", "2014-02-30", "2014-3-05", "2014-03-05", "1990-01-01", "2199-12-31"]
ODD += [
    "2014-03-05T12:00:00",
    "2014-03-05T12:00:00+01:00",
    "1989-12-31T00:00:00Z",
    "2200-01-02T00:00:00Z",
    "2014-03-05Z",
]
ODD += ["PL2700-2014000123", "2012345614", "0" * 64]


def changed_values(source: Source, value: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The value with some of its fields gone, or holding what any field may and any may not."""

    def replaced(name: str) -> st.SearchStrategy[tuple[str, Any]]:
        words = [str(word) for word in source.field(name).words or ()]
        return st.tuples(st.just(name), st.sampled_from([..., *ODD, *words, *([words] if words else [])]))

    changes = st.lists(st.sampled_from(list(value)).flatmap(replaced), min_size=1, max_size=2)
    return changes.map(lambda made: {name: one for name, one in (value | dict(made)).items() if one is not ...})


@ALL
@given(data=st.data())
@settings(max_examples=6)
def test_the_contract_and_our_gate_refuse_the_same(source: Source, data: st.DataObject) -> None:
    """A contract that accepts less would shut out good events; one that accepts more would promise in vain."""
    contract = contract_of(source)
    (message,) = encode(source, frame_of(source, [data.draw(rows_of(source))]))
    value = orjson.loads(message.value or b"")
    values = data.draw(st.lists(changed_values(source, value), min_size=15, max_size=40))
    key = source.partition_key
    messages = [Message(str(one.get(key)).encode(), orjson.dumps(one), message.headers) for one in values]
    refused = {refusal.position for refusal in decode(source, messages).refusals}
    for position, one in enumerate(values):
        holds = schema_holds(contract, one)
        if position not in refused:
            assert holds
        elif holds:
            assert not rules_hold(contract, one)


@given(st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999))
def test_the_years_between_two_are_those_that_match(one: int, other: int, year: int) -> None:
    first, last = sorted((one, other))
    schema = {"pattern": f"^{digits_between(f'{first:04}', f'{last:04}')}$"}
    for asked in (first, last, year):
        assert schema_holds(schema, f"{asked:04}") == (first <= asked <= last)
    assert not schema_holds(schema, f"{last:04}0")


def test_days_are_whole_years() -> None:
    """So that a pattern of years says all of the range."""
    assert (EARLIEST_DAY.month, EARLIEST_DAY.day, LATEST_DAY.month, LATEST_DAY.day) == (1, 1, 12, 31)


@pytest.mark.parametrize("source", VERSIONS, ids=lambda version: version.event_type)
def test_the_golden_events_are_read_as_ever(source: Source) -> None:
    """What lies on the topic for good: it decodes to the rows that it always did, and our own come out as they went."""
    lines = (GOLDEN / f"{source.event_type}.jsonl").read_text(encoding="utf-8").splitlines()
    golden = [json.loads(line) for line in lines]
    messages = [
        Message(
            one["key"].encode(),
            one["value"].encode(),
            [(name, text.encode()) for name, text in one["headers"].items()],
        )
        for one in golden
    ]
    read = decode(source, messages)
    assert read.refusals == []
    rows = [json.loads(orjson.dumps(row, option=orjson.OPT_UTC_Z)) for row in read.events.to_dicts()]
    later = dict.fromkeys(field.name for field in source.fields if field.added_later)
    assert rows == [later | one["row"] for one in golden]
    contract = contract_of(source)
    assert all(schema_holds(contract, json.loads(one["value"])) for one in golden)
    assert all(rules_hold(contract, json.loads(one["value"])) for one in golden)
    ours = [place for place, one in enumerate(golden) if one["headers"]["ce_source"] == source.ce_source]
    assert 2 <= len(ours) < len(golden)
    events = read.events[ours].drop("event_source", "event_id")
    assert list(encode(source, events)) == [messages[place] for place in ours]


def test_every_released_version_has_golden_events() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {f"{event_type}.jsonl" for event_type in released()}


def test_a_source_that_is_new_gets_its_contract(tmp_path: Path) -> None:
    with new_source() as customs:
        files = contract_files(released())
        release(tmp_path)
    assert f"- `{customs.event_type}` is new." in files["unreleased.md"]
    assert json.loads(files[f"{customs.event_type}{SUFFIX}"]) == contract_of(customs)
    document = json.loads(files["asyncapi.json"])
    assert jsonschema_rs.validator_for(STANDARD).is_valid(document)
    assert document["channels"]["customs_deliveries"]["address"] == "customs.deliveries"
    promised = released(tmp_path / RELEASED.name)
    assert promised == {**released(), customs.event_type: contract_of(customs)}
    with pytest.raises(ValueError, match=r"customs.*no longer declared"):
        release(tmp_path)
    assert released(tmp_path / RELEASED.name) == promised
