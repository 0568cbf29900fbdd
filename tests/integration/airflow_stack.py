"""The whole stack with Airflow, as the tests that follow the DAGs share it: one history, one mailbox."""

import email
import socket
import threading
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.integration.command_line import CommandLine

FIRST, SECOND = date(2015, 1, 31), date(2015, 6, 30)
REPOSITORY = Path(__file__).parents[2]


class Mailbox:
    """Keeps every mail that an SMTP server was given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.changed = threading.Condition()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (as aiosmtpd calls it)
        assert isinstance(envelope.content, bytes)
        with self.changed:
            self.mails.append(email.message_from_bytes(envelope.content, policy=default))
            self.changed.notify_all()
        return "250 OK"

    def wait_for(self, headline: str, *, seconds: float = 60) -> EmailMessage:
        """The first mail of that subject."""
        with self.changed:
            there = self.changed.wait_for(lambda: any(headline == mail["Subject"] for mail in self.mails), seconds)
            assert there, f"no mail {headline!r}; there are {[mail['Subject'] for mail in self.mails]}"
            return next(mail for mail in self.mails if mail["Subject"] == headline)


@dataclass(frozen=True)
class Outlets:
    """Where the stack notifies people and machines: a real SMTP server, a UDP socket for StatsD, a file for lineage."""

    mailbox: Mailbox
    smtp_port: int
    statsd: socket.socket
    lineage_file: Path


def policy_without_quiet_hours(folder: Path) -> Path:
    """The standing policy, for tests that run at any hour of any day."""
    text = (REPOSITORY / "policy.toml").read_text(encoding="utf-8")
    for was, becomes in (("begin = 19:00:00", "begin = 03:00:00"), ("end = 07:30:00", "end = 03:00:01")):
        assert was in text
        text = text.replace(was, becomes)
    file = folder / "policy.toml"
    file.write_text(text.replace("weekend = true", "weekend = false"), encoding="utf-8")
    return file


def publish(command: CommandLine, folder: Path, day: date) -> list[dict[str, Any]]:
    """Publish one set of extracts."""
    files = {"police": f"police-{day}.csv", "om": f"om-{day}.csv", "hotline": f"hotline-{day}.jsonl"}
    published = []
    for source, file in files.items():
        ended = command("produce", source, folder / file, "--json")
        assert ended.code == 0, ended.err
        published += ended.json
    return published
