"""The page of a period: what stands on it, and that the same balances give the same bytes."""

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from ketenbalans.project_policy import project_policy
from ketenbalans.reconciliation.balance import balance_of
from ketenbalans.reports.balance_page import render_balance_page
from ketenbalans.reports.bridge_lines import Weight, bridge_lines
from schemas.answer import ShownBalance
from schemas.answer_parts import PublishedBeside
from schemas.causes import Cause, OmOnlyCause
from schemas.period import Period
from tests.reference.records import frames
from tests.reference.strategies import random_world
from tests.unit.an_answer import bridge_of

POLICY = project_policy()


@pytest.fixture(scope="module")
def balances() -> list[ShownBalance]:
    """Two balances of one period, as the command line says them."""
    made = []
    for seed, as_of in ((1, date(2015, 1, 31)), (2, date(2015, 6, 30))):
        world = random_world(seed, 60)
        period = Period(world.question.start, world.question.end)
        answer = balance_of(*frames(world), period=period, as_of=as_of, policy=POLICY).answer()
        made.append(
            ShownBalance(
                **vars(answer),
                synthetic=True,
                quality="not_checked",
                published={"delivered": PublishedBeside(value=560, document="kst-31015-112", as_of=None)},
                policy=POLICY.to_dict(),
                code_version="0.1.0",
                input_fingerprint="f" * 64,
            )
        )
    return made


class Text(HTMLParser):
    """The text and the tags of a page; a tag that is not closed in its turn is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in {"meta", "!doctype"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Text:
    parser = Text()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_the_same_balances_give_the_same_bytes(balances: list[ShownBalance]) -> None:
    assert render_balance_page(balances) == render_balance_page(balances)


def test_the_bridge_adds_up_as_a_person_would_add_it(balances: list[ShownBalance]) -> None:
    for balance in balances:
        total = balance.delivered
        for line in bridge_lines():
            value = line.value_in(balance)
            if line.weight is Weight.STEP:
                total += value if line.sign == "+" else -value
            else:
                assert value == total, line.key


def test_every_cause_has_its_line() -> None:
    keys = {line.key for line in bridge_lines()}
    assert keys >= {f"causes.{cause.value}" for cause in Cause} | {f"om_only.{cause.value}" for cause in OmOnlyCause}


def test_the_page_shows_both_days_the_units_and_that_it_is_synthetic(balances: list[ShownBalance]) -> None:
    page = read(render_balance_page(balances)).text
    for said in ("2015-01-31", "2015-06-30", "Synthetic data", "kst-31015-112", "not checked", "f" * 64):
        assert said in page
    for unit in balances[-1].by_unit:
        assert str(unit.unit) in page


def test_the_page_does_not_say_of_what_is_missing_that_it_has_a_cause(balances: list[ShownBalance]) -> None:
    total = bridge_of(delivered=60, causes={"missing": 2, "joined": 42})
    one = replace(balances[-1], police=replace(balances[-1].police, total=total))
    said = " ".join(read(render_balance_page([one])).text.split())
    assert "Of the 44 in between, the cause of 42 is known; 2 are unexplained (missing)." in said


def test_real_data_is_not_called_synthetic(balances: list[ShownBalance]) -> None:
    real = [replace(balance, synthetic=False) for balance in balances]
    assert "Synthetic" not in read(render_balance_page(real)).text


def test_the_page_needs_no_network(balances: list[ShownBalance]) -> None:
    page = render_balance_page(balances)
    for forbidden in ("http:", "https:", "src=", "<script", "@import", "url("):
        assert forbidden not in page


def test_what_comes_from_a_source_is_escaped(balances: list[ShownBalance]) -> None:
    police = balances[-1].police
    odd = replace(police.by_unit[0], unit="<b>PL</b>")
    one = replace(balances[-1], police=replace(police, by_unit=(odd,)))
    assert "<b>PL" not in render_balance_page([one])
