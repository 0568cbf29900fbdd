"""Taking apart again what could not be read: a record or a batch of Kafka that was kept as its bytes."""

from ketenbalans.broker.batch_framing import BatchHead, rule_broken_by
from ketenbalans.broker.batch_reading import BatchReader
from ketenbalans.broker.record_fields import Unreadable, fields_of
from schemas.dead_letters import LetterForm
from schemas.wire.messages import Envelope, Message, Refusal
from schemas.wire.refusals import Reason
from warehouse.dead_letters import StoredLetter


def read_again(letter: StoredLetter, reader: BatchReader) -> tuple[list[Envelope], Refusal | None]:
    """The messages of a letter that is a record or a batch, or why they can't be read with today's code either.

    Args:
        letter: with its bytes.
        reader: within the limits of today.
    """
    data = letter.message.value or b""
    if letter.form is LetterForm.RECORD:
        return _record(data, reader)
    if (broken := rule_broken_by(memoryview(data))) is not None:
        return [], Refusal(0, Reason.UNREADABLE, None, broken)
    messages: list[Envelope] = []
    for piece in reader.pieces(letter.place.partition, BatchHead.of(data)):
        if piece.unread:
            return [], Refusal(0, piece.unread[0].reason, None, piece.unread[0].rule)
        messages += [record for record in piece.records if record.offset >= letter.place.offset]
    return messages, None


def _record(data: bytes, reader: BatchReader) -> tuple[list[Envelope], Refusal | None]:
    if (rule := reader.too_large(data)) is not None:
        return [], Refusal(0, Reason.OVERSIZED, None, rule)
    try:
        fields = fields_of(data)
    except Unreadable as error:
        return [], Refusal(0, Reason.UNREADABLE, None, str(error))
    return [Message(fields.key, fields.value, fields.headers)], None
