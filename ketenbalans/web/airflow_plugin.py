"""The pages of our own in Airflow's navigation (``web.app``).

Loaded by Airflow through the entry point in ``pyproject.toml``. Whoever may look at Airflow may look at these pages,
and who may act there acts on them (``web.who``); without a session they answer 401. Airflow as a whole answers to its
own names only.
"""

from typing import Any

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin
from starlette.middleware.trustedhost import TrustedHostMiddleware

from ketenbalans.settings import settings_if_valid
from ketenbalans.web.app import pages
from ketenbalans.web.page_headers import names_of_the_server


def names() -> list[str]:
    """The names that this Airflow answers to."""
    configured = (
        conf.get("api", "base_url", fallback=None),
        conf.get("core", "execution_api_server_url", fallback=None),
    )
    settings = settings_if_valid()  # whatever is set wrong, it opens no door: the jobs say what it is
    return names_of_the_server([*configured, None if settings is None else settings.airflow_url])


class KetenbalansPlugin(AirflowPlugin):
    """The entry in the navigation and the pages behind it."""

    name = "ketenbalans"
    fastapi_apps: list[Any] = [  # noqa: RUF012 (Airflow wants a list)
        {"app": pages, "url_prefix": "/ketenbalans", "name": "Ketenbalans"}
    ]
    fastapi_root_middlewares: list[Any] = [  # noqa: RUF012
        {"name": "Names of this server", "middleware": TrustedHostMiddleware, "kwargs": {"allowed_hosts": names()}}
    ]
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "Balance",
            "href": "/ketenbalans/",
            "destination": "nav",
            "url_route": "ketenbalans",
        }
    ]
