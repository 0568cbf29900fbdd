"""Load what waits on a topic into the warehouse.

**When.** As soon as something waits: a watcher compares the end of the topic with the offsets stored in the warehouse
and says *something waits*, nothing more. The task reads with the stored offsets, so a lost or doubled signal changes
nothing.

**What it does.** Read to the end as it was at the start; check every event against its declaration; in one
transaction per batch store the rows, the dead letters and the offsets. An event that is known already is counted and
left alone. Then the dead letters that are not on the topic's `.dlq` yet are sent there.

**What fails, who notices, what to do.**

- *Kafka or the warehouse cannot be reached*: the task is tried again by itself, three times. Nothing is
  lost: nothing moved. Look at `ketenbalans status`; start what is missing with `ketenbalans up`.
- *An incident* (the topic was recreated, a message is newer than the code, an extract has another chain key, and more):
  the task stays red until a person decides, and this source alone stands still. The message in the log says what was
  found and what to do; [docs/runbooks/incidents.md] has a section per kind, and `ketenbalans incidents resume NUMBER`
  lets it go on. What control records say after a load stops the next one: this one's rows are there, and it is green.
- *Dead letters*: the task is green, the good events are loaded, and the bad ones wait with their reason; an alert says
  so, and the task's note which rules they broke and how many, never a value. `ketenbalans deadletters list` shows them,
  [docs/runbooks/dead-letters.md] says by reason what to do: redrive them after a fix, or discard them with a note.
- *Dead letters were not published* (a warning in the log): the task is green and what was loaded stays loaded. The next
  run sends them to `<topic>.dlq`, or `ketenbalans deadletters publish` at once; each goes there exactly once.

**By hand.** Trigger the DAG, or run `ketenbalans ingest SOURCE`. Both are harmless at any time.

[docs/runbooks/incidents.md]: /plugin/ketenbalans/ketenbalans/docs/runbooks/incidents.md
[docs/runbooks/dead-letters.md]: /plugin/ketenbalans/ketenbalans/docs/runbooks/dead-letters.md
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, AssetWatcher, task
from airflow.sdk.exceptions import AirflowSkipException

from ketenbalans.jobs.loading.trigger import SomethingWaitsTrigger
from ketenbalans.jobs.pages.dag_owner import owner, owner_links
from ketenbalans.settings import Settings, settings_if_valid
from schemas.catalogue import sources

at_parse_time = settings_if_valid()  # a DAG file has to parse: what is set wrong its tasks say
for source in sources().values():
    topic = Asset(
        name=f"topic:{source.topic}",
        group="kafka",
        watchers=[AssetWatcher(name=f"{source.name}_waits", trigger=SomethingWaitsTrigger(source.name))],
    )
    table = Asset(name=f"warehouse:{source.name}", group="warehouse")
    with DAG(
        dag_id=f"ingest_{source.name}",
        description=f"Load {source.topic} into the warehouse",
        doc_md=__doc__,
        default_args={"owner": owner(at_parse_time)},
        owner_links=owner_links(at_parse_time),
        schedule=[topic],
        catchup=False,
        max_active_runs=1,  # two at once would be harmless, and one of them would do its work for nothing
        tags=["ingest", source.name],
    ) as dag:

        @task(
            task_id="load",
            inlets=[topic],
            outlets=[table],
            retries=3,  # a broker or a database that restarts is back within a minute
            retry_delay=timedelta(seconds=10),
            execution_timeout=timedelta(minutes=30),  # a million events take less than one
        )
        def load(source_name: str, run_id: str | None = None, outlet_events: Any = None) -> dict[str, int]:
            """Load what waits; skipped, without an event of the asset, when this run in all its tries read nothing."""
            from ketenbalans.broker.memory import return_freed_memory

            return_freed_memory()
            from ketenbalans.jobs.loading.ingest_runs import ingest_for_a_run
            from ketenbalans.jobs.pages.airflow_notes import noted

            settings = Settings()
            with noted(settings) as note:
                loaded = ingest_for_a_run(settings, source_name, run=f"{source_name} {run_id}")
                if loaded["read"] == 0:  # known rows count: they too may be the last ones of an extract
                    message = "nothing waited on the topic"
                    raise AirflowSkipException(message)
                numbers: dict[str, int] = {name: rows for name, rows in loaded.items() if name != "refused"}
                note.say(", ".join(f"{name.replace('_', ' ')} {rows}" for name, rows in numbers.items()))
                outlet_events[Asset(name=f"warehouse:{source_name}", group="warehouse")].extra = numbers
                for refused in loaded["refused"]:
                    about = f"{refused['column']} {refused['rule']}" if refused["column"] else refused["rule"]
                    note.say(f"- {refused['messages']} x {refused['reason']}: `{about}`")
            return numbers

        load(source.name)
    globals()[dag.dag_id] = dag
