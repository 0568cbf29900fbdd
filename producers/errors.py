"""What can keep an extract from being published. No message, and no exception behind it, holds a personal value."""

from pathlib import Path


class ProduceError(Exception):
    """An extract was not published, or not to the end; the message says where, what and what to do next.

    The tree::

        ProduceError
        +-- UnreadableExtract        the file is no extract of this source at all
        +-- ExtractChanged           the file was changed while it was read
        +-- CoverageUnknown          nothing says until which day it covers
        +-- ChainKeyMissing          there is no key to make person tokens with
        +-- ChainKeyWeak             the key could be found by trying
        +-- RejectFileNotWritten     the rejected rows cannot be kept, so nothing was published
        +-- NotForeseen              a defect of ours, met with this extract
        +-- NoProducer               no module publishes extracts of this source

    What Kafka does not do is a ``broker.errors.BrokerError``.
    """


class UnreadableExtract(ProduceError):
    """The file cannot be read as an extract at all; nothing was published."""

    def __init__(self, file: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {problem}; nothing was published. {remedy}")


class ExtractChanged(ProduceError):
    """The file is no longer what it was when its rows were checked; of what came instead nothing was published."""

    def __init__(self, file: Path, change: str = "was changed while it was read") -> None:
        super().__init__(
            f"{file}: it {change}, so it does not count as published, though some of its rows may "
            "be. Publish it again when it is whole and nobody writes to it"
        )


class CoverageUnknown(ProduceError):
    """Nothing says until which day the extract covers, or what says so cannot be true; nothing was published."""

    def __init__(self, file: Path, problem: str) -> None:
        remedy = f"Publish it with --covers-until YYYY-MM-DD, or name it like {file.stem}-2015-01-31{file.suffix}"
        super().__init__(f"{file}: {problem}; nothing was published. {remedy}")


class ChainKeyMissing(ProduceError):
    """There is no chain key, and without it no person token can be made."""

    def __init__(self) -> None:
        super().__init__(
            "the chain key is missing or empty, so no person token can be made; set KETENBALANS_CHAIN_KEY "
            "to the key that police and OM share (the embedded stack makes its own: ketenbalans up)"
        )


class ChainKeyWeak(ProduceError):
    """The chain key could be found by trying; nothing was published under it."""

    def __init__(self, weakness: str) -> None:
        super().__init__(
            f"the chain key {weakness}, so it could be found by trying, and nothing was published. Make a better one: "
            'python3 -c "import secrets; print(secrets.token_hex(32))", and give it to police and OM as '
            "KETENBALANS_CHAIN_KEY (what was published under another key is then to be published again)"
        )


class RejectFileNotWritten(ProduceError):
    """The rejected rows cannot be kept beside the extract; nothing was published, so that none is lost."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"{file} cannot be written ({reason}); nothing was published. "
            "Make its folder writable and publish the extract again"
        )


class NotForeseen(ProduceError):
    """Something in the extract meets a defect of ours; it does not count as published, and may be so in part.

    What failed is reported by its kind and its place in our code: what it says itself may quote a value.
    """

    def __init__(self, file: Path, what: str, place: str) -> None:
        super().__init__(
            f"{file}: it could not be published to the end, by a defect of ketenbalans ({what} at {place}), and does "
            "not count as published. Report that place; other extracts are not concerned, and publishing this one "
            "again once it is mended changes nothing that is there already"
        )


class NoProducer(ProduceError):
    """A source was asked for that no module of this package publishes."""

    def __init__(self, source: str, known: list[str]) -> None:
        super().__init__(f"nothing publishes extracts of {source}; there are producers of {', '.join(known)}")
