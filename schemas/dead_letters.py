"""The life of a dead letter: where it stands, and the steps that brought it there."""

from schemas.vocabulary import Vocabulary


class LetterState(Vocabulary):
    """Where a dead letter stands; always in exactly one of these."""

    WAITING = "waiting", "wacht", "Nobody has dealt with it: it counts in the alert, the report and the pages."
    REDRIVEN = "redriven", "alsnog geladen", "It was read again with newer code, found good, and its event was loaded."
    DISCARDED = "discarded", "afgedaan", "A person decided that it is no event and never will be, and said why."


class LetterStep(Vocabulary):
    """What happened to a dead letter after it was stored; each happens to a letter once at most."""

    PUBLISHED = "published", "gepubliceerd", "It was sent to the topic of dead letters; it is as waiting as before."
    REDRIVEN = "redriven", "alsnog geladen", "Its event was loaded, in the transaction that wrote this step."
    DISCARDED = "discarded", "afgedaan", "A person put it aside for good, with a note."


class LetterForm(Vocabulary):
    """What the bytes of a dead letter are."""

    MESSAGE = "message", "bericht", "A message in its parts: its key, its value and its headers are kept apart."
    RECORD = "record", "record", "One record of Kafka as it came, which can't be taken apart: these bytes are kept."
    BATCH = "batch", "batch", "A batch of records as it came, which can't be opened: these bytes are kept."


LAST_STEPS = (LetterStep.REDRIVEN, LetterStep.DISCARDED)
"""The steps after which a letter waits no more; a letter has one of them at most."""
