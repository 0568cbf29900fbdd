"""Hold the stored events against the expectations of their declaration, after the reconciliation and not before it.

**When.** After a balance, after a source that is not balanced was loaded, and every ten minutes for what came in
without a balance. The DAG `nightly_check` checks all rows once a night.

**What it does.** One Great Expectations suite per event table, derived from the declaration: what must be filled, which
words, patterns and days are possible, that no event is there twice, that a register does not contradict itself, and
that what a record refers to exists or is awaited. It looks at the rows that came since the last run that passed, held
against all others where that is asked; at all rows when another suite passed then, or when a run failed that had looked
at all ([ADR 0052]). Beside it numbers in their bands: freshness against the other sources, volume per unit and the
shares of values against the year before. Every result is kept with the offsets and the rows that it covers
(`ketenbalans quality --history`), and a balance says whether the data behind it has passed, failed or not been checked
yet. The task's note links to the data docs of each source, which hold counts only.

**What fails, who notices, what to do.**

- *A suite failed*: the task is red at once and is not tried again; its log names the table, the expectation and the
  number of rows, never a value. The balance made of that data says so. Ask the source for a correction; its next
  extract mends it.
- *A number is unusual*: the task is green, and the alerts `volume`, `unit_silent`, `drift` and `source_silent` of the
  DAG `watch` tell who has to hear of it ([ADR 0024]).
- *Skipped*: nothing came in since the last check. Nothing to do.
- *The warehouse cannot be reached*: tried again by itself.

**By hand.** Trigger the DAG, or run `ketenbalans quality check --all`: either checks every row of every table.

[ADR 0024]: /plugin/ketenbalans/ketenbalans/docs/adr/0024-what-is-wrong-and-what-is-unusual.md
[ADR 0052]: /plugin/ketenbalans/ketenbalans/docs/adr/0052-what-has-passed-is-not-checked-again-by-day.md
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ketenbalans.jobs.pages.dag_owner import owner, owner_links
from ketenbalans.settings import Settings, settings_if_valid
from schemas.catalogue import linked_sources, sources
from schemas.sources.extracts import SOURCE as EXTRACTS

at_parse_time = settings_if_valid()  # a DAG file has to parse: what is set wrong its tasks say
tables = {source.name: Asset(name=f"warehouse:{source.name}", group="warehouse") for source in sources().values()}
balanced = {source.name for source in (*linked_sources(), EXTRACTS)}
others = [table for name, table in tables.items() if name not in balanced]
quality = Asset(name="quality", group="warehouse")

with DAG(
    dag_id="quality",
    description="Great Expectations over what is stored",
    doc_md=__doc__,
    default_args={"owner": owner(at_parse_time)},
    owner_links=owner_links(at_parse_time),
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/10 * * * *", timezone="Europe/Amsterdam"),
        assets=AssetAny(Asset(name="balances", group="warehouse"), *others),
    ),
    catchup=False,
    max_active_runs=1,  # importing the library costs seconds of a core: what came meanwhile is checked together
    tags=["quality"],
) as dag:

    @task(
        task_id="check",
        inlets=list(tables.values()),
        outlets=[quality],
        retries=1,  # only for a database that restarts: a suite that failed would fail again, and be kept twice
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(minutes=30),
    )
    def check(dag_run: Any = None, outlet_events: Any = None) -> dict[str, str]:
        """Check what came in since the last run, or every row of every table when started by hand."""
        from ketenbalans.jobs.pages.airflow_notes import noted
        from ketenbalans.jobs.pages.asset_figures import figures_of_checks
        from ketenbalans.jobs.quality.runs import SuiteFailed, check_quality_of

        settings = Settings()
        by_hand = dag_run.run_type == "manual"
        with noted(settings) as note:
            try:
                asked = list(tables) if by_hand else None
                checked = check_quality_of(settings, asked, all_rows=by_hand, say=note.say)
            except SuiteFailed as failed:
                raise AirflowFailException(str(failed)) from None
            if not checked:
                message = "nothing came in since the last check"
                raise AirflowSkipException(message)
        outlet_events[quality].extra = figures_of_checks(checked)
        return {source: result.in_words() for source, result in checked.items()}

    check()
