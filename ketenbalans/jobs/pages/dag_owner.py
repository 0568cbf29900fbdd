"""Who looks after the DAGs, and where Airflow leads from that name: to the runbooks."""

from urllib.parse import urlsplit

from airflow.sdk.configuration import conf
from pydantic import ValidationError

from ketenbalans.jobs.pages.navigation import BALANCE, PAGES
from ketenbalans.settings import Settings

RUNBOOKS = "docs/runbooks/README.md"
NOBODY_NAMED = "data-engineering"


def owner() -> str:
    """The owner of every DAG, as the settings name it."""
    try:
        return Settings().owner
    except ValidationError:  # whatever else is set wrong: the tasks say what it is
        return NOBODY_NAMED


def owner_links() -> dict[str, str]:
    """The owner with the address of the runbooks; nothing where no address is known, for Airflow wants a whole one."""
    try:
        settings = Settings()
    except ValidationError:
        return {}
    airflow = settings.airflow_url or conf.get("api", "base_url", fallback="")
    place = settings.docs_url or (f"{airflow.rstrip('/')}{BALANCE}{PAGES}" if airflow else "")
    return {settings.owner: f"{place.rstrip('/')}/{RUNBOOKS}"} if urlsplit(place).netloc else {}
