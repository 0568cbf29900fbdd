"""What is remembered of the parts outlives every look, is its owner's alone, and is never worth failing for."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ketenbalans.jobs.watching.parts_kept import FILE, PartKept, parts_kept, sending_alone

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def asked(*answers: tuple[float, bool], known: PartKept | None = None) -> PartKept:
    part = known or PartKept()
    for seconds, is_there in answers:
        part = part.asked(answers=is_there, at=after(seconds))
    return part


def test_silence_counts_from_the_last_answer_and_is_proven_from_the_first_question_in_vain() -> None:
    part = asked((0, True), (5, False), (10, False))
    assert (part.since, part.silent_from) == (after(0), after(5))


def test_an_answer_ends_it() -> None:
    part = asked((0, False), (5, True))
    assert (part.since, part.silent_from, part.answered_at) == (None, None, after(5))


def test_of_a_part_that_never_answered_the_first_question_is_all_that_is_known() -> None:
    assert asked((7, False), (9, False)).since == after(7)


def test_two_questions_in_vain_with_nobody_asking_in_between_prove_no_silence() -> None:
    assert asked((0, False), (300, False)).silent_from == after(300)


def test_unless_somebody_was_reported_that_it_is_down() -> None:
    assert asked((300, False), known=PartKept(silent_from=NOON, asked_at=NOON, is_down=True)).silent_from == NOON


def test_all_of_it_is_read_back(tmp_path: Path) -> None:
    whole = PartKept(
        answered_at=NOON, silent_from=after(1), asked_at=after(2), is_down=True, raised_at=after(3),
        heard_by=("e-mail", "log"), says="it is away", down_since=NOON,
    )  # fmt: skip
    with parts_kept(tmp_path / "home") as kept:
        kept.parts["warehouse"] = whole
    with parts_kept(tmp_path / "home") as kept:
        assert kept.parts == {"warehouse": whole}


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with parts_kept(home) as kept:
        kept.note({"kafka": True}, at=NOON)
    with sending_alone(home):
        pass
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert len(list(home.iterdir())) == 3, "no draft is left"


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"kafka": 1}', '{"kafka": {"asked_at": "soon"}}'])
def test_a_file_that_is_damaged_is_as_good_as_none(tmp_path: Path, damage: str) -> None:
    (tmp_path / FILE).write_text(damage)
    with parts_kept(tmp_path) as kept:
        assert kept.of("kafka") == PartKept()
        kept.note({"kafka": False}, at=NOON)
    assert json.loads((tmp_path / FILE).read_text())["kafka"]["answered_at"] == NOON.isoformat()


def test_a_home_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "home").write_text("a file")
    with parts_kept(tmp_path / "home") as kept:
        kept.note({"kafka": True}, at=NOON)
    with sending_alone(tmp_path / "home") as alone:
        assert alone
    assert "nothing can be remembered" in caplog.text


def test_of_two_that_would_send_one_does(tmp_path: Path) -> None:
    with sending_alone(tmp_path) as first, sending_alone(tmp_path) as second:
        assert (first, second) == (True, False)
    with sending_alone(tmp_path) as again:
        assert again
