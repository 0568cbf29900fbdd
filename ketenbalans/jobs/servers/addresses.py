"""Where Kafka and the warehouse are: what the settings name, else the embedded stack."""

from ketenbalans.settings import Settings, SettingsMissing
from ketenbalans.stack.embedded import Addresses, SignIn, addresses, airflow_sign_in, chain_key


class ServiceNotRunning(ConnectionError):
    """A server is asked for that the settings do not name and the embedded stack does not run."""


def kafka_bootstrap(settings: Settings) -> str:
    """The bootstrap address of Kafka.

    Raises:
        ServiceNotRunning: none is set and the embedded stack has never been started.
    """
    return settings.kafka_bootstrap or _embedded(settings, "Kafka", "KETENBALANS_KAFKA_BOOTSTRAP").kafka_bootstrap


def warehouse_url(settings: Settings) -> str:
    """The SQLAlchemy URL of the warehouse.

    Raises:
        ServiceNotRunning: none is set and the embedded stack has never been started.
    """
    if settings.warehouse_url is not None:
        return settings.warehouse_url.get_secret_value()
    return _embedded(settings, "the warehouse", "KETENBALANS_WAREHOUSE_URL").warehouse_url


def chain_key_of(settings: Settings) -> str:
    """The chain key: what is set, else the embedded stack's own; servers of your own need a key of your own.

    Raises:
        SettingsMissing: there is no key.
    """
    if settings.chain_key is not None:
        return settings.chain_key.get_secret_value()
    if settings.kafka_bootstrap is None and addresses(settings.home) is not None:
        return chain_key(settings.home)
    message = (
        "there is no chain key, and without one the two registers cannot be linked: set KETENBALANS_CHAIN_KEY to the "
        "same secret for police and OM (the embedded stack makes its own: ketenbalans up)"
    )
    raise SettingsMissing(message)


def airflow_sign_in_of(settings: Settings) -> SignIn | None:
    """Who signs in to Airflow for the tasks: what is set, else the embedded stack's own user.

    None when neither names one: no password is asked then (`ketenbalans up --open`), or no token is given.
    """
    if settings.airflow_user is not None and settings.airflow_password is not None:
        return SignIn(settings.airflow_user, settings.airflow_password.get_secret_value())
    return airflow_sign_in(settings.home)


def _embedded(settings: Settings, service: str, variable: str) -> Addresses:
    found = addresses(settings.home)
    if found is None:
        message = (
            f"{service} cannot be reached: no stack was started in {settings.home} ({settings.home_because}); "
            f"start one with `ketenbalans up`, set KETENBALANS_HOME to the home of one that runs, or set {variable}"
        )
        raise ServiceNotRunning(message)
    return found
