"""The days of a suspect from the rows of the registers: one small register, every kind of row, the days by hand."""

from datetime import date

import polars as pl

from ketenbalans.nowcast.known import DAYS
from ketenbalans.nowcast.life import days_of_suspects
from schemas.coded_state import NO_LONGER_STANDING, OTHER_STANDING, RECOGNISABLE, unit_key

KEY = {"dossier": pl.Int64, "suspect_number": pl.Int32}
CASE = {"case": pl.Int64}


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(f"2014-{text}")


def days(
    deliveries: list[tuple[bool, str]], registrations: list[tuple[int, str]], *, confirmed_on: str | None = None
) -> dict[str, date | None]:
    """The days of one suspect with one registration, from rows with what each says and when it was recorded."""
    case = 7 if registrations else None
    linked = pl.DataFrame(
        {
            "dossier": [1],
            "suspect_number": [1],
            "unit": ["PL0100"],
            "delivered_on": [date(2014, 1, 1)],
            "case": [case],
            "registered_on": [date(2014, 2, 1) if registrations else None],
            "is_confirmed": [confirmed_on is not None],
        },
        schema_overrides={**KEY, **CASE, "registered_on": pl.Date},
    ).with_columns(unit_key(pl.col("unit")).alias("unit"))
    rows = pl.DataFrame(
        [(1, 1, is_withdrawn, day(on)) for is_withdrawn, on in deliveries],
        schema={**KEY, "is_withdrawn": pl.Boolean, "recorded_on": pl.Date},
        orient="row",
    )
    om = pl.DataFrame(
        [(7, number, day(on)) for number, on in registrations],
        schema={**CASE, "round": pl.Int8, "recorded_on": pl.Date},
        orient="row",
    )
    pair = [] if confirmed_on is None else [(1, 1, 7, day(confirmed_on))]
    decided = pl.DataFrame(pair, schema={**KEY, **CASE, "decided_on": pl.Date}, orient="row")
    found = days_of_suspects(linked, rows, om, decided)
    assert (found.columns, found.height, found["unit"].item()) == (["unit", *DAYS], 1, "PL0100")
    return found.drop("unit").row(0, named=True)


def test_what_is_delivered_and_not_registered_has_the_day_of_its_first_row() -> None:
    found = days([(False, "01-03"), (False, "02-03")], [])
    assert found["recorded_on"] == day("01-03")
    assert (found["withdrawn_on"], found["counted_from"], found["counted_until"]) == (None, None, None)


def test_a_withdrawal_counts_from_its_first_row_where_it_is_the_newest_state() -> None:
    again = [(False, "01-03"), (True, "01-10"), (False, "01-20"), (True, "02-05"), (True, "02-09")]
    assert days(again, [])["withdrawn_on"] == day("02-05")
    assert days(again[:3], [])["withdrawn_on"] is None


def test_a_registration_counts_from_the_last_of_what_makes_it_count() -> None:
    assert days([(False, "01-03")], [(RECOGNISABLE, "02-02")])["counted_from"] == day("02-02")
    assert days([(False, "03-03")], [(RECOGNISABLE, "02-02")])["counted_from"] == day("03-03")
    reclassified = [(OTHER_STANDING, "02-02"), (RECOGNISABLE, "02-20"), (RECOGNISABLE, "03-01")]
    assert days([(False, "01-03")], reclassified)["counted_from"] == day("02-20")
    confirmed = days([(False, "01-03")], [(RECOGNISABLE, "02-02")], confirmed_on="04-01")
    assert confirmed["counted_from"] == day("04-01")


def test_it_counts_until_the_day_before_it_lapses_and_without_end_when_it_stands_again() -> None:
    lapsed = [(RECOGNISABLE, "02-02"), (NO_LONGER_STANDING, "02-20")]
    found = days([(False, "01-03")], lapsed)
    assert (found["counted_from"], found["counted_until"]) == (day("02-02"), day("02-19"))
    again = days([(False, "01-03")], [*lapsed, (RECOGNISABLE, "03-01")])
    assert (again["counted_from"], again["counted_until"]) == (day("02-02"), None)


def test_a_registration_that_never_counted_has_no_such_day() -> None:
    found = days([(False, "01-03")], [(OTHER_STANDING, "02-02"), (NO_LONGER_STANDING, "02-20")])
    assert (found["counted_from"], found["counted_until"]) == (None, None)
