"""The policy file: it holds every number, no other one, and no number has a default."""

from pathlib import Path

import pytest

from schemas.policy import InvalidPolicy, Policy

GOOD = """
[reconciliation]
transit_allowance_days = 60
registered_before_delivery_days = 31
registered_after_delivery_days = 400
other_deliverers = ["PL27"]
"""


def test_the_projects_own_policy_is_the_designs():
    own = (Path(__file__).parents[3] / "policy.toml").read_text(encoding="utf-8")
    assert Policy.parse(own) == Policy.parse(GOOD)


@pytest.mark.parametrize("left_out", [line.split(" =")[0] for line in GOOD.strip().splitlines()[1:]])
def test_a_number_that_is_left_out_is_named(left_out):
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
def test_what_is_no_policy_is_refused_by_name(wrong, named):
    with pytest.raises(InvalidPolicy, match=named):
        Policy.parse(wrong)
