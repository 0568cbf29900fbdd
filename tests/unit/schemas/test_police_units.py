"""The names of the police units: eleven, each with a code that a delivery may have, and only since there are any."""

import re
from datetime import date, timedelta

from schemas.catalogue import source_named
from schemas.police_units import NATIONAL_POLICE_SINCE, POLICE_UNITS, unit_name


def test_there_are_eleven_with_names_of_their_own() -> None:
    assert len(POLICE_UNITS) == len(set(POLICE_UNITS.values())) == 11


def test_every_code_is_one_that_a_delivery_may_have() -> None:
    (unit,) = [field for field in source_named("police_deliveries").fields if field.name == "unit"]
    assert unit.pattern is not None
    assert all(re.fullmatch(unit.pattern, code) for code in POLICE_UNITS)


def test_a_code_has_no_name_before_the_national_police() -> None:
    for code, name in POLICE_UNITS.items():
        assert unit_name(code, on=NATIONAL_POLICE_SINCE) == name
        assert unit_name(code, on=NATIONAL_POLICE_SINCE - timedelta(days=1)) is None


def test_a_code_that_is_no_unit_has_no_name() -> None:
    assert [unit_name(code, on=date(2014, 1, 1)) for code in ("PL07B3", "PL01KE", "PL27RD", "")] == [None] * 4
