"""What is counted from records and what is delivered as a count: laws first, then an example of each derivation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from ketenbalans.figures.measures import MEASURES
from ketenbalans.jobs.figures.measured import Figure, Figures
from ketenbalans.settings import Settings
from schemas.period import Period
from schemas.sources.investigations import CARRIED_OVER_ON
from tests.integration.conftest import NewWarehouse
from tests.integration.warehouse.rows import (
    AGGREGATES,
    HOTLINE,
    INTERVENTIONS,
    INVESTIGATIONS,
    OM,
    POLICE,
    aggregate,
    intervention,
    investigation,
    load_covered,
    om,
    police,
    report,
)
from warehouse.database import snapshot

pytestmark = pytest.mark.stack

POLICY = Settings().read_policy()
YEAR_2018, YEAR_2019, YEAR_2020 = (Period.of_year(year) for year in (2018, 2019, 2020))
END = date(2021, 6, 30)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@contextmanager
def figures_of(engine: Engine) -> Iterator[Figures]:
    with snapshot(engine) as connection:
        yield Figures(connection, policy=POLICY)


def asked(
    figures: Figures, name: str, period: Period, as_of: date = END, *, category: str = "", basis: str = ""
) -> Figure:
    return figures.figure(MEASURES[name], category, period, as_of, basis=basis)


def number(
    figures: Figures, name: str, period: Period, as_of: date = END, *, category: str = "", basis: str = ""
) -> int:
    found = asked(figures, name, period, as_of, category=category, basis=basis)
    assert found.value is not None, found.says
    return int(found.value)


# Laws


def some_investigations(random: Random, records: int) -> list[dict[str, Any]]:
    """Investigations of 2017 to 2020 with all that may happen to one, in any order of days."""
    rows = []
    for record in range(records):
        started_on = date(2017, 7, 1) + timedelta(days=random.randrange(1200))
        state: dict[str, Any] = {"investigation_number": f"O-{record}", "kind": random.choice("ABC")}
        state |= {"started_on": started_on, "ended_on": None, "result": None}
        recorded_at = at(started_on)
        rows.append(investigation(f"{record}", recorded_at, **state))
        for step, mutation in enumerate(random.choices(["ended", "corrected", "withdrawn"], [6, 3, 1], k=2)):
            recorded_at += timedelta(days=random.randrange(1, 300))  # by day: the same day in Amsterdam and in UTC
            if mutation == "ended":
                state |= {"ended_on": recorded_at.date()}
                state |= {"result": random.choice([None, "identification", "no_identification"])}
            elif mutation == "corrected":
                state |= {"started_on": started_on + timedelta(days=random.randrange(-40, 40)), "ended_on": None}
            rows.append(investigation(f"{record}-{step}", recorded_at, mutation=mutation, **state))
    return rows


def known(rows: list[dict[str, Any]], as_of: date) -> list[dict[str, Any]]:
    """The state of each record that is not withdrawn, distinguished from SQL."""
    newest: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda one: (one["recorded_at"], one["event_id"])):
        if row["recorded_at"].date() <= as_of:
            newest[row["investigation_number"]] = row
    return [row for row in newest.values() if row["mutation"] != "withdrawn"]


def test_what_runs_is_what_ran_and_started_less_what_ended_whatever_happened(engine: Engine) -> None:
    rows = some_investigations(Random(20190101), 400)
    load_covered(engine, INVESTIGATIONS, rows, until=END)
    with figures_of(engine) as figures:
        for as_of in (date(2020, 12, 31), date(2021, 3, 1), END):
            state = known(rows, as_of)
            for period in (YEAR_2019, YEAR_2020):
                before = Period(YEAR_2018.end, YEAR_2018.end) if period is YEAR_2019 else YEAR_2019
                ran_before = number(figures, "investigations_running_at_year_end", before, as_of)
                runs = number(figures, "investigations_running_at_year_end", period, as_of)
                in_it = [row for row in state if period.start <= row["started_on"] <= period.end]
                ended = [row for row in state if row["ended_on"] and period.start <= row["ended_on"] <= period.end]
                over = [row for row in ended if row["started_on"] > period.end]
                early = [row for row in in_it if row["ended_on"] and row["ended_on"] < period.start]
                assert runs == ran_before + len(in_it) - len(early) - (len(ended) - len(over)), (period, as_of)
                carried = ran_before if period is YEAR_2019 else 0
                counted = number(figures, "investigations_counted", period, as_of, category="total")
                assert counted == len(in_it) + carried, (period, as_of)
                by_kind = {
                    kind: number(figures, "investigations_counted", period, as_of, category=kind) for kind in "ABC"
                }
                assert sum(by_kind.values()) == counted
                assert all(by_kind.values()), "the rows leave nothing to see"
                identified = sum(row["result"] == "identification" for row in ended)
                answer = [number(figures, "finished_with_identification", period, as_of, category=one) for one in "ABC"]
                assert sum(answer) == identified > 0


def test_a_withdrawn_record_counts_nowhere_from_the_day_that_is_known(engine: Engine) -> None:
    first, taken_back = date(2019, 3, 1), date(2020, 2, 1)
    stands, gone = at(first), at(taken_back)
    ended = {"started_on": date(2019, 1, 7), "ended_on": first, "result": "identification"}
    running = {"investigation_number": "O-2", "started_on": date(2019, 1, 7)}
    done = {"realised_on": date(2019, 1, 7), "dossier_number": "PL0900-2019000001"}
    counted = {"period_start": YEAR_2018.start, "period_end": YEAR_2018.end, "as_of": first}
    settled = {"dossier_number": "PL0900-2019000001", "disposal": "indigo", "registered_on": date(2019, 1, 8)}
    delivered = {"delivered_on": date(2019, 1, 7), "qualifications": ["abuse"], "transnational": True}
    before = [investigation("1", stands, mutation="ended", **ended), investigation("2", stands, **running)]
    after = [investigation("3", gone, mutation="withdrawn", **ended)]
    after += [investigation("4", gone, mutation="withdrawn", **running)]
    load_covered(engine, INVESTIGATIONS, before + after, until=END)
    both = [intervention("1", stands, **done), intervention("2", gone, mutation="withdrawn", **done)]
    load_covered(engine, INTERVENTIONS, both, until=END)
    load_covered(engine, OM, [om("1", stands, **settled), om("2", gone, mutation="lapsed", **settled)], until=END)
    load_covered(
        engine,
        POLICE,
        [police("1", stands, **delivered), police("2", gone, mutation="withdrawn", **delivered)],
        until=END,
    )
    load_covered(
        engine,
        AGGREGATES,
        [aggregate("1", stands, **counted), aggregate("2", gone, mutation="withdrawn", **counted)],
        until=END,
    )
    of_2019 = [
        ("investigations_counted", "total", 2),
        ("finished_with_identification", "A", 1),
        ("investigations_running_at_year_end", "", 1),
        ("interventions_realised", "all", 1),
        ("indigo_trajectories", "simple", 1),
        ("indigo_cases", "", 1),
        ("kst_case_files_to_om", "kst", 1),
    ]
    with figures_of(engine) as figures:
        for name, category, stood in of_2019:
            eve = taken_back - timedelta(days=1)
            assert number(figures, name, YEAR_2019, eve, category=category) == stood, name
            assert number(figures, name, YEAR_2019, taken_back, category=category) == 0, name
        assert asked(figures, "share_cases_production_or_abuse", YEAR_2019, category="production_or_abuse").says
        assert number(figures, "reports_received", YEAR_2018, first) == 7
        assert "no such count is delivered" in asked(figures, "reports_received", YEAR_2018, taken_back).says


def test_a_count_is_the_newest_that_rests_on_the_day_and_is_known_on_it(engine: Engine) -> None:
    early, late = date(2014, 2, 1), date(2014, 9, 1)
    rows = [
        aggregate("1", at(early), as_of=early, value=130),
        aggregate("1 again", at(early, 12), as_of=early, value=130),
        aggregate("2", at(late - timedelta(days=1)), as_of=late, value=140),  # handed over a day ahead
        aggregate("3", at(date(2014, 6, 1)), mutation="corrected", as_of=early, value=131),
        aggregate("4", at(date(2015, 1, 1)), mutation="withdrawn", as_of=late, value=140),
    ]
    load_covered(engine, AGGREGATES, rows, until=END)
    answer = {
        date(2014, 1, 31): None,
        early: 130,
        date(2014, 5, 31): 130,
        date(2014, 6, 1): 131,
        late - timedelta(days=1): 131,
        late: 140,
        date(2014, 12, 31): 140,
        date(2015, 1, 1): 131,
    }
    with figures_of(engine) as figures:
        for day, value in answer.items():
            found = asked(figures, "reports_received", Period.of_year(2013), day)
            assert found.value == value, day
            assert bool(found.says) == (value is None), day


def test_two_bases_and_two_periods_never_mix(engine: Engine) -> None:
    victims: dict[str, Any] = {
        "measure": "victims_identified",
        "period_start": date(2014, 1, 1),
        "period_end": date(2014, 12, 31),
    }
    knew: dict[str, Any] = {"as_of": date(2015, 1, 31), "recorded_at": at(date(2015, 1, 31))}
    rows = [
        aggregate("1", **victims, **knew, basis="combined", value=423),
        aggregate("2", **victims, **knew, basis="image_teams", value=329),
        aggregate("3", **victims | {"period_end": date(2014, 6, 30)}, **knew, basis="combined", value=200),
    ]
    load_covered(engine, AGGREGATES, rows, until=END)
    year = Period.of_year(2014)
    with figures_of(engine) as figures:
        assert number(figures, "victims_identified", year, basis="combined") == 423
        assert number(figures, "victims_identified", year, basis="image_teams") == 329
        assert asked(figures, "victims_identified", year, basis="tbkk").value is None
        for basis in ("", "only"):
            assert "which never mix" in asked(figures, "victims_identified", year, basis=basis).says


# Examples


def test_2019_counts_what_ran_on_1_january_and_2020_does_not(engine: Engine) -> None:
    ends = {
        "ended on the eve": date(2018, 12, 31),
        "ended on the day": CARRIED_OVER_ON,
        "ended late": date(2020, 3, 1),
        "runs": None,
    }
    rows = [
        investigation(
            name,
            at(date(2020, 4, 1)),
            mutation="ended" if day else "started",
            investigation_number=name,
            started_on=date(2018, 12, 1),
            ended_on=day,
            result="identification" if day else None,
        )
        for name, day in ends.items()
    ]
    load_covered(engine, INVESTIGATIONS, rows, until=END)
    with figures_of(engine) as figures:
        assert number(figures, "investigations_counted", YEAR_2019, category="A") == 3
        assert number(figures, "investigations_counted", Period.parse("2019-Q1"), category="A") == 3
        assert number(figures, "investigations_counted", Period.parse("2019-Q2"), category="A") == 0
        assert number(figures, "investigations_counted", YEAR_2020, category="A") == 0
        assert number(figures, "investigations_running_at_year_end", YEAR_2019) == 2
        finished = {
            year: number(figures, "finished_with_identification", year, category="A") for year in (YEAR_2019, YEAR_2020)
        }
        assert finished == {YEAR_2019: 1, YEAR_2020: 1}, "neither started in the year in which it ended"


def test_an_indigo_trajectory_has_a_standing_registration_of_its_own_suspect(engine: Engine) -> None:
    day = date(2017, 5, 1)
    known_on = date(2017, 6, 1)

    def file(place: int) -> str:
        return f"PL0900-201700000{place}"

    def simple(place: int, **fields: Any) -> dict[str, Any]:
        named = {"intervention_number": f"I-{place}", "realised_on": day, "dossier_number": file(place)}
        return intervention(f"i{place}", at(day), **named | fields)

    def settled(place: int, copy: int = 0, **fields: Any) -> dict[str, Any]:
        named = {"case_number": f"090000{place}{copy}17", "dossier_number": file(place), "disposal": "indigo"}
        return om(f"o{place}{copy}", at(known_on), registered_on=day, **named | fields)

    interventions = [
        simple(1, suspect_number=1),
        simple(2, suspect_number=1),
        simple(3),
        simple(4, suspect_number=1),
        simple(5, kind="regular"),
        simple(6),
        simple(7, dossier_number=None),
        simple(8, realised_on=date(2016, 12, 31)),
        simple(9),
    ]
    registrations = [
        om("first", at(date(2017, 1, 2)), registered_on=date(2017, 1, 2)),
        settled(1, suspect_number=1),
        settled(2),
        settled(3, suspect_number=2),
        settled(3, copy=1, suspect_number=1),
        settled(4, suspect_number=2),
        settled(5),
        settled(6, disposal="summons"),
        settled(8),
        settled(9),
        settled(9) | {"event_id": "lapsed", "mutation": "lapsed", "recorded_at": at(known_on, 12)},
    ]
    load_covered(engine, INTERVENTIONS, interventions, until=END)
    load_covered(engine, OM, registrations, until=END)
    year = Period.of_year(2017)
    with figures_of(engine) as figures:
        assert number(figures, "interventions_realised", year, category="all") == 8
        assert number(figures, "indigo_trajectories", year, category="simple") == 3
        may = Period.parse("2017-05")
        assert number(figures, "indigo_trajectories", may, known_on, category="simple") == 3
        assert number(figures, "indigo_trajectories", may, known_on - timedelta(days=1), category="simple") == 0


def test_an_indigo_case_counts_on_the_amsterdam_day_the_om_first_recorded_it(engine: Engine) -> None:
    new_year_in_amsterdam = datetime(2018, 12, 31, 23, 30, tzinfo=UTC)
    eve = datetime(2018, 12, 31, 22, 30, tzinfo=UTC)

    def case(number: str, moment: datetime, event: str = "", **fields: Any) -> dict[str, Any]:
        named = {"case_number": number, "registered_on": date(2018, 1, 9), "mutation": "disposed", "disposal": "indigo"}
        return om(f"{number}{event}", moment, **named | fields)

    later = new_year_in_amsterdam + timedelta(days=90)
    rows = [
        case("0900000118", new_year_in_amsterdam),
        case("0900000218", eve),
        case("0900000218", later, "again", mutation="reclassified"),
        case("0900000318", later),
        case("0900000318", later + timedelta(days=1), "otherwise", disposal="summons"),
        case("0900000418", later),
        case("0900000418", later + timedelta(days=1), "joined", mutation="joined", joined_into="0900000118"),
    ]
    load_covered(engine, OM, rows, until=END)
    with figures_of(engine) as figures:
        assert number(figures, "indigo_cases", YEAR_2019) == 1
        assert number(figures, "indigo_cases", YEAR_2018) == 1


def test_reports_have_the_outcome_of_the_day_and_other_themes_and_channels_are_others(engine: Engine) -> None:
    came, looked_at = date(2013, 1, 7), date(2013, 4, 2)
    rows = [
        report("1", at(came), report_id="1", received_on=came),
        report("2", at(looked_at), report_id="1", received_on=came, mutation="assessed", outcome="forwarded_abroad"),
        report("3", at(came), report_id="2", received_on=came, outcome="insufficient"),
        report("4", at(came), report_id="3", received_on=came, theme="online_material", outcome="insufficient"),
        report("5", at(came), report_id="4", received_on=came, theme="other", outcome="insufficient"),
        *(
            report(channel, at(came), report_id=channel, received_on=came, channel=channel, outcome="insufficient")
            for channel in ("phone", "email", "other")
        ),
        report("6", at(came), report_id="5", received_on=came, channel="anonymous_line", hotline="eokm"),
    ]
    load_covered(engine, HOTLINE, rows, until=END)
    period = Period(date(2012, 12, 24), date(2013, 3, 15))
    with figures_of(engine) as figures:
        for day, abroad in ((date(2013, 4, 1), 0), (looked_at, 1)):
            assert number(figures, "hotline_reports", period, day, category="kst") == 3
            assert number(figures, "hotline_reports_forwarded_abroad", period, day, category="kst") == abroad
            assert number(figures, "hotline_reports_insufficient_indication", period, day, category="kst") == 1


def test_a_case_counts_once_whatever_its_suspects_are_said_of(engine: Engine) -> None:
    day = date(2019, 5, 1)
    qualities = [("1", 1, ["abuse"]), ("1", 2, ["production", "abuse"]), ("2", 1, ["possession"]), ("3", 1, None)]
    rows = [
        police(
            f"{file}-{suspect}",
            at(day),
            dossier_number=f"PL0900-201900000{file}",
            suspect_number=suspect,
            delivered_on=day,
            qualifications=said,
            transnational=file == "1",
        )
        for file, suspect, said in qualities
    ]
    load_covered(
        engine, POLICE, [*rows, police("first", at(date(2018, 1, 3)), delivered_on=date(2018, 1, 3))], until=END
    )
    load_covered(engine, OM, [om("1", at(day), registered_on=date(2019, 1, 3))], until=END)
    with figures_of(engine) as figures:
        share = asked(figures, "share_cases_production_or_abuse", YEAR_2019, category="production_or_abuse")
        assert share.value == Decimal(100) / 3
        assert number(figures, "kst_case_files_to_om", YEAR_2019, category="kst") == 1


@pytest.mark.parametrize("first", ["police", "om"])
def test_a_figure_of_two_registers_begins_with_the_last_of_them(new_warehouse: NewWarehouse, first: str) -> None:
    engine = new_warehouse()
    early, late = date(2010, 1, 4), date(2013, 1, 7)
    delivered_on, registered_on = (early, late) if first == "police" else (late, early)
    load_covered(engine, POLICE, [police("1", at(delivered_on), delivered_on=delivered_on)], until=END)
    load_covered(engine, OM, [om("1", at(registered_on), registered_on=registered_on)], until=END)
    with figures_of(engine) as figures:
        for name in ("suspects_recognisable_at_om", "cases_delivered_to_om", "growth_vs_2010"):
            says = asked(figures, name, Period.of_year(2012)).says
            assert says.endswith("from 2013-01-07 on"), name
            assert ("om registrations" in says) == (first == "police")
            assert asked(figures, name, Period.of_year(2013)).value is not None, name


def test_growth_and_the_stock_are_of_whole_years_and_of_no_other_period(engine: Engine) -> None:
    day = date(2014, 1, 6)
    load_covered(engine, POLICE, [police("1", at(day), delivered_on=day)], until=END)
    load_covered(engine, OM, [om("1", at(day), registered_on=day)], until=END)
    load_covered(engine, INVESTIGATIONS, [investigation("1", at(day), started_on=day)], until=END)
    with figures_of(engine) as figures:
        assert number(figures, "growth_vs_2010", Period.of_year(2014)) == -99
        assert "only a calendar year" in asked(figures, "growth_vs_2010", Period.parse("2014-Q1")).says
        assert number(figures, "investigations_running_at_year_end", YEAR_2019) == 1
        part = Period(date(2019, 3, 1), date(2019, 9, 30))
        assert "ends on 31 December" in asked(figures, "investigations_running_at_year_end", part).says


def test_where_a_source_does_not_report_there_is_no_figure_and_not_0(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    with figures_of(engine) as figures:
        says = asked(figures, "interventions_realised", YEAR_2018, category="all").says
        assert says == "no extracts of interventions are loaded"
        assert figures.last_day(MEASURES["indigo_trajectories"]) is None
    done = intervention("1", at(date(2017, 7, 1)), realised_on=date(2017, 7, 1))
    load_covered(engine, INTERVENTIONS, [done], until=date(2018, 6, 30))
    with figures_of(engine) as figures:
        interventions = MEASURES["interventions_realised"]
        assert figures.last_day(interventions) == date(2018, 6, 30)
        says = asked(figures, "indigo_trajectories", Period.of_year(2017), category="simple").says
        assert says == "no extracts of om registrations are loaded"
        says = asked(figures, "interventions_realised", YEAR_2018, category="all").says
        assert says == "interventions are known until 2018-06-30"
        says = asked(figures, "interventions_realised", Period.of_year(2017), date(2018, 1, 1), category="all").says
        assert says == "the extracts of interventions speak of days from 2017-07-01 on"
        says = asked(figures, "interventions_realised", Period.parse("2017-Q3"), date(2017, 9, 1), category="all").says
        assert says == "the period ends on 2017-09-30, after 2017-09-01"
        assert (
            number(figures, "interventions_realised", Period.parse("2017-Q3"), date(2017, 9, 30), category="all") == 1
        )
        assert "ask for one of these" in asked(figures, "interventions_realised", YEAR_2018, category="B").says
