"""Look at what is stored, and tell somebody when it is worth it.

**When.** After a balance or a quality check, and every five minutes.

**What it does.** `look` holds what is stored against the rules of `policy.toml` (sources that are silent, volumes and
shares out of their band, gaps of units, unexplained suspects, figures that were reported and moved, incidents, dead
letters, floods of breaks, breaks that nobody took), raises what holds, renews the numbers of what stands, resolves by
itself what no longer holds, and tells what is new: by mail, a webhook, Alertmanager, as the settings say. Of each rule
and subject there is one alert, however often it fires; outside office hours only what is critical is sent at once.
`standing` is red in one run for what is new, and green afterwards: its note then names what stands.

**Whether there is anything to look at.** `look` first asks whether Kafka, the warehouse and Airflow answer, for half a
minute where one does not; the watchdog of the stack starts such a look by itself when one goes silent.

**What fails, who notices, what to do.**

- *`standing` is red*: an alert is new, or it became worse. Its note names each, what it rests on and what to do. The
  next run is green, whoever took it; it stands, on "Balance" and in `ketenbalans alerts`, until its rule no longer
  holds. Take it (`ketenbalans alerts acknowledge ID --note '...'`), so that others see who deals with it.
  [docs/runbooks/alerts.md] has a section per rule.
- *`look` is red, a channel failed*: the alerts were raised and are sent at the next look; the note names the channel.
  `ketenbalans alerts test` tries every channel.
- *`look` is red, the warehouse cannot be reached*: the channels have heard of it; look at `ketenbalans status`, and
  start what is missing with `ketenbalans up`. In the embedded stack Airflow stops with it, and the watchdog looks
  instead.

**By hand.** Trigger the DAG, or run `ketenbalans alerts look`. Both are harmless at any time.

[docs/runbooks/alerts.md]: /plugin/ketenbalans/ketenbalans/docs/runbooks/alerts.md
"""

from datetime import timedelta

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowFailException

from ketenbalans.jobs.pages.dag_owner import owner, owner_links
from ketenbalans.settings import Settings, settings_if_valid

at_parse_time = settings_if_valid()  # a DAG file has to parse: what is set wrong its tasks say
with DAG(
    dag_id="watch",
    description="Raise, resolve and tell alerts; which source is behind",
    doc_md=__doc__,
    default_args={"owner": owner(at_parse_time)},
    owner_links=owner_links(at_parse_time),
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
        from ketenbalans.jobs.pages.airflow_notes import noted
        from ketenbalans.jobs.pages.navigation import BALANCE
        from ketenbalans.jobs.servers.giving_way import Waits, give_way
        from ketenbalans.jobs.watching.watch import watch_and_send

        settings = Settings()
        give_way(Waits.SHORTLY)  # a message that came meanwhile is balanced first
        with noted(settings) as note:
            result = watch_and_send(settings)
            how = "; ".join(f"{source}: {fresh}" for source, fresh in result.freshness.items())
            note.say(f"{how} [(where everything stands)]({BALANCE})")
            if result.raised:  # also when a channel failed, after which `standing` does not run
                note.say(f"**New:** {', '.join(result.raised)}")
            result.raise_for_channels()
        return result.counts

    @task(
        task_id="standing",
        retries=1,  # only for a database that restarts: that an alert is new fails at once, and holds nobody up
        retry_delay=timedelta(seconds=5),
        execution_timeout=timedelta(minutes=1),
    )
    def standing(run_id: str | None = None) -> int:
        """Red in one run for each alert that is new; gives how many stand."""
        from ketenbalans.jobs.pages.airflow_notes import noted
        from ketenbalans.jobs.watching.standing import NewAlerts, fail_for_new_alerts

        settings = Settings()
        with noted(settings) as note:
            try:
                return fail_for_new_alerts(settings, note.say, run=str(run_id))
            except NewAlerts as new:
                raise AirflowFailException(str(new)) from None

    look() >> standing()
