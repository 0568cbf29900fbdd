"""What Airflow's tasks import, imported once by the process that they are forked from (ADR 0009).

To import this module is all there is to do with it. Nothing of it is called before the fork: Polars starts no thread of
its pool until it is asked something, and no connection is made. What the tasks balance with is then the code that was
read here, so its version is found here too: a text that changes later is another version from the next start on.
"""

from importlib import import_module

from ketenbalans.code_version import code_version, modules_behind_an_answer

JOBS = (
    "ketenbalans.jobs.audit.checkpoints",
    "ketenbalans.jobs.balancing.reconcile_changed",
    "ketenbalans.jobs.loading.ingest_runs",
    "ketenbalans.jobs.pages.airflow_notes",
    "ketenbalans.jobs.pages.asset_figures",
    "ketenbalans.jobs.quality.runs",
    "ketenbalans.jobs.servers.giving_way",
    "ketenbalans.jobs.watching.standing",
    "ketenbalans.jobs.watching.watch",
)
"""What the tasks of the DAGs that run after each load call; some of it imports what an answer rests on only when it is
asked, so that is imported too."""

for name in (*JOBS, *sorted(modules_behind_an_answer())):
    import_module(name)
code_version()
