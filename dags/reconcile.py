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
from typing import Any

from airflow.sdk import DAG, Asset, AssetAny, task
from airflow.sdk.exceptions import AirflowSkipException

from ketenbalans.jobs.pages.dag_owner import owner, owner_links
from ketenbalans.settings import Settings, settings_if_valid
from schemas.catalogue import linked_sources
from schemas.sources.extracts import SOURCE as EXTRACTS

at_parse_time = settings_if_valid()  # a DAG file has to parse: what is set wrong its tasks say
tables = [Asset(name=f"warehouse:{source.name}", group="warehouse") for source in (*linked_sources(), EXTRACTS)]
balances = Asset(name="balances", group="warehouse")

with DAG(
    dag_id="reconcile",
    description="Balance the police and the OM registers",
    doc_md=__doc__,
    default_args={"owner": owner(at_parse_time)},
    owner_links=owner_links(at_parse_time),
    schedule=AssetAny(*tables),
    catchup=False,
    max_active_runs=1,  # one after the other: a later run sees all that an earlier one saw
    tags=["reconcile"],
) as dag:

    @task(
        task_id="balance",
        inlets=tables,
        outlets=[balances],
        retries=2,  # only a database that restarts is worth another try; a defect fails the same way each time
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(minutes=15),  # ten million records take less than one
    )
    def balance(outlet_events: Any = None) -> list[str]:
        """Balance what is due and give the questions that were answered anew."""
        from ketenbalans.jobs.audit.checkpoints import sign_after_reconcile
        from ketenbalans.jobs.balancing.reconcile_changed import reconcile_what_changed
        from ketenbalans.jobs.pages.airflow_notes import noted
        from ketenbalans.jobs.pages.asset_figures import figures_of_balances
        from ketenbalans.jobs.pages.navigation import BALANCE

        settings = Settings()
        with noted(settings) as note:
            answered = reconcile_what_changed(settings)
            if not answered:
                message = "no balance is due: nothing changed, or no day is covered by both registers yet"
                raise AirflowSkipException(message)
            summaries = [one.in_short() for one in answered]
            note.say(f"{'; '.join(summaries)} [(where everything stands)]({BALANCE})")
            outlet_events[balances].extra = figures_of_balances(answered)
            sign_after_reconcile(settings)
        return summaries

    balance()
