"""Ask several services side by side whether they answer; none can make the others wait, or the asker."""

import threading
import time
from collections.abc import Callable, Mapping

Ask = Callable[[], list[str]]
"""Names what of a service does not answer; nothing when all of it does."""

AGAIN_SECONDS = 0.1


def silent_parts(asks: Mapping[str, Ask], *, within_seconds: float, asks_again: bool = False) -> dict[str, list[str]]:
    """Give what does not answer, by service; a service that answers in time is left out.

    One that hangs, or raises, does not answer.

    Args:
        asks: how to ask, by the name of the service.
        within_seconds: the limit of it all. What still waits then is left behind in a thread that ends with us.
        asks_again: ask each until it answers or the time is over: it may be about to.
    """
    silent: dict[str, list[str]] = {name: [name] for name in asks}
    deadline = time.monotonic() + within_seconds

    def ask(name: str) -> None:
        while True:
            try:
                silent[name] = asks[name]()
            except Exception:  # noqa: BLE001 (whatever it is, it is no answer; its text may hold an address's password)
                silent[name] = [name]
            if not silent[name] or not asks_again or time.monotonic() + AGAIN_SECONDS > deadline:
                return
            time.sleep(AGAIN_SECONDS)

    threads = [threading.Thread(target=ask, args=(name,), name=f"ask {name}", daemon=True) for name in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return {name: list(parts) for name, parts in silent.items() if parts}


def yes_or(name: str, answers: Callable[[], bool]) -> Ask:
    """Make an ask of a service that answers as a whole or not at all."""
    return lambda: [] if answers() else [name]
