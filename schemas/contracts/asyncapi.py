"""The AsyncAPI 3.0.0 document: every topic, what travels on it and who sends and reads it, with Kafka's bindings.

Made from the declarations, one pair of channels per source: its events and its dead letters. It describes this
application: *send* is what our producers do, *receive* what our ingest does. The payloads are the contracts themselves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.audit import CHECKPOINT_TOPIC
from schemas.declaration import TOPIC_PARTITIONS, Kind, Source
from schemas.wire.connect_headers import ALWAYS, CONNECT_HEADERS
from schemas.wire.extract_rows import EXTRACT_ID, EXTRACT_ID_PATTERN, EXTRACT_ROW
from schemas.wire.one_message import LONGEST_IDENTIFIER
from schemas.wire.refusals import LARGEST_MESSAGE, Reason

KAFKA = {"bindingVersion": "0.5.0"}
DEAD_LETTER = "dead_letter"
CHECKPOINT, CHECKPOINTS = "audit_checkpoint", "audit_checkpoints"

CHECKPOINT_MEANS = (
    "What the audit chain was at a moment, signed: a copy that is kept elsewhere proves what came before."
)

DESCRIPTION = f"""Two registers of the Dutch criminal justice chain, kept in balance: the events of each register.

Every message is a CloudEvents 1.0 event in Kafka's binary mode, with a JSON value in UTF-8 of at most {LARGEST_MESSAGE}
bytes. The text of its key is the record's partition key, so the events of one record stay in order. What breaks its
contract is stored and sent to the topic of dead letters; it stops nothing. Topics keep their records for good.
Administrative facts only: fields marked `x-personal` are pseudonyms of a person and belong in no log, error or page."""


def asyncapi(sources: Sequence[Source], contracts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The document of these sources.

    Args:
        sources: what is declared, in the order in which it is to be reported.
        contracts: the JSON Schema of each, by event type.
    """
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for source in sources:
        letters = f"{source.name}_dead_letters"
        types = [one.event_type for one in source.versions]
        channels[source.name] = _channel(source.topic_settings, source.topic, types, source.meaning)
        described = f"Messages of {source.topic} that are no event of their source, as they came."
        channels[letters] = _channel(source.topic_settings, source.dead_letter_topic, [DEAD_LETTER], described)
        sends = "Send one event per good row of an extract"
        if source.command is None:
            sends = "Send one event when all rows of an extract are acknowledged"
        operations[f"publish_{source.name}"] = _operation("send", source.name, sends, source.event_type)
        reads = "Read from offsets kept in the warehouse, in no consumer group"
        operations[f"ingest_{source.name}"] = _operation("receive", source.name, reads)
        sends = "Send on what was refused, after it was stored"
        operations[f"publish_{letters}"] = _operation("send", letters, sends)
    channels[CHECKPOINTS] = _channel(sources[0].topic_settings, CHECKPOINT_TOPIC, [CHECKPOINT], CHECKPOINT_MEANS)
    sends = "Send how long the audit chain is and what it ends with, signed"
    operations[f"publish_{CHECKPOINTS}"] = _operation("send", CHECKPOINTS, sends)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:ketenbalans:topics",
        "info": {
            "title": "Ketenbalans",
            "version": "1.0.0",  # of the document; each type carries a version of its own
            "description": DESCRIPTION,
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {one.event_type: _message(one) for source in sources for one in source.versions}
            | {DEAD_LETTER: _dead_letter(), CHECKPOINT: _checkpoint()},
            "schemas": {event_type: _without_dialect(contract) for event_type, contract in contracts.items()},
        },
    }


def _server() -> dict[str, Any]:
    described = "host and port of a broker, as the setting KETENBALANS_KAFKA_BOOTSTRAP has it"
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The Kafka that the stack runs, or the one that the settings name.",
        "variables": {"bootstrap": {"description": described}},
    }


def _channel(settings: Mapping[str, str], topic: str, messages: Sequence[str], meaning: str) -> dict[str, Any]:
    bindings = {
        "topic": topic,
        "partitions": TOPIC_PARTITIONS,
        "topicConfiguration": {
            "cleanup.policy": settings["cleanup.policy"].split(","),
            "retention.ms": int(settings["retention.ms"]),
        },
    }
    return {
        "address": topic,
        "description": meaning,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": bindings | KAFKA},
    }


def _operation(action: str, channel: str, summary: str, message: str | None = None) -> dict[str, Any]:
    """What is done on a channel, with all its messages or with one."""
    operation: dict[str, Any] = {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}
    if message is not None:
        operation["messages"] = [{"$ref": f"#/channels/{channel}/messages/{message}"}]
    return operation


def _message(source: Source) -> dict[str, Any]:
    key = source.field(source.partition_key)
    shape: dict[str, Any] = {"type": "string", "description": f"the text of {key.name}, in UTF-8"}
    if key.words is not None:
        shape["enum"] = [str(word) for word in key.words]
    elif key.kind is Kind.TEXT:
        shape["pattern"] = key.text_pattern
    return {
        "name": source.event_type,
        "title": source.name,
        "summary": source.meaning,
        "contentType": "application/json",
        "headers": _headers(source),
        "payload": {"$ref": f"#/components/schemas/{source.event_type}"},
        "bindings": {"kafka": {"key": shape} | KAFKA},
    }


def _headers(source: Source) -> dict[str, Any]:
    """CloudEvents in Kafka's binary mode, as our ingest takes it; what our own producers send is reported beside it."""
    identifier = {"type": "string", "minLength": 1, "maxLength": LONGEST_IDENTIFIER, "pattern": r"^[^\x00]+$"}
    ours = f"`{source.ce_source}` of our own producers; another producer has its own"
    id_means = "with ce_source the identity of the event; ours is a UUIDv5 of the record and its content"
    properties = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {**identifier, "description": id_means},
        "ce_source": {**identifier, "description": ours},
        "ce_type": {"type": "string", "const": source.event_type},
        "ce_time": {"type": "string", "format": "date-time", "description": "the value's recorded_at"},
        EXTRACT_ID: {
            "type": "string",
            "pattern": EXTRACT_ID_PATTERN,
            "description": "which extract it is a row of: SHA-256 of the file, check of its key; no part of the id",
        },
        EXTRACT_ROW: {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,9}$",
            "description": "the number of its row in that extract, from 1: each is accounted for",
        },
        "content-type": {
            "type": "string",
            "pattern": "^ *[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]/[Jj][Ss][Oo][Nn] *(?:;.*)?$",
            "description": "`application/json`, also when it is absent",
        },
    }
    return {"type": "object", "properties": properties, "required": ["ce_specversion", "ce_id", "ce_source", "ce_type"]}


def _dead_letter() -> dict[str, Any]:
    properties = {name: {"type": "string", "description": meaning} for name, meaning in CONNECT_HEADERS.items()}
    return {
        "name": DEAD_LETTER,
        "title": "A message that was refused",
        "summary": "Key, value and headers as they came, with Kafka Connect's headers that say where and why.",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": properties, "required": list(ALWAYS)},
        "payload": {"description": "The bytes of the value as they came; null when there were none."},
        "x-reasons": {str(reason): reason.meaning for reason in Reason},
    }


def _checkpoint() -> dict[str, Any]:
    digits = {"type": "string", "pattern": "^[0-9a-f]+$"}
    properties = {
        "size": {"type": "integer", "minimum": 0, "description": "how many entries the chain had"},
        "root": {**digits, "description": "the hash of the last of them"},
        "at": {"type": "string", "format": "date-time", "description": "when it was signed, in UTC"},
        "key_id": {**digits, "description": "the first 16 digits of SHA-256 of the public key"},
        "signature": {**digits, "description": "Ed25519 over the other four as canonical JSON (RFC 8785)"},
    }
    return {
        "name": CHECKPOINT,
        "title": "A checkpoint of the audit chain",
        "summary": CHECKPOINT_MEANS,
        "contentType": "application/json",
        "payload": {"type": "object", "properties": properties, "required": list(properties)},
        "bindings": {"kafka": {"key": {**digits, "description": "the key_id"}} | KAFKA},
    }


def _without_dialect(contract: Mapping[str, Any]) -> dict[str, Any]:
    """A contract as a part of the document: AsyncAPI's own dialect is draft-07, in which its keywords say the same."""
    return {keyword: value for keyword, value in contract.items() if keyword not in ("$schema", "$id")}
