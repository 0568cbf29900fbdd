"""The files of Prometheus and Grafana ask for what is measured, and for nothing else."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ketenbalans.telemetry.metrics import Metric
from ketenbalans.telemetry.openmetrics import family_name

OPS = Path(__file__).resolve().parents[3] / "ops"
RULES, SCRAPES = OPS / "prometheus" / "rules.yml", OPS / "prometheus" / "prometheus.yml"
NAME = re.compile(r"\bketenbalans_\w+")
SAMPLES = {f"{family_name(metric)}{'_total' if metric.is_counter else ''}": metric for metric in Metric}


def dashboard() -> Any:
    return json.loads((OPS / "grafana" / "ketenbalans.json").read_text(encoding="utf-8"))


def expressions() -> list[str]:
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    asked = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    return asked + [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def test_only_what_is_measured_is_asked_for_and_the_dashboard_shows_all_of_it() -> None:
    asked = {name for text in expressions() for name in NAME.findall(text)}
    assert asked == set(SAMPLES)


def test_a_legend_names_the_label_of_its_metric() -> None:
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            labels = {SAMPLES[name].label for name in NAME.findall(target["expr"])}
            assert {target["legendFormat"].strip("{}")} == labels, panel["title"]


def test_every_rule_names_a_page_that_is_there() -> None:
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            page, _, section = rule["annotations"]["runbook"].partition("#")
            text = (OPS.parent / page).read_text(encoding="utf-8")
            assert not section or f"### {section}" in text, rule["alert"]


def test_the_page_that_is_scraped_is_the_one_of_the_app() -> None:
    (job,) = yaml.safe_load(SCRAPES.read_text(encoding="utf-8"))["scrape_configs"]
    assert job["metrics_path"] == "/ketenbalans/metrics"
    assert job["authorization"]["credentials_file"] == "scrape-token"


def test_prometheus_takes_both_files(tmp_path: Path) -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not there (Debian has it in the package prometheus)")
    for file in (RULES, SCRAPES):
        shutil.copy(file, tmp_path)
    (tmp_path / "scrape-token").write_text("t")
    done = subprocess.run(
        [tool, "check", "config", "prometheus.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_docs_name_every_metric_with_its_meaning() -> None:
    page = (OPS.parent / "docs" / "observe.md").read_text(encoding="utf-8")
    for name, metric in SAMPLES.items():
        assert f"| `{name}` | {metric.label} | {metric.meaning} |" in page
