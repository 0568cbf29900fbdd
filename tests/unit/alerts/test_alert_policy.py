"""The numbers of the alerts: all there, none unknown, each in its range, and named when it is not."""

import tomllib
from datetime import time
from pathlib import Path

import pytest

from schemas.alert_policy import AlertPolicy, QuietHours
from schemas.policy import InvalidPolicy

OURS = (Path(__file__).parents[3] / "policy.toml").read_text(encoding="utf-8")
TABLE = tomllib.loads(OURS)["alerts"]
NUMBERS = sorted(set(AlertPolicy.model_fields) - {"silent_after_days_of", "quiet"})
OUT_OF_RANGE = {
    "unexplained_suspects": ["-1", "1.5"],
    "unexplained_share": ["0", "1", "-0.1", "nan"],
    "false_alarm_chance": ["0", "1", "nan"],
    "volume_factor": ["1", "0.5", "nan"],
    "drift_shift": ["0", "1"],
    "drift_records": ["0", "-8"],
    "gap_window_days": ["0", "1.5"],
    "gap_suspects": ["0"],
    "window_days": ["0", "-28"],
    "history_days": ["0"],
    "enough_history_days": ["0"],
    "long_after_days": ["0"],
    "silent_after_days": ["0", "-40"],
    "final_after_days": ["-1"],
    "restated_suspects": ["-1"],
    "flood_breaks": ["0", "-1"],
    "take_within_days": ["-1"],
    "part_may_be_away_seconds": ["-1", "121"],
    "airflow_may_be_away_seconds": ["-1", "0.5"],
}
AT_THE_EDGE = {
    "unexplained_suspects": "0",
    "volume_factor": "1.01",
    "drift_records": "1",
    "gap_window_days": "1",
    "window_days": "1",
    "final_after_days": "0",
    "restated_suspects": "0",
    "flood_breaks": "1",
    "take_within_days": "0",
    "part_may_be_away_seconds": "0",
    "airflow_may_be_away_seconds": "0",
}


def written(text: str, name: str, value: str | None) -> str:
    """Our policy with one line changed, or left out."""
    lines = text.splitlines(keepends=True)
    at = lines.index("[alerts]\n")
    (place,) = (place for place, line in enumerate(lines) if place > at and line.startswith(f"{name} = "))
    lines[place] = "" if value is None else f"{name} = {value}\n"
    return "".join(lines)


def test_the_projects_own_policy_is_whole() -> None:
    policy = AlertPolicy.parse(OURS)
    assert {name: getattr(policy, name) for name in NUMBERS} == {name: TABLE[name] for name in NUMBERS}
    assert policy.silent_after_days_of == TABLE["silent_after_days_of"]
    assert policy.quiet == QuietHours(begin=time(19), end=time(7, 30), weekend=True)


def test_every_number_is_in_the_policy_and_is_tried_here() -> None:
    assert set(TABLE) == set(AlertPolicy.model_fields)
    assert set(OUT_OF_RANGE) == set(NUMBERS)
    assert all(field.is_required() for field in AlertPolicy.model_fields.values())


@pytest.mark.parametrize("name", [*NUMBERS, "begin", "end", "weekend"])
def test_a_number_that_is_left_out_is_named(name: str) -> None:
    with pytest.raises(InvalidPolicy, match=rf"^\[alerts\] (quiet\.)?{name}: field required$"):
        AlertPolicy.parse(written(OURS, name, None))


@pytest.mark.parametrize("table", ["alerts.silent_after_days_of", "alerts.quiet"])
def test_a_table_that_is_left_out_is_named(table: str) -> None:
    before, _, after = OURS.partition(f"[{table}]")
    rest = after.partition("\n[")
    with pytest.raises(InvalidPolicy, match=table.removeprefix("alerts.")):
        AlertPolicy.parse(before + rest[1] + rest[2])


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in OUT_OF_RANGE.items() for value in values]
)
def test_a_number_out_of_range_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidPolicy, match=rf"^\[alerts\] {name}: "):
        AlertPolicy.parse(written(OURS, name, value))


@pytest.mark.parametrize(("name", "value"), AT_THE_EDGE.items())
def test_a_number_at_the_edge_of_its_range_is_taken(name: str, value: str) -> None:
    assert getattr(AlertPolicy.parse(written(OURS, name, value)), name) == float(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window_days", '"a month"'),
        ("drift_shift", "[]"),
        ("begin", '"evening"'),
        ("end", '"25:00"'),
        ("weekend", '"some"'),
    ],
)
def test_what_is_no_number_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidPolicy, match=name):
        AlertPolicy.parse(written(OURS, name, value))


@pytest.mark.parametrize(
    ("line", "after", "named"),
    [
        ("windows_days = 28", "[alerts]", "windows_days"),
        ("holidays = true", "[alerts.quiet]", r"quiet\.holidays"),
    ],
)
def test_an_unknown_number_is_named(line: str, after: str, named: str) -> None:
    with pytest.raises(InvalidPolicy, match=rf"^\[alerts\] {named}: "):
        AlertPolicy.parse(OURS.replace(f"{after}\n", f"{after}\n{line}\n", 1))


def test_all_that_is_wrong_is_named_at_once() -> None:
    wrong = written(written(OURS, "window_days", "0"), "gap_suspects", None)
    with pytest.raises(InvalidPolicy) as refused:
        AlertPolicy.parse(wrong)
    assert "window_days" in str(refused.value)
    assert "gap_suspects" in str(refused.value)


@pytest.mark.parametrize("text", ["", "[reconciliation]\ntransit_allowance_days = 60\n", "alerts = 3\n"])
def test_a_text_without_the_table_is_refused(text: str) -> None:
    with pytest.raises(InvalidPolicy, match=r"\[alerts\]"):
        AlertPolicy.parse(text)


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="not valid TOML"):
        AlertPolicy.parse("[alerts\n")


@pytest.mark.parametrize(
    ("table", "names"),
    [("police_deliveries = -40", "police_deliveries"), ("police_delivery = 40", "police_delivery is no source")],
)
def test_a_source_of_its_own_patience_is_a_source_and_a_number_of_days(table: str, names: str) -> None:
    standing = OURS.replace("[alerts.silent_after_days_of]", f"[alerts.silent_after_days_of]\n{table}")
    with pytest.raises(InvalidPolicy, match=names):
        AlertPolicy.parse(standing)


def test_a_source_without_a_number_of_its_own_has_that_of_all() -> None:
    standing = OURS.replace("[alerts.silent_after_days_of]", "[alerts.silent_after_days_of]\nhotline_reports = 7")
    policy = AlertPolicy.parse(standing)
    assert policy.may_be_silent_days("hotline_reports") == 7
    assert policy.may_be_silent_days("police_deliveries") == policy.silent_after_days
