"""Look at what is stored, and tell somebody when it is worth it.

**When.** After a balance or a quality check, and every five minutes.

**What it does.** `look` holds what is stored against the rules of `policy.toml` (sources that are silent, volumes and
shares out of their band, gaps of units, unexplained suspects, figures that were reported and moved, incidents, dead
letters, breaks that nobody took), raises what holds, resolves by itself what no longer does, and tells it: by mail, a
webhook, Alertmanager, as the settings say. Of each rule and subject there is one alert, however often it fires; outside
office hours only what is critical is told at once. `standing` is green when nothing stands that wants somebody.

**What fails, who notices, what to do.**

- *`standing` is red*: that is the alert. Its note names each alert, what it rests on and what to do. Take it
  (`ketenbalans alerts acknowledge ID --note '...'`) and the next run is green; it ends by itself when the rule no
  longer holds. [docs/runbooks/alerts.md] has a section per rule.
- *`look` is red, a channel failed*: the alerts were raised and are told at the next look; the note names the channel.
- *`look` is red, the warehouse cannot be reached*: tried again by itself; then look at `ketenbalans status`.

**By hand.** Trigger the DAG, or run `ketenbalans alerts look`. Both are harmless at any time.

[docs/runbooks/alerts.md]: /plugin/ketenbalans/ketenbalans/docs/runbooks/alerts.md
"""

from datetime import timedelta

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowFailException

from jobs.dag_owner import owner, owner_links

with DAG(
    dag_id="watch",
    description="Raise, resolve and tell alerts; which source is behind",
    doc_md=__doc__,
    default_args={"owner": owner()},
    owner_links=owner_links(),
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone="Europe/Amsterdam"),
        assets=Asset(name="balances", group="warehouse") | Asset(name="quality", group="warehouse"),
    ),
    catchup=False,
    max_active_runs=1,  # one look at a time: the next one sees all that this one saw
    tags=["watch"],
) as dag:

    @task(
        task_id="look",
        inlets=[Asset(name="balances", group="warehouse"), Asset(name="quality", group="warehouse")],
        retries=2,  # a mail server or a database that restarts is back within a minute
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(minutes=4),  # the next look comes after five
    )
    def look() -> dict[str, int]:
        """Look once, and say how many alerts were raised, resolved and stand."""
        from jobs.airflow_notes import BALANCE, noted
        from jobs.watch import look_and_tell

        with noted() as note:
            seen = look_and_tell()
            how = "; ".join(f"{source}: {fresh}" for source, fresh in seen.freshness.items())
            note.say(f"{how} [(where everything stands)]({BALANCE})")
            seen.raise_for_channels()
        return seen.counts

    @task(
        task_id="standing",
        retries=1,  # only for a database that restarts: that an alert stands fails at once, and holds nobody up
        retry_delay=timedelta(seconds=5),
        execution_timeout=timedelta(minutes=1),
    )
    def standing() -> int:
        """Red while an alert stands that nobody took; gives how many were taken and still stand."""
        from jobs.airflow_notes import noted
        from jobs.watch import AlertsStand, nothing_wants_somebody

        with noted() as note:
            try:
                return nothing_wants_somebody(note.say)
            except AlertsStand as stand:
                raise AirflowFailException(str(stand)) from None

    look() >> standing()
