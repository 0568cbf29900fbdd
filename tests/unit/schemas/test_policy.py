"""The policy file: it holds every number, no other one, and no number has a default."""

from pathlib import Path

import pytest

from ketenbalans.settings import Settings
from schemas.policy import InvalidPolicy, Policy

GOOD = """
[reconciliation]
transit_allowance_days = 60
registered_before_delivery_days = 31
registered_after_delivery_days = 400
other_deliverers = ["PL27"]
"""


def test_the_projects_own_policy_is_the_designs() -> None:
    own = (Path(__file__).parents[3] / "policy.toml").read_text(encoding="utf-8")
    assert Policy.parse(own) == Policy.parse(GOOD)


def test_a_policy_that_an_editor_gave_a_byte_order_mark_is_the_same_policy(tmp_path: Path) -> None:
    own = Path(__file__).parents[3] / "policy.toml"
    marked = tmp_path / "policy.toml"
    marked.write_bytes(b"\xef\xbb\xbf" + own.read_bytes())
    plain, same = Settings(policy=own), Settings(policy=marked)
    assert same.read_policy() == plain.read_policy()
    assert same.read_alert_policy() == plain.read_alert_policy()
    assert same.read_quality_policy() == plain.read_quality_policy()


@pytest.mark.parametrize("left_out", [line.split(" =")[0] for line in GOOD.strip().splitlines()[1:]])
def test_a_number_that_is_left_out_is_named(left_out: str) -> None:
    text = "\n".join(line for line in GOOD.splitlines() if not line.startswith(left_out))
    with pytest.raises(InvalidPolicy, match=left_out):
        Policy.parse(text)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (GOOD + "patience = 3\n", "patience"),
        (GOOD.replace("60", "-1"), "transit_allowance_days"),
        (GOOD.replace("60", "true"), "transit_allowance_days"),
        (GOOD.replace("60", "6.5"), "transit_allowance_days"),
        (GOOD.replace('["PL27"]', '"PL27"'), "other_deliverers"),
        (GOOD.replace('["PL27"]', '[""]'), "other_deliverers"),
        ("[reconciliation", "TOML"),
        ("", "transit_allowance_days"),
    ],
)
def test_what_is_no_policy_is_refused_by_name(wrong: str, named: str) -> None:
    with pytest.raises(InvalidPolicy, match=named):
        Policy.parse(wrong)


ALL = "other_deliverers, registered_after_delivery_days, registered_before_delivery_days, transit_allowance_days"
DAYS = "[reconciliation] transit_allowance_days must be a whole number of days, 0 or more"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("60", "60.0"), DAYS),
        (GOOD.replace("60", '"60"'), DAYS),
        (GOOD.replace("60", "-1").replace("31", "-1").replace('["PL27"]', "3"), DAYS),
        (
            GOOD.replace('["PL27"]', "[27]"),
            "[reconciliation] other_deliverers must be a list of dossier number prefixes",
        ),
        (GOOD.replace("60", "-1") + "patience = 3\n", f"[reconciliation] must hold exactly {ALL}; look at patience"),
        ("reconciliation = 3", "[reconciliation] must be a table of numbers"),
        ("[reconciliation]", f"[reconciliation] must hold exactly {ALL}; look at {ALL}"),
    ],
)
def test_a_refusal_says_the_place_and_what_belongs_there(wrong: str, said: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        Policy.parse(wrong)
    assert str(refused.value) == said
