"""What the forms of a page rest on: the key that signs them, and which of them were sent."""

from datetime import datetime

from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.settings import Settings
from ketenbalans.stack.home import Home
from warehouse.used_forms import take_form


def form_key(settings: Settings) -> str:
    """The key that signs forms: random, made on the first call, kept in the home with mode 0600.

    Raises:
        SecretUnusable: its file is empty or cannot be read.
        FolderRefused: the home is no path that a stack can have.
    """
    return Home.at(settings.home).secret("form-key", random_bytes=32)


def take_once(settings: Settings, nonce: str, *, expires_at: datetime) -> bool:
    """Write down that a form was sent; False: it was sent before. It stays taken whatever comes of it.

    Args:
        settings: where the warehouse is.
        nonce: what names the form.
        expires_at: from when on it is refused for its age.

    Raises:
        ServiceNotRunning: there is no warehouse to use.
        WarehouseError: it does not answer, or was not brought up to date.
    """
    with warehouse_from(settings) as engine, engine.begin() as connection:
        return take_form(connection, nonce, expires_at=expires_at)
