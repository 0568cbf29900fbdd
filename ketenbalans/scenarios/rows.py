"""What the registers of police and OM write down: one row per mutation, each with the full state after it.

Names are those of the events, words those of the extracts (docs/sources). A ``RecordHistory`` is one record's rows in
the order in which its source recorded them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ketenbalans.scenarios.moments import day_of
from ketenbalans.scenarios.numbers import normal_case_number

Cells = Mapping[str, str]
GONE = ("vervallen", "samengevoegd")
"""Newest mutations after which a registration no longer stands."""

RECOGNISABLE = ("KP", "KST")


@dataclass(frozen=True)
class DeliveryRow:
    """The state of one delivered suspect after one mutation at the police."""

    mutation: str
    dossier_number: str
    suspect_number: int
    skn: str
    unit: str
    team: str
    delivered_on: date
    qualifications: tuple[str, ...]
    transnational: bool
    recorded_at: datetime
    transferred_to: str = ""
    document_suffix: str = ""

    def cells(self) -> Cells:
        """Write the row in the columns of the police extract; the moment has its offset."""
        return {
            "mutatie": self.mutation,
            "registratienummer": self.dossier_number + self.document_suffix,
            "volgnummer_verdachte": str(self.suspect_number),
            "skn": self.skn,
            "eenheid": self.unit,
            "team": self.team,
            "datum_aanlevering": f"{self.delivered_on:%d-%m-%Y}",
            "kwalificaties": "|".join(self.qualifications),
            "kst": "J" if self.transnational else "N",
            "overgedragen_aan": self.transferred_to,
            "tijdstip_mutatie": self.recorded_at.isoformat(),
        }


@dataclass(frozen=True)
class KmarRow:
    """The state of one suspect delivered by the KMar after one mutation."""

    mutation: str
    dossier_number: str
    suspect_number: int
    skn: str
    brigade: str
    delivered_on: date
    recorded_at: datetime
    transferred_to: str = ""

    def cells(self) -> dict[str, str]:
        """Write the row in the columns of the KMar's extract."""
        return {
            "mutatie": self.mutation,
            "registratienummer": self.dossier_number,
            "volgnummer_verdachte": str(self.suspect_number),
            "skn": self.skn,
            "brigade": self.brigade,
            "datum_aanlevering": f"{self.delivered_on:%d-%m-%Y}",
            "overgedragen_aan": self.transferred_to,
            "tijdstip_mutatie": self.recorded_at.isoformat(),
        }


@dataclass(frozen=True)
class RegistrationRow:
    """The state of one registration after one mutation at the OM."""

    mutation: str
    case_number: str
    skn: str
    dossier_number_as_typed: str
    suspect_number: int | None
    classification: str
    registered_on: date
    recorded_at: datetime
    disposal: str = ""
    joined_into: str = ""

    def cells(self) -> Cells:
        """Write the row in the columns of the OM extract; the moment is in UTC, as this source does."""
        return {
            "mutatie": self.mutation,
            "parketnummer": self.case_number,
            "skn": self.skn,
            "registratienummer_politie": self.dossier_number_as_typed,
            "volgnummer_verdachte": "" if self.suspect_number is None else f"{self.suspect_number:02}",
            "classificatie": self.classification,
            "datum_inschrijving": f"{self.registered_on:%d-%m-%Y}",
            "afdoening": self.disposal,
            "gevoegd_bij": self.joined_into,
            "tijdstip_mutatie": self.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    @property
    def counts(self) -> bool:
        """Whether the OM's own figure holds it: standing, and classified as recognisable."""
        return self.mutation not in GONE and self.classification in RECOGNISABLE


class Mutation(Protocol):
    """A row of any source: the full state of one record after one mutation."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def mutation(self) -> str:
        """What happened to the record."""

    @property
    def recorded_at(self) -> datetime:
        """When its source recorded that."""


Row = TypeVar("Row", bound=Mutation)


@dataclass(eq=False)
class RecordHistory(Generic[Row]):
    """All rows of one record, oldest first."""

    rows: list[Row]

    @property
    def newest(self) -> Row:
        """Return the newest row there will ever be."""
        return self.rows[-1]

    def then(self, mutation: str, recorded_at: datetime, **changes: Any) -> None:
        """Add a mutation: the full state so far with ``changes``.

        Raises:
            ValueError: when it would be recorded before the row it follows; a story that cannot be generated.
        """
        if recorded_at <= self.newest.recorded_at:
            raise ValueError(f"{mutation} at {recorded_at} does not follow {self.newest.recorded_at}")
        self.rows.append(replace(self.newest, mutation=mutation, recorded_at=recorded_at, **changes))

    def known_on(self, as_of: date) -> Row | None:
        """Return the state as known at the end of ``as_of``, Amsterdam; None when nothing was recorded yet."""
        return next((row for row in reversed(self.rows) if day_of(row.recorded_at) <= as_of), None)


@dataclass(eq=False)
class DeliveredHistory(RecordHistory[Row]):
    """A delivered suspect, with what the truth knows: the counterpart at the OM, and what explains its absence.

    Before ``since`` the counterpart was ``earlier``. ``looks_like`` is a registration that may be about the suspect.
    """

    registration: "Registration | None" = None
    earlier: "Registration | None" = None
    since: date = date.min
    looks_like: "Registration | None" = None
    unlinked_cause: str = ""

    def counterpart(self, as_of: date) -> "Registration | None":
        """Return the registration that belongs to it on a day, as far as the registers know by then."""
        return self.registration if as_of >= self.since else self.earlier


class Delivery(DeliveredHistory[DeliveryRow]):
    """A suspect delivered by the police."""


class KmarDelivery(DeliveredHistory[KmarRow]):
    """A suspect delivered by the KMar. Its registration belongs to no delivery of the police, and says so."""


@dataclass(eq=False)
class Registration(RecordHistory[RegistrationRow]):
    """A registration, with what the truth knows: the delivery it belongs to, and what explains its absence.

    It belongs to the delivery from ``since`` until the day before ``until``. ``looks_like`` is a delivery that it may
    be about.
    """

    delivery: Delivery | None = None
    since: date = date.min
    until: date = date.max
    looks_like: Delivery | None = None
    unlinked_cause: str = "no_police_delivery"

    def counterpart(self, as_of: date) -> Delivery | None:
        """Return the delivery that it belongs to on a day, as far as the registers know by then."""
        return self.delivery if self.since <= as_of < self.until else None

    @property
    def case_number(self) -> str:
        """Return its ten digits."""
        return normal_case_number(self.newest.case_number)


@dataclass
class SyntheticChain:
    """Everything that the registers of a scenario hold, in the order in which the stories were generated.

    ``kmar`` is what the KMar delivered; empty in a scenario that has no extracts of it.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    registrations: list[Registration] = field(default_factory=list)
    kmar: list[KmarDelivery] = field(default_factory=list)
