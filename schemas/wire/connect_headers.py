"""The headers of a dead letter on its topic: those of Kafka Connect, so that tools made for Connect read ours."""

PREFIX = "__connect.errors."
"""What the names of Kafka Connect's headers of a dead letter begin with."""

TOPIC_ID = "ketenbalans.topic.id"
NULL_HEADERS = "ketenbalans.null.headers"
VALUE_BYTES = "ketenbalans.value.bytes"
HEADER_NAMES = "ketenbalans.header.names"
FORM = "ketenbalans.form"
LAST_OFFSET = "ketenbalans.last.offset"
"""Headers of our own, for what Connect has no word for."""

CONNECT_HEADERS: dict[str, str] = {
    f"{PREFIX}topic": "the topic that the message came from",
    f"{PREFIX}partition": "its partition there",
    f"{PREFIX}offset": "its offset there",
    f"{PREFIX}connector.name": "who refused it: the ingest of the source",
    f"{PREFIX}task.id": "Connect's number of the task",
    f"{PREFIX}stage": "the step that refused it",
    f"{PREFIX}class.name": "the code that refused it",
    f"{PREFIX}exception.class.name": "the kind of error",
    f"{PREFIX}exception.message": "the reason, the column and the rule; never a value of the message",
    TOPIC_ID: "the id of the topic that it came from: one that is made anew has the same name",
    NULL_HEADERS: "which of the message's own headers, counted from 0, had no value; absent when all had one",
    VALUE_BYTES: "how large the value was, when it was left out because this topic does not take it",
    HEADER_NAMES: "which of the message's own headers, counted from 0, have a name that is not UTF-8, and that name in "
    "base64 (`1=eC3//g==`), with a comma between; here each such byte is written as `\\xff`",
    FORM: "what the value is when it is not that of a message: a record or a batch of Kafka that could not be read",
    LAST_OFFSET: "the last offset of a batch that could not be read",
}
"""What each header says, as UTF-8 text. The message's own headers, key and value stand beside them as they came."""

SOMETIMES = (NULL_HEADERS, VALUE_BYTES, HEADER_NAMES, FORM, LAST_OFFSET)
ALWAYS = tuple(name for name in CONNECT_HEADERS if name not in SOMETIMES)
"""The headers that no dead letter comes without."""
