"""Messages that are kept as dead letters without a topic that they came by."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine, insert

from schemas.wire.events import Message
from tests.integration.warehouse.rows import POLICE
from warehouse.dead_letters import read_letters
from warehouse.loading import headers_as_json
from warehouse.tables.dead_letters import DEAD_LETTER


def keep_letters(engine: Engine, sent: Iterable[Message], **fields: Any) -> list[int]:
    """Keep messages as dead letters; gives their numbers."""
    rows = [
        {
            "source": POLICE.name,
            "topic": POLICE.topic,
            "topic_id": "by hand",
            "partition": 0,
            "reason": "unknown_version",
            "column": "ce_type",
            "rule": "is known",
            "form": "message",
            "key": one.key,
            "value": one.value,
            "headers": headers_as_json(one),
            **fields,
        }
        for one in sent
    ]
    with engine.begin() as connection:
        kept = len(read_letters(connection))
        numbered = [{**row, "offset": kept + place} for place, row in enumerate(rows)]
        made = insert(DEAD_LETTER).values(numbered).returning(DEAD_LETTER.c.dead_letter_id)
        return list(connection.execute(made).scalars())
