"""What a person sees first: how far each source is, the last balances, the alerts that stand, the reports."""

from pathlib import Path
from typing import Any

from ketenbalans.alerts.runbook import place_in_the_runbook, remedy_of
from ketenbalans.jobs.balancing.balances import read_balances
from ketenbalans.jobs.pages.docs_pages import where_docs_are
from ketenbalans.jobs.quality.check_quality import docs_of
from ketenbalans.jobs.servers.warehouse import warehouse_at_hand
from ketenbalans.jobs.watching.alerts import list_alerts
from ketenbalans.reports.status_page import Standing, render_status_page
from ketenbalans.settings import Settings
from schemas.alerts import AlertRule
from schemas.catalogue import sources
from schemas.declaration import Source
from schemas.period import AMSTERDAM, Period
from warehouse.balances import years_with_records
from warehouse.database import snapshot
from warehouse.dead_letters import waiting_dead_letters
from warehouse.extracts import default_as_of, loaded_extracts
from warehouse.incidents import running_incidents
from warehouse.quality_results import stored_quality_results

REPORTS_SHOWN = 6
OTHER_FORMS = ("pdf", "ods", "csv")


def status_page(settings: Settings) -> str:
    """Render where everything stands now."""
    with warehouse_at_hand(settings) as engine:
        policy, alert_policy = settings.read_policy(), settings.read_alert_policy()
        with snapshot(engine) as connection:
            as_of = default_as_of(connection)
            extracts = loaded_extracts(connection)
            letters = {name: messages for name, messages, _ in waiting_dead_letters(connection)}
            checked = {
                name: result
                for name, source in sources().items()
                for result in stored_quality_results(connection, source, newest=1)
            }
            incidents: dict[str, list[str]] = {}
            for row in running_incidents(connection):
                incidents.setdefault(row["subject"], []).append(row["message"])
            years = years_with_records(connection, as_of=as_of) if as_of else []
        balances = [
            read_balances(engine, period=Period.of_year(year), policy=policy, alert_policy=alert_policy)
            for year in years
        ]
        alerts = list_alerts(engine, also_resolved=False)
    silent = {alert.subject for alert in alerts if alert.rule is AlertRule.SOURCE_SILENT}
    rows: list[dict[str, Any]] = []
    for name, source in sources().items():
        if source.command is None:
            continue
        ours = [extract for extract in extracts if extract.source == name]
        received = ours[-1].recorded_at if ours else None
        rows.append(
            {
                "source": name,
                "covers_until": max((extract.covers_until for extract in ours), default=None),
                "received_at": received and received.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M"),
                "is_silent": name in silent,
                "dead_letters": letters.get(name, 0),
                "incident": " ".join(incidents.get(name, [])) or None,
                "dag": f"ingest_{name}",
                "quality": checked[name].in_words() if name in checked else None,
                "quality_passed": name in checked and checked[name].success,
                "data_docs": _data_docs(settings, source),
            }
        )
    standing = Standing(
        as_of=as_of,
        sources=rows,
        balances=[of_year[-1] for of_year in balances if of_year][::-1],
        alerts=[
            {
                **alert.to_dict(),
                "what_to_do": remedy_of(alert.rule, alert.subject),
                "runbook": place_in_the_runbook(alert.rule),
            }
            for alert in alerts
        ],
        reports=_newest_reports(settings.home / "reports"),
        docs=where_docs_are(settings, pages=""),
    )
    return render_status_page(standing)


def _data_docs(settings: Settings, source: Source) -> str | None:
    """Where this page finds the data docs of a source; None when it was not checked yet."""
    return f"files/quality/{source.name}/index.html" if (docs_of(settings, source) / "index.html").is_file() else None


def _newest_reports(folder: Path) -> list[dict[str, Any]]:
    """The reports that were written last: of each its period, its day, its pages and their other forms."""
    found = []
    for day in sorted(folder.glob("*/*/"), key=lambda path: (path.name, path.parent.name), reverse=True):
        pages = sorted(file.name for file in day.glob("*.html"))
        if pages:
            place = f"files/reports/{day.parent.name}/{day.name}"
            found.append(
                {
                    "period": day.parent.name.replace("_", "/"),
                    "as_of": day.name,
                    "pages": [
                        {
                            "language": page.split(".")[-2],
                            "href": f"{place}/{page}",
                            "files": [
                                {"form": form.upper(), "href": f"{place}/{file.name}"}
                                for form in OTHER_FORMS
                                if (file := (day / page).with_suffix(f".{form}")).is_file()
                            ],
                        }
                        for page in pages
                    ],
                }
            )
    return found[:REPORTS_SHOWN]
