"""What Kafka can fail to do, whoever asks it: sending, reading, its topics. No message holds a value of a record."""


class BrokerError(Exception):
    """Kafka did not do what was asked; the message says where, what and what to do next.

    The tree::

        BrokerError
        +-- TopicMissing                 Kafka answers and has no such topic
        +-- TopicNotReadable             Kafka answers and does not give what a topic holds
        +-- BrokerUnreachable            Kafka does not answer
            +-- PublicationInterrupted   it stopped answering while an extract was sent
            +-- TopicUnreachable         it stopped answering while a topic was read
            +-- DeadLettersNotPublished  messages that are no events were kept, and not sent on

    Attributes:
        bootstrap: which Kafka.
    """

    def __init__(self, message: str, bootstrap: str) -> None:
        super().__init__(message)
        self.bootstrap = bootstrap


class TopicMissing(BrokerError):
    """Kafka answers, and the topic is not there, or no longer.

    Attributes:
        topic: which topic.
    """

    def __init__(self, bootstrap: str, topic: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap} runs and has no topic {topic}: somebody deleted it, or KETENBALANS_KAFKA_BOOTSTRAP "
            "names another Kafka. Publish an extract of its source again, which makes the topic",
            bootstrap,
        )
        self.topic = topic


class BrokerUnreachable(BrokerError):
    """Kafka does not answer; nothing was published.

    Attributes:
        reason: what the client said, in a word.
    """

    def __init__(self, bootstrap: str, reason: str, message: str | None = None) -> None:
        """Say so; a special case has a message of its own."""
        super().__init__(
            message
            or f"Kafka at {bootstrap} cannot be reached ({reason}); nothing was published. Start it (ketenbalans up) "
            "or set KETENBALANS_KAFKA_BOOTSTRAP to a broker that runs, and publish the extract again",
            bootstrap,
        )
        self.reason = reason


class PublicationInterrupted(BrokerUnreachable):
    """Kafka stopped answering half way: some rows may have been published, the control record was not.

    Attributes:
        acknowledged: the rows that Kafka has certainly kept.
        rows: the rows that were to be published.
    """

    def __init__(self, bootstrap: str, reason: str, *, acknowledged: int, rows: int) -> None:
        message = (
            f"Kafka at {bootstrap} stopped answering ({reason}): {acknowledged} of {rows} rows were acknowledged and "
            "no control record was sent, so the extract does not count as published. Publish it again when Kafka "
            "runs (ketenbalans status): rows that are already there change nothing"
        )
        super().__init__(bootstrap, reason, message)
        self.acknowledged = acknowledged
        self.rows = rows


class DeadLettersNotPublished(BrokerUnreachable):
    """Dead letters were not sent to their topic, or not all; they are kept, and what was loaded stays loaded.

    Attributes:
        topic: that of the dead letters.
    """

    def __init__(self, bootstrap: str, reason: str, topic: str) -> None:
        message = (
            f"dead letters were not published to {topic} ({reason}, Kafka at {bootstrap}). They are kept in the "
            "warehouse and what was loaded stays loaded; the next ingest of this source sends them, or at once "
            "`ketenbalans deadletters publish` when Kafka runs (ketenbalans status)"
        )
        super().__init__(bootstrap, reason, message)
        self.topic = topic


class TopicUnreachable(BrokerUnreachable):
    """Kafka does not answer while a topic is read; what was committed stays, and the rest waits.

    Attributes:
        topic: which topic.
    """

    def __init__(self, bootstrap: str, topic: str, reason: str) -> None:
        message = (
            f"Kafka at {bootstrap} cannot be reached ({reason}), so topic {topic} was not read to its end. What was "
            "loaded stays loaded. Start it (ketenbalans up) or set KETENBALANS_KAFKA_BOOTSTRAP to a broker that runs, "
            "and ingest again"
        )
        super().__init__(bootstrap, reason, message)
        self.topic = topic


class TopicNotReadable(BrokerError):
    """Kafka answers, and still does not give what the topic holds.

    Attributes:
        topic: which topic.
        reason: what it answered, in a word.
    """

    def __init__(self, bootstrap: str, topic: str, reason: str) -> None:
        super().__init__(f"topic {topic} can't be read on, though Kafka at {bootstrap} answers ({reason})", bootstrap)
        self.topic = topic
        self.reason = reason
