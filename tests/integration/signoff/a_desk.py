"""Two registers of a few suspects, and the people of a desk who sign their figures."""

from datetime import UTC, date, datetime

from sqlalchemy import Engine

from ketenbalans.jobs.balancing.making import balance_and_store
from ketenbalans.jobs.signoff.acting import approve, prepare
from ketenbalans.settings import Settings
from ketenbalans.signoff.standing import Signoff
from schemas.people import Identity, Person
from schemas.period import Period
from tests.integration.warehouse.rows import OM, POLICE, load_covered, load_rows, om, police

YEAR, AS_OF, LATER = Period.of_year(2014), date(2015, 1, 31), date(2015, 2, 28)
SETTINGS = Settings()
POLICY, ALERT_POLICY = SETTINGS.read_policy(), SETTINGS.read_alert_policy()
ANNA, BEN, VERA = (Person(handle=one, identity=Identity.SIGNED_IN) for one in ("anna", "ben", "vera"))
SUSPECTS = range(1, 7)
RECORDED = datetime(2014, 7, 1, 9, tzinfo=UTC)


def dossier(number: int) -> str:
    return f"PL0900-2014{number:06}"


def delivered(number: int) -> dict[str, object]:
    return police(f"p{number}", RECORDED, dossier_number=dossier(number), person_token=f"{number:064}")


def registered(number: int, recorded: datetime = RECORDED) -> dict[str, object]:
    return om(
        f"o{number}",
        recorded,
        case_number=f"09{number:06}14",
        dossier_number=dossier(number),
        person_token=f"{number:064}",
        registered_on=date(2014, 7, 1),
    )


def fill(engine: Engine) -> None:
    """Six suspects delivered in 2014, of whom the OM registered the first three; both speak until January 2015."""
    load_covered(engine, POLICE, [delivered(number) for number in SUSPECTS], until=AS_OF)
    load_covered(engine, OM, [registered(number) for number in SUSPECTS[:3]], until=AS_OF)


def comes_late(engine: Engine, *numbers: int) -> None:
    """Registrations that were recorded in July 2014 are loaded only now."""
    load_rows(engine, OM, [registered(number) for number in numbers])


def cover_later(engine: Engine, *numbers: int) -> None:
    """Both registers speak of February too, in which these registrations were recorded."""
    recorded = datetime(2015, 2, 10, 9, tzinfo=UTC)
    load_covered(engine, POLICE, [], until=LATER)
    load_covered(engine, OM, [registered(number, recorded) for number in numbers], until=LATER)


def reconcile_on(engine: Engine, as_of: date, *periods: Period) -> None:
    """What a reconcile of that day stores."""
    asked = list(periods) or [YEAR]
    balance_and_store(engine, SETTINGS, periods=asked, as_of=as_of, policy=POLICY, keeps_breaks=True)


def prepared(engine: Engine, by: Person = ANNA, *, period: Period = YEAR, as_of: date | None = None) -> Signoff:
    return prepare(engine, SETTINGS, period=period, as_of=as_of, person=by)


def signed(engine: Engine, *, period: Period = YEAR, as_of: date | None = None) -> Signoff:
    """Prepared by Anna, approved by Ben."""
    return approve(engine, prepared(engine, period=period, as_of=as_of).set_id, BEN)
