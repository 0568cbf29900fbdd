"""Who looks after the DAGs, and where Airflow leads from that name: to the runbooks."""

from urllib.parse import urlsplit

from airflow.sdk.configuration import conf

from ketenbalans.jobs.pages.navigation import BALANCE, PAGES
from ketenbalans.settings import Settings

RUNBOOKS = "docs/runbooks/README.md"
NOBODY_NAMED = "data-engineering"


def owner(settings: Settings | None) -> str:
    """The owner of every DAG, as the settings name it; of settings that cannot be read somebody has to be named."""
    return NOBODY_NAMED if settings is None else settings.owner


def owner_links(settings: Settings | None) -> dict[str, str]:
    """The owner with the address of the runbooks; nothing where no address is known, for Airflow wants a whole one."""
    if settings is None:
        return {}
    airflow = settings.airflow_url or conf.get("api", "base_url", fallback="")
    place = settings.docs_url or (f"{airflow.rstrip('/')}{BALANCE}{PAGES}" if airflow else "")
    return {settings.owner: f"{place.rstrip('/')}/{RUNBOOKS}"} if urlsplit(place).netloc else {}
