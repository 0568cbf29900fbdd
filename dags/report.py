"""Make the report of a period, in every form and in both languages.

**When.** At seven in the morning of the fifth working day of each month, of the calendar year of the day before the
month began, as known at the end of that month. By hand with parameters, at any time.

**What it does.** Balances the question when that was not done yet, and writes HTML, PDF, ODS and CSV in Dutch and
English, and JSON, to `reports/PERIOD/AS_OF/` in the home of the stack; the page "Balance" in the navigation links to
them. It writes down what was reported, so that a figure that moves afterwards raises an alert.

**What fails, who notices, what to do.**

- *Skipped*: it is not the fifth working day, or no day is covered by a loaded extract of both registers. Nothing to do.
- *The day asked for is not covered yet*: its note says until when both registers are known. Publish the extracts, then
  run it again.
- *Nothing of the period is known*: no delivery and no registration of it was recorded by that day. Ask another one.
- *What was asked for cannot be read, or contradicts itself*: red at once, its note says how to write it. Fill in the
  form again.
- *The balance does not close*: a defect of the rules; nothing was written. Keep the log and report it.
- *Its input keeps changing*: rows that were recorded by that day were loaded three times while it was made; nothing was
  written, for a report tells one moment. Run it again when the load is done.
- *The warehouse cannot be reached*: tried again by itself; then look at `ketenbalans status`.

**By hand.** *Trigger* asks for `period` (2014, 2014-Q1; several with a comma) and `as_of` (a day), or for `from_month`
and `until_month` (2014-01, 2014-12) to make one for the end of each month in between: that is how past periods are
filled in. All empty: the newest. Or on the command line:
`ketenbalans report --period 2014 --as-of 2015-01-31 --out DIR`.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, CronTriggerTimetable, Param, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ketenbalans.jobs.pages.dag_owner import owner, owner_links
from ketenbalans.settings import Settings, settings_if_valid

at_parse_time = settings_if_valid()  # a DAG file has to parse: what is set wrong its tasks say
reports = Asset(name="reports", group="pages")

with DAG(
    dag_id="report",
    description="Write the report, monthly on the fifth working day and by hand",
    doc_md=__doc__,
    default_args={"owner": owner(at_parse_time)},
    owner_links=owner_links(at_parse_time),
    schedule=CronTriggerTimetable("0 7 5-11 * *", timezone="Europe/Amsterdam"),  # the fifth working day lies in these
    catchup=False,
    max_active_runs=1,  # two of one question would write the same files
    params={
        "period": Param(
            None,
            type=["null", "string"],
            title="Period",
            description="What is counted: 2014 or 2014-Q1; several with a comma. Empty: the year of the day.",
        ),
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            title="As known on",
            description="The day of knowledge. Empty: the newest day that both registers cover.",
        ),
        "from_month": Param(
            None,
            type=["null", "string"],
            title="Or: from the end of month",
            description="Instead of one day: a report as known at the end of each month, from 2014-01 ...",
        ),
        "until_month": Param(
            None,
            type=["null", "string"],
            title="until the end of month",
            description="... until 2014-12.",
        ),
    },
    tags=["report"],
) as dag:

    @task(
        task_id="report",
        inlets=[Asset(name="balances", group="warehouse")],
        outlets=[reports],
        retries=2,  # only a database that restarts is worth another try
        retry_delay=timedelta(seconds=30),
        execution_timeout=timedelta(minutes=60),  # a report takes seconds; years of month ends take minutes
    )
    def report(params: Any = None, dag_run: Any = None, outlet_events: Any = None) -> list[str]:
        """Make what is due or what was asked for, and give one text per report."""
        from ketenbalans.jobs.pages.airflow_notes import noted
        from ketenbalans.jobs.pages.asset_figures import figures_of_reports
        from ketenbalans.jobs.pages.navigation import BALANCE
        from ketenbalans.jobs.reporting.runs import REFUSALS, report_what_is_asked

        settings = Settings()
        with noted(settings) as note:
            try:
                made = report_what_is_asked(settings, params, is_scheduled=dag_run.run_type == "scheduled")
            except REFUSALS as refused:  # another try would be refused too
                note.say(f"**Not made:** {refused}.")
                raise AirflowFailException(str(refused)) from None
            if not made:
                message = "no report is due: not the fifth working day, or no day is covered by both registers yet"
                raise AirflowSkipException(message)
            summaries = [one.in_short() for one in made]
            note.say(f"{'; '.join(summaries)} [(open them)]({BALANCE})")
            outlet_events[reports].extra = figures_of_reports(made)
        return summaries

    report()
