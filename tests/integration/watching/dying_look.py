"""A look that ends itself with SIGKILL between its first message and writing down that it was sent: its own process."""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ketenbalans.alerts.channels import Email
from ketenbalans.alerts.message import Places
from ketenbalans.jobs.watching.watch import watch
from schemas.alerts import AlertEvent
from tests.integration.watching.months import ALERT_POLICY, POLICY
from warehouse.database import connect

NOON = datetime(2026, 3, 4, 11, tzinfo=UTC)
"""A Wednesday."""


def by_mail(port: int) -> Email:
    return Email(f"smtp://127.0.0.1:{port}", "ketenbalans@example.org", ("desk@example.org",), Places(), threshold=5)


@dataclass(frozen=True)
class DiesWhenSent:
    """Mail, and then the end."""

    mail: Email
    name: str = "e-mail"

    def send(self, events: Sequence[AlertEvent]) -> None:
        self.mail.send(events)
        os.kill(os.getpid(), signal.SIGKILL)

    def try_out(self) -> None:
        """Nobody asks it here."""


if __name__ == "__main__":
    url, port = sys.argv[1:]
    channels = [DiesWhenSent(by_mail(int(port)))]
    watch(connect(url), policy=POLICY, alert_policy=ALERT_POLICY, now=NOON, channels=channels)
