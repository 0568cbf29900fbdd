"""The verbs: who acts is who is signed in at Airflow, and what cannot be ends with a sentence and a code."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ketenbalans.jobs.people import sign_in
from schemas.people import Person
from tests.integration.command_line import Ended, in_this_process
from tests.integration.signoff.a_desk import ANNA, AS_OF, BEN, comes_late, fill

pytestmark = pytest.mark.stack

Ask = Callable[..., Ended]


@pytest.fixture
def ask(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """A verb as somebody runs it whom Airflow knows: asking Airflow is tried where there is one."""
    fill(engine)

    def asked(*arguments: object, by: Person | None = None) -> Ended:
        with monkeypatch.context() as patch:
            for name in ("KETENBALANS_AIRFLOW_USER", "KETENBALANS_AIRFLOW_PASSWORD"):
                patch.delenv(name, raising=False)
            if by is not None:
                patch.setattr(sign_in, "signed_in_person", lambda _settings: by)
            home = {"KETENBALANS_HOME": str(tmp_path / "home")}
            return in_this_process("signoff", *arguments, engine=engine, **home)

    return asked


def test_two_people_sign_and_late_data_voids_it(ask: Ask, engine: Engine) -> None:
    assert "nobody prepared any figures yet" in ask().out
    prepared = ask("prepare", "--period", "2014", by=ANNA)
    assert prepared.code == 0, prepared.err
    (listed,) = ask("list", "--json").json
    name = listed["figure_set"][:12]
    assert f"`ketenbalans signoff approve {name}`" in prepared.err
    assert (listed["state"], listed["as_of"], listed["acts"][0]["by"]) == ("prepared", AS_OF.isoformat(), "anna")
    refused = ask("approve", name, by=ANNA)
    assert (refused.code, "prepared by anna, who cannot approve it too" in refused.err) == (1, True)
    assert ask("approve", name, "--json", by=BEN).json["state"] == "approved"
    comes_late(engine, 4)
    listed_now = ask("list").out
    assert "void" in listed_now
    assert "gap 3 is now 2" in listed_now
    shown = ask("show", name)
    assert "2014-police-PL0900-2014000004-1: open missing, now none" in shown.out
    assert "came later: om_registrations, load 2: 1 row of that day or before" in shown.out
    whole = ask("show", name, "--json").json
    assert whole["signed"]["balance"]["gap"] == 3
    assert ask("withdraw", name, "--note", "late data", by=BEN).code == 0
    assert ask("list", "--period", "2014", "--json").json[0]["state"] == "withdrawn"
    assert ask("list", "--period", "2013", "--json").json == []


@pytest.mark.parametrize("arguments", [("prepare", "--period", "2014"), ("approve", "0" * 12)])
def test_nobody_acts_who_is_not_signed_in(ask: Ask, arguments: tuple[str, ...]) -> None:
    ended = ask(*arguments)
    assert (ended.code, "KETENBALANS_AIRFLOW_USER" in ended.err) == (2, True)


def test_a_set_that_is_not_there_ends_with_a_sentence(ask: Ask) -> None:
    ended = ask("show", "0" * 12)
    assert (ended.code, ended.err.startswith("error no figure set begins with these digits")) == (1, True)


def test_a_day_that_is_not_covered_is_not_prepared(ask: Ask) -> None:
    ended = ask("prepare", "--period", "2014", "--as-of", "2015-03-31", by=ANNA)
    assert (ended.code, "not covered yet" in ended.err) == (1, True)
