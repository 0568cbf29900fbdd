"""Airflow's settings, all of them as environment variables: no file of Airflow's is edited.

What a container setup shares with the embedded stack is ``SETTINGS``; what depends on the machine comes from
``airflow_environment``.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from ketenbalans.stack.airflow_sign_in import SESSIONS, passwords_file, users_of
from ketenbalans.stack.home import Home
from ketenbalans.stack.ports import HOST

SETTINGS: Mapping[str, str] = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    # a slot is not held five seconds longer than its task
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    # with the defaults a crash freezes a DAG that runs one at a time for minutes
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_DETECTION_INTERVAL": "5",
    # nothing here does linear algebra, and a library without threads of its own can be forked
    "OPENBLAS_NUM_THREADS": "1",
    # what a client library says about every connection is not what somebody looks for in a task's log
    "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "kafka=WARNING,alembic=WARNING",
    # what a task writes is for the user that runs it
    "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
    "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
    # no listening beside the API, nothing counted and nothing sent to anybody
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}

# The embedded UI is for persons at this machine: it listens on 127.0.0.1 only.
EMBEDDED_SETTINGS: Mapping[str, str] = {
    "AIRFLOW__API__HOST": HOST,
    # Polars is forked too: its allocator gives memory back without a thread
    "_RJEM_MALLOC_CONF": "background_thread:false,muzzy_decay_ms:0,dirty_decay_ms:100",
}


def airflow_environment(
    home: Home, *, port: int, database_url: str, dags_folder: Path, is_open: bool
) -> dict[str, str]:
    """Give the variables of Airflow's components; the secrets are made on the first call and kept in the home.

    With ``is_open`` no password is asked: whoever reaches the port is admin.
    """
    folder = home.path / "airflow"
    return {
        **SETTINGS,
        **EMBEDDED_SETTINGS,
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder.resolve()),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": home.secret("airflow-fernet-key", random_bytes=32),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": str(is_open),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": users_of(home),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(home)),
        # the driver that Airflow 3.3 is made for: with psycopg 3 its graph of assets is a database error
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url.replace("+psycopg:", "+psycopg2:"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": database_url,  # else it asks for another driver
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__API__SECRET_KEY": home.secret("airflow-api-secret", random_bytes=64),
        "AIRFLOW__API_AUTH__JWT_SECRET": home.secret(SESSIONS, random_bytes=64),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
        # tasks talk to the API on this machine, also where a proxy stands between it and the world
        **{name: ",".join(filter(None, [os.environ.get(name), HOST])) for name in ("NO_PROXY", "no_proxy")},
        # a title written over the environment would wipe out the marks by which processes are found
        "SPT_NOENV": "1",
        "PYTHONUNBUFFERED": "1",
    }
