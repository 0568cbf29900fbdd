"""Back up the embedded warehouse and put a backup back; a server of one's own has tools of its own."""

from collections.abc import Callable
from pathlib import Path

from ketenbalans.settings import Settings, SettingsMissing
from ketenbalans.stack import backing_up
from ketenbalans.stack.backups import Backup
from ketenbalans.stack.home import Home


def back_up(settings: Settings, to: Path, *, base: bool, on_progress: Callable[[str], None]) -> Backup:
    """Make a backup (``stack.backing_up.make_backup``).

    Raises:
        SettingsMissing: the warehouse is a server of one's own.
        StackError: as ``make_backup``.
    """
    return backing_up.make_backup(_home(settings), to.absolute(), base=base, say=on_progress)


def put_back(
    settings: Settings, backups: Path, *, named: str | None, on_progress: Callable[[str], None]
) -> tuple[Backup, Path | None]:
    """Put a backup back (``stack.backing_up.restore``).

    Raises:
        SettingsMissing: the warehouse is a server of one's own.
        StackError: as ``restore``.
    """
    return backing_up.restore(_home(settings), backups.absolute(), named=named, say=on_progress)


def _home(settings: Settings) -> Home:
    if settings.warehouse_url is not None:
        message = (
            "KETENBALANS_WAREHOUSE_URL names a server of your own: back it up with its own tools (docs/backup.md says "
            "what belongs together), or unset it for the embedded warehouse"
        )
        raise SettingsMissing(message)
    return Home.at(settings.home)
