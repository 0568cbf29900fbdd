"""The truth of a scenario: what a balance must find, said by who knows the counterpart of every record.

No link rule runs here: the stories tied each delivery to its registration when they were generated. What is left is the
state on the as-of date and the table of causes of docs/counting-rules.md, asked for calendar years.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ketenbalans.scenarios.moments import day_of
from ketenbalans.scenarios.rows import (
    GONE,
    RECOGNISABLE,
    Delivery,
    DeliveryRow,
    KmarDelivery,
    KmarRow,
    Registration,
    RegistrationRow,
    SyntheticChain,
)

AnyDelivery = Delivery | KmarDelivery
AnyDeliveryRow = DeliveryRow | KmarRow


@dataclass(frozen=True)
class Truth:
    """One line of ``truth.csv``.

    Grain: (side, period, as_of, record). On the sides ``police`` and ``kmar`` every suspect whom that service delivered
    in the period; on the side ``om`` every registration in the OM's own figure for it, beside the police's deliveries.
    ``case_number`` is the counterpart as far as it is known on ``as_of``. ``cause`` is empty when the suspect is
    recognised, or the registration is the counterpart of one who is.
    """

    side: str
    period: int
    as_of: date
    dossier_number: str
    suspect_number: int | None
    case_number: str
    is_recognised: bool
    cause: str

    def cells(self) -> dict[str, str]:
        """Write the line for the file."""
        return {
            "side": self.side,
            "period": str(self.period),
            "as_of": self.as_of.isoformat(),
            "dossier_number": self.dossier_number,
            "suspect_number": "" if self.suspect_number is None else str(self.suspect_number),
            "case_number": self.case_number,
            "recognised": "true" if self.is_recognised else "false",
            "cause": self.cause,
        }


def truth_of(
    chain: SyntheticChain, *, years: Sequence[int], as_of_dates: Sequence[date], transit_allowance_days: int
) -> Iterator[Truth]:
    """Say the truth for each calendar year on each day; sides, years, days and records in a fixed order."""
    allowance = transit_allowance_days
    yield from delivered_truths("police", chain.deliveries, years, as_of_dates, allowance)
    for year in years:
        ever_registered = [
            one for one in chain.registrations if any(row.registered_on.year == year for row in one.rows)
        ]
        for as_of in as_of_dates:
            for registration in ever_registered:
                yield from om_truth(registration, year, as_of)
    yield from delivered_truths("kmar", chain.kmar, years, as_of_dates, allowance)


def delivered_truths(
    side: str, deliveries: Sequence[AnyDelivery], years: Sequence[int], as_of_dates: Sequence[date], allowance: int
) -> Iterator[Truth]:
    """Say the truth of one deliverer for each calendar year on each day, under an allowance in days."""
    for year in years:
        ever_delivered = [one for one in deliveries if any(row.delivered_on.year == year for row in one.rows)]
        for as_of in as_of_dates:
            for delivery in ever_delivered:
                yield from delivered_truth(side, delivery, year, as_of, allowance)


def delivered_truth(side: str, delivery: AnyDelivery, year: int, as_of: date, allowance: int) -> Iterator[Truth]:
    """Say whether a suspect of the year is recognised, or why not; nothing for one that is not delivered in it."""
    delivered = standing_delivery(delivery, as_of)
    if delivered is None or delivered.delivered_on.year != year:
        return
    counterpart = delivery.counterpart(as_of)
    registered = counterpart.known_on(as_of) if counterpart else None
    cause = ""
    if not is_recognised(registered, year):
        still_waiting = (as_of - delivered.delivered_on).days <= allowance
        cause = (
            cause_of_the_state(registered)
            or cause_of_the_delay(delivery, delivered, registered, year)
            or ("suggested" if registered is None and looks_like_one_that_stands(delivery, as_of) else "")
            or ("in_transit" if still_waiting else delivery.unlinked_cause or "missing")
        )
    yield Truth(
        side=side,
        period=year,
        as_of=as_of,
        dossier_number=delivered.dossier_number,
        suspect_number=delivered.suspect_number,
        case_number=counterpart.case_number if counterpart and registered else "",
        is_recognised=not cause,
        cause=cause,
    )


def om_truth(registration: Registration, year: int, as_of: date) -> Iterator[Truth]:
    """Say for a registration in the OM's figure of the year what it is the counterpart of, or why of nothing."""
    registered = registration.known_on(as_of)
    if registered is None or not registered.counts or registered.registered_on.year != year:
        return
    counterpart = registration.counterpart(as_of)
    delivered = counterpart.known_on(as_of) if counterpart else None
    cause = "suggested" if looks_like_a_delivered_one(registration, as_of) else registration.unlinked_cause
    if delivered is not None:
        cause = cause_beside_a_delivery(delivered, year)
    yield Truth(
        side="om",
        period=year,
        as_of=as_of,
        dossier_number=delivered.dossier_number if delivered else "",
        suspect_number=delivered.suspect_number if delivered else None,
        case_number=registration.case_number,
        is_recognised=not cause,
        cause=cause,
    )


def standing_delivery(delivery: AnyDelivery, as_of: date) -> AnyDeliveryRow | None:
    """Return the state of a delivery that is known and not withdrawn."""
    row = delivery.known_on(as_of)
    return None if row is None or row.mutation == "ingetrokken" else row


def looks_like_one_that_stands(delivery: AnyDelivery, as_of: date) -> bool:
    """Whether a registration that may be about the suspect is known and stands."""
    registered = delivery.looks_like.known_on(as_of) if delivery.looks_like else None
    return registered is not None and registered.mutation not in GONE


def looks_like_a_delivered_one(registration: Registration, as_of: date) -> bool:
    """Whether a delivery that the registration may be about is known and not withdrawn."""
    return registration.looks_like is not None and standing_delivery(registration.looks_like, as_of) is not None


def is_recognised(registered: RegistrationRow | None, year: int) -> bool:
    """Apply 4.2: a standing registration, recognisable, by the end of the year."""
    return registered is not None and registered.counts and registered.registered_on.year <= year


def cause_of_the_state(registered: RegistrationRow | None) -> str:
    """Return the cause that lies in the registration's own state, whenever it was registered."""
    if registered is None:
        return ""
    by_mutation = {"samengevoegd": "joined", "vervallen": "lapsed"}
    otherwise = "" if registered.classification in RECOGNISABLE else "other_classification"
    return by_mutation.get(registered.mutation, otherwise)


def cause_of_the_delay(
    delivery: AnyDelivery, delivered: AnyDeliveryRow, registered: RegistrationRow | None, year: int
) -> str:
    """Return the cause that lies in the time between delivery and registration."""
    if delivered.transferred_to and (registered is None or registered.registered_on >= day_of_transfer(delivery)):
        return "transferred"
    if registered is None:
        return ""
    in_december = (delivered.delivered_on.year, delivered.delivered_on.month) == (year, 12)
    by_january = registered.registered_on <= date(year + 1, 1, 31)
    return "period_boundary" if in_december and by_january else "registered_late"


def day_of_transfer(delivery: AnyDelivery) -> date:
    """Return the day of the newest transfer; a scenario hands a file over at most once."""
    return max((day_of(row.recorded_at) for row in delivery.rows if row.mutation == "overgedragen"), default=date.max)


def cause_beside_a_delivery(delivered: DeliveryRow, year: int) -> str:
    """Return why a registration of the year is not the counterpart of a delivery of the year; empty when it is."""
    if delivered.mutation == "ingetrokken":
        return "delivery_withdrawn"
    if delivered.delivered_on.year == year:
        return ""
    return "delivered_earlier_period" if delivered.delivered_on.year < year else "delivered_later"
