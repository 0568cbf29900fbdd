"""Make the newest balances again every night, hold them against what is stored, and check every stored row.

**When.** Every night at a quarter past three in Amsterdam.

**What it does.** Links both registers as known on the default as-of date twice: in full, and step by step from the end
of the year before (each step links anew only what was recorded since and what that reaches). The two have to give the
same balance of every year, and that has to be the one that is stored for the same events, policy and code.

`verify` holds every figure that a letter published against what the warehouse gives for the same measure, period and
day.

`audit` recomputes the audit chain from what is stored, holds it against the checkpoints in the home, and signs the next
one: a line in the home, and a message on the topic `audit.checkpoints`.

`quality` runs the suites of the DAG `quality` over all rows; by day that one looks at those that came in.

**What fails, who notices, what to do.**

- *`verify` is red*: a published figure comes out otherwise and nobody accepted that; an alert names it, its document
and what moved it. `ketenbalans verify` shows both values, `ketenbalans verify accept FIGURE` accepts the new one.
- *`audit` is red*: an entry does not fit; an alert names it and how, and nothing was signed. `ketenbalans audit verify`
shows it, [the audit chain] says what each finding means.
- *`quality` is red*: a suite failed; its log names the table, the expectation and the number of rows. The Docs of the
DAG `quality` say what to do.
- *Came out otherwise step by step*: a defect of the rules, never of the data; the stored balances were made in full and
stand. Keep the log and report it.
- *Came out otherwise than the balance that is stored*: one of the two is wrong; nothing was stored. Compare both before
either is used.
- *Skipped*: no day is covered by a loaded extract of both registers yet. Nothing to do.
- *The warehouse cannot be reached*: tried again by itself; then look at `ketenbalans status`.

**By hand.** Trigger the DAG.

[the audit chain]: /plugin/ketenbalans/ketenbalans/docs/audit.md
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ketenbalans.jobs.pages.dag_owner import owner, owner_links
from ketenbalans.settings import Settings, settings_if_valid
from schemas.catalogue import sources

at_parse_time = settings_if_valid()  # a DAG file has to parse: what is set wrong its tasks say
quality = Asset(name="quality", group="warehouse")
with DAG(
    dag_id="nightly_check",
    description="Make the newest balances again, check all rows and the audit chain",
    doc_md=__doc__,
    default_args={"owner": owner(at_parse_time)},
    owner_links=owner_links(at_parse_time),
    schedule=CronTriggerTimetable("15 3 * * *", timezone="Europe/Amsterdam"),
    catchup=False,
    max_active_runs=1,
    tags=["check"],
) as dag:

    @task(
        task_id="check",
        retries=2,  # only a database that restarts is worth another try; a defect fails the same way each time
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(minutes=30),  # twice what a balance may take
    )
    def check() -> list[str]:
        """Compare, and give the balances that came out again."""
        from ketenbalans.jobs.balancing.nightly_check import recheck_newest
        from ketenbalans.jobs.pages.airflow_notes import noted

        settings = Settings()
        with noted(settings) as note:
            compared = recheck_newest(settings)
            if not compared:
                message = "nothing to compare: no day is covered by both registers yet"
                raise AirflowSkipException(message)
            note.say(f"Came out again, in full and step by step: {', '.join(compared)}.")
        return compared

    @task(
        task_id="verify",
        retries=1,  # only a database that restarts is worth another try
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(minutes=15),  # one balance per day that a letter names
    )
    def verify() -> list[str]:
        """Hold every published figure against the warehouse, and give how many agree."""
        from ketenbalans.jobs.figures.verify import verify_every_figure
        from ketenbalans.jobs.pages.airflow_notes import noted

        settings = Settings()
        with noted(settings) as note:
            verified = verify_every_figure(settings)
            note.say(f"Published figures: {', '.join(verified)}.")
        return verified

    @task(
        task_id="audit",
        retries=1,  # only a server that restarts is worth another try
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(minutes=15),  # a million entries take three
    )
    def audit() -> str:
        """Check the audit chain and sign it; gives how many entries it has."""
        from ketenbalans.jobs.audit.nightly import check_and_sign
        from ketenbalans.jobs.pages.airflow_notes import noted

        settings = Settings()
        with noted(settings) as note:
            signed = check_and_sign(settings)
            note.say(f"The audit chain fits and is signed: {signed.size} entries.")
        return f"{signed.size} entries"

    @task(
        task_id="quality",
        outlets=[quality],
        retries=1,  # only for a database that restarts: a suite that failed would fail again, and be kept twice
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(minutes=60),  # ten million rows take minutes, beside all else
    )
    def check_rows(outlet_events: Any = None) -> dict[str, str]:
        """Run every suite over all rows."""
        from ketenbalans.jobs.pages.airflow_notes import noted
        from ketenbalans.jobs.pages.asset_figures import figures_of_checks
        from ketenbalans.jobs.quality.runs import SuiteFailed, check_quality_of

        settings = Settings()
        with noted(settings) as note:
            try:
                checked = check_quality_of(settings, list(sources()), all_rows=True, say=note.say)
            except SuiteFailed as failed:
                raise AirflowFailException(str(failed)) from None
        outlet_events[quality].extra = figures_of_checks(checked)
        return {source: result.in_words() for source, result in checked.items()}

    check()
    verify()
    check_rows()
    audit()
