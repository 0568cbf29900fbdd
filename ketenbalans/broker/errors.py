"""What Kafka can fail to do, whoever asks it: sending, reading, its topics. No message holds a value of a record."""

REFUSALS = frozenset({
    "ClusterAuthorizationFailedError",
    "GroupAuthorizationFailedError",
    "TopicAuthorizationFailedError",
    "TransactionalIdAuthorizationFailedError",
})  # fmt: skip
"""What the client calls an answer of Kafka that somebody may not do something."""


def reason_of(error: BaseException) -> str:
    """What the client says went wrong, in a word: the kind of its error, or of the refusal that it wraps.

    A producer that may write nothing at all gets an error of no kind of its own, with Kafka's answer in its text.
    """
    return next((refusal for refusal in sorted(REFUSALS) if refusal in str(error)), type(error).__name__)


class BrokerError(Exception):
    """Kafka did not do what was asked; the message says where, what and what to do next.

    The tree::

        BrokerError
        +-- TopicMissing                 Kafka answers and has no such topic
        +-- TopicNotReadable             Kafka answers and does not give what a topic holds
        +-- NotAllowed                   Kafka answers and the role may not do this
        +-- BrokerRefuses                Kafka answers and lets nobody in with this certificate, user or password
            +-- CertificateRefused       the broker's certificate has ended, or is of another authority or name
            +-- UserNotLetIn            it does not know the user, or the password
            +-- SecurityDiffers          it is not reached in the way that the settings say
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
            "names another Kafka. Publish an extract of its source again, which makes the topic; where Kafka "
            "is locked, `ketenbalans up` or `ketenbalans prepare` does",
            bootstrap,
        )
        self.topic = topic


class NotAllowed(BrokerError):
    """Kafka knows who asks, and does not let this role do that; what was done before stays.

    Attributes:
        user: who asked; None: nobody signed in.
        what: what was asked.
    """

    def __init__(self, bootstrap: str, user: str | None, what: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap} does not let {user or 'somebody who does not sign in'} {what}. docs/secure.md says "
            "which role may: let that one do it, or have the rights given anew by `ketenbalans up` (on servers of your "
            "own: `ketenbalans prepare`)",
            bootstrap,
        )
        self.user = user
        self.what = what


class BrokerRefuses(BrokerError):
    """Kafka answers, and nobody is let in; nothing was asked of it."""

    def __init__(self, bootstrap: str, why: str) -> None:
        super().__init__(f"Kafka at {bootstrap} {why}", bootstrap)


class CertificateRefused(BrokerRefuses):
    """The certificate that the broker shows is not one to believe."""

    def __init__(self, bootstrap: str, what_is_wrong: str, authority: str) -> None:
        super().__init__(
            bootstrap,
            f"is not believed: its certificate {what_is_wrong} (held against {authority}). Of the embedded Kafka "
            "`ketenbalans up` makes a new one when it ends; of a Kafka of your own, have it renewed, or name the file "
            "with its authority in KETENBALANS_KAFKA_CA_FILE",
        )


class UserNotLetIn(BrokerRefuses):
    """The broker does not know the user, or the password is another one.

    Attributes:
        user: who signed in.
    """

    def __init__(self, bootstrap: str, user: str, why: str) -> None:
        super().__init__(
            bootstrap,
            f"does not let {user} in: {why}. Of the embedded Kafka `ketenbalans up` sets every password to what its "
            "file in the home holds; for a Kafka of your own, look at KETENBALANS_KAFKA_USER and "
            "KETENBALANS_KAFKA_PASSWORD_FILE (or the file of this user in KETENBALANS_KAFKA_CREDENTIALS)",
        )
        self.user = user


class SecurityDiffers(BrokerRefuses):
    """The broker is reached in another way than the settings say."""

    def __init__(self, bootstrap: str, security: str, what_differs: str) -> None:
        super().__init__(
            bootstrap,
            f"is not reached by {security}: {what_differs}. Set KETENBALANS_KAFKA_SECURITY to what its listener at "
            "this address asks for, or name another address in KETENBALANS_KAFKA_BOOTSTRAP",
        )


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

    def __init__(self, bootstrap: str, reason: str, topic: str, refusal: str | None = None) -> None:
        """Say so; ``refusal`` is the whole sentence where Kafka answers and refuses."""
        why = f"dead letters were not published to {topic}"
        message = (
            f"{why}: {refusal}. They are kept in the warehouse and what was loaded stays loaded; the next ingest of "
            "this source sends them"
            if refusal is not None
            else f"{why} ({reason}, Kafka at {bootstrap}). They are kept in the "
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
