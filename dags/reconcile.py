"""Balance every calendar year whose input has changed, as known on the last day that police and OM cover.

**When.** After deliveries, registrations or control records were loaded.

**What it does.** Reads the registers as known on the default as-of date (the earliest, over police and OM, of the
latest day covered by a loaded extract), links them once, and balances each calendar year in which something was
delivered or registered. A year whose question was answered before from the same events is left alone. The newest
balance of each year is on the page `balances/YEAR.html` in the home of the stack.

**What fails, who notices, what to do.**

- *Skipped*: no day is covered by a loaded extract of both registers yet, or nothing changed. Nothing to do.
- *The balance does not close*: a defect of the rules, never of the data; nothing was stored. Keep the log and report
it.
- *An extract was made with another chain key*: an incident of its source; nothing was linked. The message says what to
  do; it goes on by itself once the right extract has come.
- *The warehouse cannot be reached*: tried again by itself; then look at `ketenbalans status`.

**By hand.** Trigger the DAG, or ask one question with `ketenbalans reconcile --period 2014 --as-of 2015-01-31`.
"""

from datetime import timedelta

from airflow.sdk import DAG, Asset, AssetAny, task
from airflow.sdk.exceptions import AirflowSkipException

from schemas.catalogue import linked_sources
from schemas.extracts import SOURCE as EXTRACTS

tables = [Asset(name=f"warehouse:{source.name}", group="warehouse") for source in (*linked_sources(), EXTRACTS)]

with DAG(
    dag_id="reconcile",
    description="Balance the police and the OM registers",
    doc_md=__doc__,
    schedule=AssetAny(*tables),
    catchup=False,
    max_active_runs=1,  # one after the other: a later run sees all that an earlier one saw
    tags=["reconcile"],
) as dag:

    @task(
        task_id="balance",
        inlets=tables,
        outlets=[Asset(name="balances", group="warehouse")],
        retries=2,  # only a database that restarts is worth another try; a defect fails the same way each time
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(minutes=15),  # ten million records take less than one
    )
    def balance() -> list[str]:
        """Balance what is due and give the questions that were answered anew."""
        from jobs.airflow_notes import PAGES, noted
        from jobs.reconcile import reconcile_what_changed

        with noted() as note:
            answered = reconcile_what_changed()
            if not answered:
                message = "no balance is due: nothing changed, or no day is covered by both registers yet"
                raise AirflowSkipException(message)
            note.say(f"{'; '.join(answered)} [(where everything stands)]({PAGES}/)")
        return answered

    balance()
