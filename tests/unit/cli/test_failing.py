"""Of several failures each is reported, and the worst decides how the command ends."""

from pathlib import Path

import pytest

from ketenbalans.broker.errors import BrokerUnreachable
from ketenbalans.cli.exits import WORST_LAST, Exit
from ketenbalans.cli.failing import end_with
from producers.errors import ChainKeyMissing, NotForeseen, ProduceError

DEFECT = NotForeseen(Path("a.csv"), "OverflowError", "producers/check.py:1")


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([DEFECT], Exit.NO),
        ([DEFECT, BrokerUnreachable("nobody:9", "no answer")], Exit.OUT_OF_REACH),
        ([BrokerUnreachable("nobody:9", "no answer"), DEFECT], Exit.OUT_OF_REACH),
        ([DEFECT, ChainKeyMissing()], Exit.USAGE),
    ],
)
def test_the_worst_decides_and_each_is_reported(
    errors: list[ProduceError], code: Exit, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        end_with(errors)
    assert ended.value.code == code
    answer = capsys.readouterr().err
    assert all(str(error) in answer for error in errors)


def test_every_code_has_its_place() -> None:
    assert sorted(WORST_LAST) == sorted(Exit)
