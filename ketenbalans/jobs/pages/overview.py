"""What a person sees first: how far each source is, the last balances, the alerts that stand, the reports."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from ketenbalans.alerts.life import Alert
from ketenbalans.alerts.runbook import place_in_the_runbook, remedy_of
from ketenbalans.jobs.balancing.balances import read_balances
from ketenbalans.jobs.balancing.years import years_known
from ketenbalans.jobs.quality.check_quality import docs_of
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.alerts import list_alerts
from ketenbalans.settings import Settings
from schemas.alerts import AlertRule
from schemas.answer import ShownBalance
from schemas.catalogue import sources
from schemas.declaration import Source
from schemas.period import AMSTERDAM
from warehouse.database import snapshot
from warehouse.dead_letters import waiting_dead_letters
from warehouse.extracts import default_as_of, loaded_extracts
from warehouse.incidents import running_incidents
from warehouse.quality_results import stored_quality_results

REPORTS_SHOWN = 6
OTHER_FORMS = ("pdf", "ods", "csv")


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """How a source is.

    Attributes:
        source: its name in the catalogue.
        covers_until: the last day that a loaded extract covers; None: none is loaded.
        received_at: when the newest extract came, in words; None: none did.
        is_silent: whether an alert says that it is silent for too long.
        dead_letters: messages that wait.
        incident: what stops it, in words; None: nothing does.
        dag: the DAG that loads it.
        quality: what the newest check found, in words; None: not checked yet.
        quality_passed: whether that found nothing.
        data_docs: where this page finds its data docs; None: there are none yet.
    """

    source: str
    covers_until: date | None
    received_at: str | None
    is_silent: bool
    dead_letters: int
    incident: str | None
    dag: str
    quality: str | None
    quality_passed: bool
    data_docs: str | None


@dataclass(frozen=True, kw_only=True)
class AlertLine:
    """An alert that stands, with what to do: ``what_to_do`` in words, ``runbook`` a place in the project, ``docs/...``.

    ``acknowledged_by``, ``held_back_by`` and ``note`` are None where nobody took it, no other alert speaks for it, and
    no person said anything.
    """

    alert_id: str
    rule: str
    subject: str
    severity: str
    says: str
    acknowledged_by: str | None
    held_back_by: str | None
    note: str | None
    what_to_do: str
    runbook: str


@dataclass(frozen=True, kw_only=True)
class ReportFile:
    """Another form of a page of a report: its name and its address."""

    form: str
    href: str


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """A report in one language: its address, and its other forms."""

    language: str
    href: str
    files: tuple[ReportFile, ...]


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """A report that was written: its period and its day, as its folders name them, and a page per language."""

    period: str
    as_of: str
    pages: tuple[ReportPage, ...]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the first page says.

    Attributes:
        as_of: the last day that both registers cover; None: none yet.
        sources: in the order of the catalogue.
        balances: the newest balance of each year, with its verdict, the newest year first.
        alerts: those that stand, in the order of the list.
        reports: the newest first.
    """

    as_of: date | None
    sources: Sequence[SourceLine]
    balances: Sequence[ShownBalance]
    alerts: Sequence[AlertLine]
    reports: Sequence[ReportLine]

    @property
    def furthest(self) -> date | None:
        """The last day that any source covers; None: none covers one."""
        return max((source.covers_until for source in self.sources if source.covers_until), default=None)


def read_overview(settings: Settings) -> Overview:
    """Where everything stands now."""
    with warehouse_from(settings) as engine:
        policy, alert_policy = settings.read_policy(), settings.read_alert_policy()
        alerts = list_alerts(engine, also_resolved=False)
        silent = {alert.subject for alert in alerts if alert.rule is AlertRule.SOURCE_SILENT}
        with snapshot(engine) as connection:
            as_of = default_as_of(connection)
            lines = _source_lines(connection, settings, silent=silent)
            years = years_known(connection, as_of=as_of) if as_of else []
        balances = [read_balances(engine, period=year, policy=policy, alert_policy=alert_policy) for year in years]
    return Overview(
        as_of=as_of,
        sources=lines,
        balances=[of_year[-1] for of_year in balances if of_year][::-1],
        alerts=[_alert_line(alert) for alert in alerts],
        reports=_newest_reports(settings.home / "reports"),
    )


def _source_lines(connection: Connection, settings: Settings, *, silent: Collection[str]) -> list[SourceLine]:
    """How each source that hands over extracts is."""
    extracts = loaded_extracts(connection)
    letters = {name: messages for name, messages, _ in waiting_dead_letters(connection)}
    incidents: dict[str, list[str]] = {}
    for incident in running_incidents(connection):
        incidents.setdefault(incident.subject, []).append(incident.message)
    lines = []
    for name, source in sources().items():
        if source.command is None:
            continue
        ours = [extract for extract in extracts if extract.source == name]
        checked = next(iter(stored_quality_results(connection, source, newest=1)), None)
        lines.append(
            SourceLine(
                source=name,
                covers_until=max((extract.covers_until for extract in ours), default=None),
                received_at=f"{ours[-1].recorded_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}" if ours else None,
                is_silent=name in silent,
                dead_letters=letters.get(name, 0),
                incident=" ".join(incidents.get(name, [])) or None,
                dag=f"ingest_{name}",
                quality=None if checked is None else checked.in_words(),
                quality_passed=checked is not None and checked.success,
                data_docs=_data_docs(settings, source),
            )
        )
    return lines


def _alert_line(alert: Alert) -> AlertLine:
    return AlertLine(
        alert_id=alert.alert_id,
        rule=alert.rule.value,
        subject=alert.subject,
        severity=alert.severity.value,
        says=alert.says,
        acknowledged_by=alert.acknowledged_by,
        held_back_by=alert.held_back_by,
        note=alert.note,
        what_to_do=remedy_of(alert.rule, alert.subject),
        runbook=place_in_the_runbook(alert.rule),
    )


def _data_docs(settings: Settings, source: Source) -> str | None:
    """Where this page finds the data docs of a source; None when it was not checked yet."""
    return f"files/quality/{source.name}/index.html" if (docs_of(settings, source) / "index.html").is_file() else None


def _newest_reports(folder: Path) -> list[ReportLine]:
    """The reports that were written last."""
    found = []
    for day in sorted(folder.glob("*/*/"), key=lambda path: (path.name, path.parent.name), reverse=True):
        pages = sorted(day.glob("*.html"))
        if pages:
            line = ReportLine(
                period=day.parent.name.replace("_", "/"), as_of=day.name, pages=tuple(map(_report_page, pages))
            )
            found.append(line)
    return found[:REPORTS_SHOWN]


def _report_page(page: Path) -> ReportPage:
    """A page of a report with its other forms, as this page finds them: ``PERIOD/AS_OF/NAME.LANGUAGE.html``."""
    place = f"files/reports/{page.parent.parent.name}/{page.parent.name}"
    forms = {form: page.with_suffix(f".{form}") for form in OTHER_FORMS}
    return ReportPage(
        language=page.name.split(".")[-2],
        href=f"{place}/{page.name}",
        files=tuple(
            ReportFile(form=form.upper(), href=f"{place}/{file.name}") for form, file in forms.items() if file.is_file()
        ),
    )
