"""What becomes of a delivery: its kind, and what the rules must make of a registration of that kind."""

from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from ketenbalans.project_policy import project_policy
from schemas.period import Period


class Span(NamedTuple):
    """The days over which the deliveries spread, the first and the last one included, and what is asked of them.

    Attributes:
        first_day: of the first delivery.
        as_of: the day of the last delivery, and the day as of which the balance is asked.
        period: the year that is asked.
    """

    first_day: date
    as_of: date
    period: Period

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.as_of - self.first_day) // timedelta(days=1) + 1

    @property
    def years(self) -> int:
        """How many whole years lie between the first day and the last."""
        return self.as_of.year - self.first_day.year


THREE_YEARS = Span(date(2012, 1, 31), date(2015, 1, 31), Period.of_year(2014))
TEN_YEARS = Span(date(2010, 1, 31), date(2020, 1, 31), Period.of_year(2019))
PERIOD, AS_OF = THREE_YEARS.period, THREE_YEARS.as_of
EARLIEST_DAYS, SPREAD_DAYS = -5, 59
"""From delivery to registration. Days, spread and thousand have no divisor in common: none follows from another."""

POLICY = project_policy()


class Kind(NamedTuple):
    """How many of a thousand deliveries are so, and what the rules must make of one that is registered.

    Attributes:
        of_a_thousand: the deliveries of this kind.
        link_rule: 1 to 4, 6 for a suggestion; None: the OM never registers it.
        cause: why the suspect is not recognised, however early it was registered; None: it is, when in time.
        om_cause: why the registration has no recognised delivery, whatever the days are; None: the days decide.
        beside: the same of one more registration, which the OM made beside the first; None: there is none.
    """

    of_a_thousand: int
    link_rule: int | None = 1
    cause: str | None = None
    om_cause: str | None = None
    beside: str | None = None


KINDS = {
    "plain": Kind(876),
    "without_token": Kind(25, link_rule=2),
    "without_number": Kind(20, link_rule=3),
    "with_number_alone": Kind(25, link_rule=4),
    "lapsed": Kind(5, cause="lapsed"),
    "joined": Kind(5, cause="joined"),
    "other_classification": Kind(10, cause="other_classification"),
    "withdrawn": Kind(5, om_cause="delivery_withdrawn"),
    "transferred": Kind(3, link_rule=None, cause="transferred"),
    "never_registered": Kind(8, link_rule=None),
    "delivered_twice": Kind(3, link_rule=None),
    "under_another_number": Kind(2, link_rule=6, cause="suggested", om_cause="suggested"),
    "as_another_person": Kind(2, link_rule=6, cause="suggested", om_cause="suggested"),
    "mistyped": Kind(2, link_rule=6, cause="suggested", om_cause="suggested"),
    "registered_twice": Kind(3, beside="duplicate_registration"),
    "split_off": Kind(2, beside="suspect_not_delivered"),
    "of_the_marechaussee": Kind(2, beside="other_deliverer"),
    "of_nobody": Kind(2, beside="no_police_delivery"),
}
NAMES = pl.Enum(list(KINDS))
TURNS = pl.Series([name for name, kind in KINDS.items() for _ in range(kind.of_a_thousand)], dtype=NAMES)
SHARING = 200
"""So many of a thousand, plain ones, are two suspects of one dossier."""

BACK = 500
"""Who is delivered twice was delivered so many numbers earlier, plainly, and again so many days later."""
DAYS_UNTIL_AGAIN = 3


def of_its_kind(attribute: str) -> pl.Expr:
    """What ``KINDS`` says of the kind of each row."""
    words = {name: getattr(kind, attribute) for name, kind in KINDS.items()}
    return pl.col("kind").replace_strict(words, return_dtype=pl.String)
