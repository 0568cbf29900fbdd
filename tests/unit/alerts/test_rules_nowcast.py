"""A month in which registering did not keep its pace is an alert of its own month, until the month is ordinary."""

from datetime import date

from ketenbalans.alerts.facts import RunningIncident
from ketenbalans.alerts.life import step_of
from ketenbalans.alerts.rules import findings
from ketenbalans.alerts.rules_nowcast import missed_nowcasts
from ketenbalans.alerts.small_counts import without_small_counts
from ketenbalans.nowcast.pace import Pace
from schemas.alerts import AlertRule, AlertStep
from schemas.incidents import IncidentKind
from schemas.period import Period
from tests.unit.alerts.looks import OM, POLICY, facts, standing_after
from tests.unit.alerts.test_small_counts import NOW

MAY, JUNE = (Period(date(2015, month, 1), date(2015, month, last)) for month, last in ((5, 31), (6, 30)))


def pace(registered: int, deviations: float, group: str = "of the suspects delivered in it") -> Pace:
    return Pace(group, registered, 30.04, 17, deviations)


def test_of_a_month_the_group_that_is_farthest_off_is_named() -> None:
    look = facts(paces={JUNE: [pace(9, -3.2), pace(4, -6.1, "of all suspects open in it"), pace(31, 0.2)]})
    (found,) = missed_nowcasts(look, POLICY)
    assert found.alert_id == "nowcast_missed:2015-06"
    assert found.says == (
        "of all suspects open in it 4 were registered in 2015-06, where 30 would be usual after 17 months like it: "
        "what may still come was forecast from months before it"
    )
    assert found.evidence == {"registered": 4, "usual": 30.0, "months_before": 17, "standard_deviations": -6.1}
    assert (found.period, found.amount) == (JUNE, 26.0)


def test_what_is_inside_is_no_alert_and_an_ordinary_month_hides_none_before_it() -> None:
    assert list(missed_nowcasts(facts(paces={JUNE: [pace(29, -0.1)], MAY: []}), POLICY)) == []
    look = facts(paces={JUNE: [pace(29, -0.1)], MAY: [pace(60, 4.0)]})
    assert [one.subject for one in missed_nowcasts(look, POLICY)] == ["2015-05"]


def test_a_month_that_cannot_be_judged_now_stays_as_it_stands_and_ends_when_it_is_ordinary() -> None:
    standing = standing_after(*missed_nowcasts(facts(paces={MAY: [pace(60, 4.0)]}), POLICY))
    assert [one.alert_id for one in findings(facts(paces={}, standing=standing), POLICY)] == list(standing)
    assert findings(facts(paces={MAY: [pace(31, 0.1)]}, standing=standing), POLICY) == []


def test_an_incident_of_the_om_is_its_reason() -> None:
    incident = RunningIncident(
        incident_id=1, subject=OM, kind=IncidentKind.TOTALS_DIFFER, message="rows lack", since=NOW
    )
    look = facts(paces={JUNE: [pace(4, -6.1)]}, incidents=[incident])
    (missed,) = (one for one in findings(look, POLICY) if one.rule is AlertRule.NOWCAST_MISSED)
    assert missed.held_back_reasons == (f"incident:{OM}",)


def test_a_count_of_few_does_not_leave_the_house() -> None:
    (found,) = missed_nowcasts(facts(paces={JUNE: [pace(4, -6.1)]}), POLICY)
    outside = without_small_counts(step_of(found, AlertStep.RAISED, at=NOW), threshold=5)
    assert "fewer than 5 were registered in 2015-06, where 30 would be usual after 17 months" in outside.says
    assert outside.evidence == {"registered": "fewer than 5", "usual": 30.0, "months_before": 17}
