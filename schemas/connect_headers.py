"""The headers of a dead letter on its topic: those of Kafka Connect, so that tools made for Connect read ours."""

PREFIX = "__connect.errors."

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
    f"{PREFIX}exception.stacktrace": "nothing that could hold a value of the message",
}
"""What each header says, as UTF-8 text. The message's own headers, key and value stand beside them as they came."""

ALWAYS = tuple(f"{PREFIX}{name}" for name in ("topic", "partition", "offset", "exception.message"))
"""The headers that no dead letter comes without."""
