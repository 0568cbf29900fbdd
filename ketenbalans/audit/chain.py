"""Find the first entry of the audit chain that does not fit its row, the one before it or a checkpoint, and say how."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ketenbalans.audit.checkpoint import Checkpoint
from ketenbalans.audit.content import Row, canonical, content_of, hash_of, number_of
from schemas.audit import AUDITED, NOTHING_BEFORE, Audited, AuditEntry
from schemas.json_object import JsonObject
from schemas.vocabulary import Vocabulary


class Misfit(Vocabulary):
    """How an entry does not fit."""

    EDITED = "edited", "gewijzigd", "The entry, or the row that it is of, says something else than what was sealed."
    ADDED = "added", "toegevoegd", "The entry is of a row that is not there, or of one that has an entry already."
    REMOVED = "removed", "verwijderd", "Entries between two others are not there."
    REORDERED = "reordered", "verwisseld", "The entry was sealed under another number."
    CUT_OFF = "cut_off", "afgekapt", "Fewer entries are there than a checkpoint signed, and their rows still are."
    REMADE = "re_made", "overgedaan", "The entries fit each other, and are not those that a checkpoint signed."
    RESTORED = "restored", "teruggezet", "Fewer entries are there than a checkpoint signed, and as few rows."
    WITHOUT_ENTRY = "without_entry", "zonder regel", "A row was inserted while nothing sealed it."
    NOT_SEALING = (
        "not_sealing",
        "verzegelt niet",
        "The trigger that seals a table, or guards the chain, is off or gone.",
    )


@dataclass(frozen=True, kw_only=True)
class ChainFinding:
    """The first thing that does not fit.

    Attributes:
        how: which way.
        entry_number: of which entry; None: it is of no entry.
        says: one sentence, without a value of a row.
    """

    how: Misfit
    entry_number: int | None
    says: str

    def to_json(self) -> JsonObject:
        """The finding as ``audit verify --json`` prints it."""
        return {"how": self.how.value, "entry_number": self.entry_number, "says": self.says}


@dataclass(frozen=True, kw_only=True)
class Unsealed:
    """Rows of a table that have no entry: how many, and the key of the first."""

    kind: str
    rows: int
    first: str


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is found of the chain without reading it.

    Attributes:
        entries: how many there are.
        unsealed: per kind with any, the rows without entry.
        doubled: the highest entry of each row that has more than one.
        triggers_off: the tables whose triggers are off or gone.
    """

    entries: int
    unsealed: Sequence[Unsealed] = ()
    doubled: Sequence[int] = ()
    triggers_off: Sequence[str] = ()


@dataclass
class ChainCheck:
    """A chain that is checked entry by entry, in order; of what was checked only its end is kept.

    Attributes:
        beside: what else is known of it.
        checkpoints: whose signatures hold, the smallest first.
    """

    beside: Beside
    checkpoints: Sequence[Checkpoint]
    size: int = 0
    root: str = NOTHING_BEFORE
    proven: int = 0
    _waiting: list[Checkpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put the checkpoints in the order in which they are met."""
        self._waiting = sorted(self.checkpoints, key=lambda one: one.size, reverse=True)

    def first_misfit(self, entries: Iterable[tuple[AuditEntry, Row | None]]) -> ChainFinding | None:
        """Check every entry with its row (None: it is not there) up to the first that does not fit; None: all fit."""
        for entry, row in entries:
            found = self._against_checkpoints(entry) or self._of_chain(entry) or self._of_row(entry, row)
            if found is not None:
                return found
            self.size, self.root = entry.entry_number, entry.hash
        return self._against_checkpoints(None) or self._at_the_end()

    def _of_chain(self, entry: AuditEntry) -> ChainFinding | None:
        number, expected = entry.entry_number, self.size + 1
        if number != expected:
            return _found(Misfit.REMOVED, expected, f"entries {expected} to {number - 1} are not there")
        if hash_of(entry) != entry.hash:
            other = number_of(entry, entries=self.beside.entries + 1)
            if other is not None:
                return _found(Misfit.REORDERED, number, f"entry {number} was sealed as entry {other}")
            return _found(Misfit.EDITED, number, f"entry {number} no longer has the hash of what it says")
        if entry.previous != self.root:
            says = f"entry {number} was sealed after another entry {self.size} than the one that is there"
            return _found(Misfit.EDITED, self.size or number, f"{says}: that was edited, or put in its place")
        return None

    def _of_row(self, entry: AuditEntry, row: Row | None) -> ChainFinding | None:
        number, audited = entry.entry_number, AUDITED.get(entry.kind)
        if audited is None:
            return _found(Misfit.ADDED, number, f"entry {number} is of a kind that is not audited")
        place = f"row {entry.subject} of {audited.table}" if entry.subject.isdigit() else f"a row of {audited.table}"
        if number in self.beside.doubled:
            return _found(Misfit.ADDED, number, f"entry {number} is of {place}, which has an entry already")
        if row is not None:
            return _differing(entry, audited, row, place)
        gone = f"entry {number} is of {place}, which is not there"
        if any(one.size >= number for one in self.checkpoints):
            return _found(Misfit.REMOVED, number, f"{gone}: the row was removed")
        return _found(Misfit.ADDED, number, f"{gone}: the entry was added, or the row removed")

    def _against_checkpoints(self, following: AuditEntry | None) -> ChainFinding | None:
        """Hold what was checked against the checkpoints of its size; the entry after it may know what it was."""
        while self._waiting and self._waiting[-1].size <= self.size:
            signed = self._waiting.pop()
            if signed.root != self.root:
                was = f"entry {signed.size} is not the one that the checkpoint of {signed.at} signed"
                if following is not None and following.previous == signed.root:
                    return _found(Misfit.EDITED, signed.size, f"{was}, nor the one that the entry after it names")
                since = f"after entry {self.proven}" if self.proven else "from the start"
                older = ", or it is an older copy that was restored and went on" if self.proven else ""
                return _found(Misfit.REMADE, self.proven + 1, f"{was}: the chain was made again {since}{older}")
            self.proven = signed.size
        return None

    def _at_the_end(self) -> ChainFinding | None:
        without = "; ".join(_in_words(one) for one in self.beside.unsealed)
        if self._waiting:
            signed = self._waiting[0]
            says = f"the checkpoint of {signed.at} signed {signed.size} entries, and there are {self.size}"
            if without:
                return _found(Misfit.CUT_OFF, self.size + 1, f"{says}; {without}")
            return _found(Misfit.RESTORED, self.size + 1, f"{says}, with no row that lacks one: an older copy")
        if without:
            return _found(Misfit.WITHOUT_ENTRY, None, without)
        if self.beside.triggers_off:
            says = (
                f"nothing seals what is inserted now: a trigger of {', '.join(self.beside.triggers_off)} is off or gone"
            )
            return _found(Misfit.NOT_SEALING, None, says)
        return None


def _differing(entry: AuditEntry, audited: Audited, row: Row, place: str) -> ChainFinding | None:
    """Whether the row of an entry says otherwise; a column that the entry lacks came later than it."""
    number, sealed, expected = entry.entry_number, _names_in(entry), content_of(row, audited, entry.salt)
    differing = sorted(name for name, value in sealed.items() if name not in expected or expected[name] != value)
    if differing:
        says = f"{place} no longer says what entry {number} sealed ({', '.join(differing)})"
        return _found(Misfit.EDITED, number, says)
    if not sealed or canonical({name: expected[name] for name in sealed}) != entry.content.encode():
        return _found(Misfit.EDITED, number, f"the content of entry {number} is not canonical JSON")
    return None


def _names_in(entry: AuditEntry) -> dict[str, object]:
    """What the content of an entry says, by column; nothing when it is no object."""
    try:
        found = json.loads(entry.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _in_words(unsealed: Unsealed) -> str:
    audited = AUDITED[unsealed.kind]
    has = "1 row has" if unsealed.rows == 1 else f"{unsealed.rows} rows have"
    return f"{has} no entry in {audited.table}, the first {audited.subject} {unsealed.first}"


def _found(how: Misfit, entry_number: int | None, says: str) -> ChainFinding:
    return ChainFinding(how=how, entry_number=entry_number, says=says)
