"""Sign-off as pages: whatever is stored is text, and nobody is offered what the database refuses them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ketenbalans.jobs.pages.signoffs import SignoffQuestion, SignoffShown, SignoffsShown
from ketenbalans.signoff.figure_set import FigureSet
from ketenbalans.signoff.standing import LateLoad, MovedBreak, MovedFigure, SignedMovement, Signoff
from ketenbalans.web.drawing import draw
from schemas.period import Period
from schemas.release import ReleaseFlag
from schemas.signoff import SignoffAct, SignoffState, SignoffStep
from tests.unit.an_answer import answer_of
from tests.unit.web.a_visit import visit_of
from tests.unit.web.markup import Markup

AT, DAY, YEAR = datetime(2015, 2, 2, tzinfo=UTC), date(2015, 1, 31), Period.of_year(2014)
HOSTILE = '"><script>alert(1)</script>'
SET = "0f" * 32
PREPARED, APPROVED, WITHDRAWN = ("anna", "prepared"), ("ben", "approved"), ("ben", "withdrawn")


def signoff_of(*acts: tuple[str, str], state: str = "prepared", **differences: Any) -> Signoff:
    steps = [
        SignoffStep(act_number=number, act=SignoffAct.of(act), by=by, at=AT, note=HOSTILE)
        for number, (by, act) in enumerate(acts, 1)
    ]
    figures = FigureSet(
        balance=answer_of(delivered=9, causes={"missing": 1}, period=YEAR, as_of=DAY),
        breaks={"open": {"missing": 1}},
        policy={"transit_allowance_days": 60},
        later_day_may_move=2,
        code_version="1",
        input_fingerprint="f",
        synthetic=True,
    )
    fields: dict[str, Any] = {
        "period": YEAR,
        "as_of": DAY,
        "figures": figures,
        "acts": tuple(steps),
        "state": SignoffState.of(state),
    }
    return Signoff(set_id=SET, **(fields | differences))


def shown(signoff: Signoff) -> SignoffShown:
    return SignoffShown(signoff=signoff, lines=[], now={}, others=[(HOSTILE, 1, 2)], breaks=[("open", HOSTILE, 1)])


def moved() -> SignedMovement:
    return SignedMovement(
        as_of=DAY,
        figures=(MovedFigure(figure=HOSTILE, signed=1, now=2),),
        breaks=(MovedBreak(break_id=HOSTILE, signed=HOSTILE, now=None),),
        breaks_in_all=3,
        loads=(LateLoad(source=HOSTILE, load_number=1, rows=2),),
    )


def drawn(signoff: Signoff, **visit: Any) -> Markup:
    visiting = visit_of(**visit)
    return Markup(draw("signoff.html.j2", visiting, here="signoffs", found=shown(signoff), typed=HOSTILE))


def listed(signoffs: Sequence[Signoff], **visit: Any) -> Markup:
    found = SignoffsShown(signoffs=signoffs, questions=[SignoffQuestion(period=YEAR, as_of=DAY)])
    values: dict[str, Any] = {"found": found, "year": 2014, "chosen": ""}
    return Markup(draw("signoffs.html.j2", visit_of(**visit), here="signoffs", **values))


def test_whoever_approves_reads_what_a_release_gives_away() -> None:
    flags = [ReleaseFlag(line="om_count", since="2014-3", change=-2)]
    found = replace(shown(signoff_of(PREPARED)), flags=flags)
    page = Markup(draw("signoff.html.j2", visit_of(), here="signoffs", found=found, typed=""))
    assert "om count: -2 since release 2014-3" in page.text
    assert "may be about single files" not in drawn(signoff_of(PREPARED)).text


def acts_offered(page: Markup) -> set[str]:
    return {one.action.rpartition("/")[2] for one in page.posts}


@pytest.mark.parametrize(
    ("signoff", "handle", "offered"),
    [
        (signoff_of(PREPARED), "anna", {"withdraw"}),
        (signoff_of(PREPARED), "ben", {"approve", "withdraw"}),
        (signoff_of(PREPARED, state="superseded"), "ben", {"approve", "withdraw"}),
        (signoff_of(PREPARED, state="void"), "ben", {"withdraw"}),
        (signoff_of(PREPARED, APPROVED, state="approved"), "anna", {"withdraw"}),
        (signoff_of(PREPARED, APPROVED, state="void"), "ben", {"withdraw"}),
        (signoff_of(PREPARED, APPROVED, state="approved"), "carl", set()),
        (signoff_of(PREPARED, WITHDRAWN, state="withdrawn"), "ben", set()),
    ],
)
def test_nobody_is_offered_what_the_database_refuses_them(signoff: Signoff, handle: str, offered: set[str]) -> None:
    assert acts_offered(drawn(signoff, handle=handle)) == offered


def test_whoever_prepared_reads_that_another_one_approves() -> None:
    says = "You prepared these figures, so another person has to approve them."
    assert says in drawn(signoff_of(PREPARED), handle="anna").text
    assert says not in drawn(signoff_of(PREPARED), handle="ben").text


def test_a_viewer_and_an_airflow_that_asks_nobody_are_offered_no_form() -> None:
    for page in (drawn(signoff_of(PREPARED), may_act=False), listed([], may_act=False)):
        assert page.posts == []
    for is_open, says in ((True, "asks nobody for a password, so one person could be two"), (False, "nobody in part")):
        visit = {"is_open": is_open, "may_be_anybody": True}
        for page in (drawn(signoff_of(PREPARED), **visit), listed([], **visit)):
            assert page.posts == []
            assert says in page.text


@pytest.mark.parametrize(
    "signoff",
    [
        signoff_of(PREPARED, APPROVED, state="void", movement=moved(), not_judged=""),
        signoff_of(PREPARED, state="void", figures=None, not_judged=HOSTILE),
        signoff_of(PREPARED, WITHDRAWN, state="withdrawn", replaced_by="ab" * 32),
    ],
    ids=["moved", "changed in the tables", "withdrawn"],
)
def test_whatever_is_stored_is_text_and_the_page_holds_together(signoff: Signoff) -> None:
    for page in (drawn(signoff), listed([signoff])):
        assert page.tags.count("script") == 1, "the one script of every page"
        assert page.unclosed == []
        assert page.unlabelled == []
        assert len(page.ids) == len(set(page.ids))
        assert page.referred <= set(page.ids)
        assert HOSTILE in page.text


def test_the_list_offers_the_stored_balances_and_nothing_else() -> None:
    (form,) = listed([]).posts
    assert form.action == "/ketenbalans/signoffs/prepare"
    assert form.fields["question"] == "2014 2015-01-31"
