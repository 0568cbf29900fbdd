"""The register of published figures: whole as it is carried, and refused with the place when it is not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.figures.published import CountedUnit, InvalidRegister, PublishedFigure, Qualifier, parse_published
from ketenbalans.project import PROJECT_FOLDER

TEXT = (PROJECT_FOLDER / "data" / "published_figures.csv").read_text(encoding="utf-8")
HEADER, *LINES = TEXT.splitlines()
A_FIGURE = "X-1,kst-1,2015-06-01,2015-01-31,why,2014-01-01,2014-12-31,m,,suspects,560,exact,b,false"


def figure(**changes: str) -> PublishedFigure:
    row = dict(zip(HEADER.split(","), A_FIGURE.split(","), strict=True)) | changes
    (found,) = parse_published(f"{HEADER}\n{','.join(row.values())}\n")
    return found


def test_the_register_is_whole() -> None:
    figures = parse_published(TEXT)
    assert len(figures) == len(LINES) == 85
    assert sum(one.is_target for one in figures) == 19
    assert {one.document for one in figures} == {
        "kst-31015-90",
        "kst-31015-112",
        "kst-31015-157",
        "kst-31015-193-annex",
    }
    assert {one.unit for one in figures} == set(CountedUnit), "a unit that nothing is counted in"
    assert {one.qualifier for one in figures} == set(Qualifier) - {Qualifier.ABOUT}, "no letter says: about"


def test_two_letters_may_say_two_things_of_one_year() -> None:
    """507 as known on 1 March 2013, 522 in November: two rows, and none replaced."""
    of_2012 = [one for one in parse_published(TEXT) if one.measure == "suspects_delivered_to_om" and not one.is_target]
    said = {(str(one.as_of), int(one.value)) for one in of_2012 if one.period.start.year == 2012}
    assert said == {("2013-03-01", 507), ("2013-11-30", 522)}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"unit": "pupils"}, "line 2, unit: 'pupils' is not one of suspects"),
        ({"qualifier": "roughly"}, "line 2, qualifier: 'roughly' is not one of exact, about, gt, lt"),
        ({"value": "5,6"}, "line 2: has other cells than the header; quote a text that holds a comma"),
        ({"value": "many"}, "line 2, value: 'many' is not a number with a decimal point"),
        ({"document_date": "01-06-2015"}, "line 2, document_date: '01-06-2015' is not a day"),
        ({"period_end": "2013-12-31"}, "line 2, period_end: a period ends on or after"),
        ({"as_of": "2013-12-31"}, "line 2, as_of: 2013-12-31 lies before the period"),
        ({"as_of": "2015-06-02"}, "after its letter of 2015-06-01"),
        ({"is_target": "yes"}, "line 2, is_target: 'yes' is not true or false"),
        ({"figure_id": ""}, "line 2, figure_id: is empty"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(changes: dict[str, str], place: str) -> None:
    with pytest.raises(InvalidRegister, match=place):
        figure(**changes)


def test_an_id_is_given_once_and_columns_are_those_of_the_register() -> None:
    with pytest.raises(InvalidRegister, match="line 3: X-1 is the id of line 2 already"):
        parse_published(f"{HEADER}\n{A_FIGURE}\n{A_FIGURE}\n")
    with pytest.raises(InvalidRegister, match="look at as_of_basis"):
        parse_published("\n".join(line.replace("as_of_basis,", "") for line in (HEADER, A_FIGURE)))


@pytest.mark.parametrize(
    ("said", "qualifier", "ours", "agrees"),
    [
        ("11.3", "exact", "11.25", True),  # half up: 54 of 480
        ("11.2", "exact", "11.25", False),
        ("560", "exact", "560", True),
        ("560", "exact", "559", False),
        ("1500", "gt", "1501", True),
        ("1500", "gt", "1500", False),
        ("3000", "lt", "2999", True),
        ("3000", "lt", "3000", False),
        ("1500", "about", "1449", False),
        ("1500", "about", "1450", True),
        ("1500", "about", "1549", True),
        ("1500", "about", "1550", False),
        ("1000", "about", "949", False),
        ("1000", "about", "950", True),
        ("25628", "about", "25629", False),
        ("11.0", "about", "11.04", True),
        ("11.0", "about", "11.05", False),
    ],
)
def test_a_figure_agrees_as_the_letter_qualifies_it(said: str, qualifier: str, ours: str, agrees: bool) -> None:  # noqa: FBT001
    assert figure(value=said, qualifier=qualifier).agrees_with(Decimal(ours)) is agrees


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_about_a_figure_is_never_narrower_than_the_figure_nor_wider_than_a_twentieth(said: int, ours: int) -> None:
    about, exactly = (figure(value=str(said), qualifier=word) for word in ("about", "exact"))
    assert about.agrees_with(Decimal(said))
    if exactly.agrees_with(Decimal(ours)):
        assert about.agrees_with(Decimal(ours))
    if about.agrees_with(Decimal(ours)):
        assert 20 * abs(ours - said) <= said
