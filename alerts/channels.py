"""The channels that alerts are told on: a log, e-mail, a chat's webhook, and Alertmanager.

A channel tells a list of steps, one message each or one digest. It raises ``ChannelFailed`` when it could not; what
was not told is told at the next look.
"""

import logging
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from alerts.life import Alert
from alerts.message import Message, Places, digest_of, message_of, without_control_signs
from alerts.runbook import place_in_the_runbook, remedy_of
from schemas.alerts import AlertEvent, AlertStep

ANSWERS_WITHIN_SECONDS = 10.0
IN_AN_ID = 20
"""So many steps are named in a mail's id; of more the first of them, how many there are, and the last."""

STANDS_FOR = timedelta(minutes=15)
"""How long Alertmanager believes that an alert stands without hearing of it again: three looks of the DAG."""

logger = logging.getLogger("ketenbalans.alerts")


class ChannelFailed(ConnectionError):
    """A channel could not tell; the message names the channel and the reason, and nothing is lost."""

    def __init__(self, channel: str, reason: str, *, somebody_was_told: bool = False) -> None:
        self.somebody_was_told = somebody_was_told
        super().__init__(
            f"alerts could not be told by {channel} ({reason}); they are told at the next look. Check its settings "
            "(`ketenbalans settings`) and that the server runs"
        )


class Channel(Protocol):
    """Somewhere to tell a step."""

    @property
    def name(self) -> str:
        """What it is called where it is kept what was told."""

    def tell(self, events: Sequence[AlertEvent]) -> None:
        """Tell these steps together; a single one by itself.

        Raises:
            ChannelFailed: they were not told.
        """


@dataclass(frozen=True)
class Log:
    """The log of the process: for a task, its log in the Airflow UI."""

    places: Places
    name: str = "log"

    def tell(self, events: Sequence[AlertEvent]) -> None:
        """One line per step."""
        for event in map(without_control_signs, events):
            said = message_of(event, self.places)
            level = logging.INFO if event.step is AlertStep.RESOLVED else logging.WARNING
            logger.log(level, "%s: %s", said.headline, event.says)


@dataclass(frozen=True)
class Email:
    """Mail through an SMTP server.

    Attributes:
        url: ``smtp://[user:password@]host[:port]`` (STARTTLS when the server offers it) or ``smtps://``.
        sender: the address that it comes from.
        to: who gets it.
        places: where to look further.
    """

    url: str
    sender: str
    to: tuple[str, ...]
    places: Places
    name: str = "e-mail"

    def tell(self, events: Sequence[AlertEvent]) -> None:
        """One mail. Its Message-ID is that of its steps, so a mail that is sent twice can be told to be one."""
        try:
            with self._server() as server:
                refused = server.send_message(self._mail(events))
        except (OSError, smtplib.SMTPException, ValueError) as error:  # a setting that cannot work is a ValueError
            raise ChannelFailed(self.name, type(error).__name__) from None
        if refused:
            reason = f"{len(refused)} of {len(self.to)} recipients were refused"
            raise ChannelFailed(self.name, reason, somebody_was_told=True)

    def _mail(self, events: Sequence[AlertEvent]) -> EmailMessage:
        said: Message = digest_of(events, self.places)
        mail = EmailMessage()
        mail["Subject"] = said.headline
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail["Date"] = format_datetime(datetime.now(UTC))
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "ketenbalans"
        numbers = [str(event.event_number) for event in events]
        of_steps = numbers if len(numbers) <= IN_AN_ID else [*numbers[:IN_AN_ID], f"{len(numbers)}-until-{numbers[-1]}"]
        mail["Message-ID"] = f"<{'.'.join(of_steps)}.alert@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(said.text)
        return mail

    def _server(self) -> smtplib.SMTP:
        address = urlsplit(self.url)
        host = address.hostname or "localhost"
        trusted = ssl.create_default_context()
        if address.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, address.port or 465, timeout=ANSWERS_WITHIN_SECONDS, context=trusted
            )
        else:
            server = smtplib.SMTP(host, address.port or 25, timeout=ANSWERS_WITHIN_SECONDS)
        try:
            server.ehlo()
            if address.scheme != "smtps" and server.has_extn("starttls"):
                server.starttls(context=trusted)
            if address.username:
                server.login(unquote(address.username), unquote(address.password or ""))
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class Webhook:
    """A chat that takes Slack's incoming webhooks: Slack, Mattermost, Rocket.Chat and others."""

    url: str
    places: Places
    name: str = "webhook"

    def tell(self, events: Sequence[AlertEvent]) -> None:
        """One post: the headline as text, the rest as an attachment."""
        said = digest_of(events, self.places)
        _post(self.name, self.url, {"text": said.headline, "attachments": [{"text": said.text}]})


@dataclass(frozen=True)
class Alertmanager:
    """Prometheus' Alertmanager, which groups, mutes and sends by itself, so it hears of everything at every look."""

    url: str
    places: Places
    name: str = "alertmanager"

    def tell_all(self, alerts: Sequence[Alert], *, now: datetime) -> None:
        """Tell every alert as it stands, over ones for as long as Alertmanager may still believe that they stand.

        Raises:
            ChannelFailed: they were not told.
        """
        told = [
            self._alert(without_control_signs(alert), now=now)
            for alert in alerts
            if alert.resolved_at is None or now - alert.resolved_at < STANDS_FOR
        ]
        if told:
            _post(self.name, f"{self.url.rstrip('/')}/api/v2/alerts", told)

    def _alert(self, alert: Alert, *, now: datetime) -> dict[str, Any]:
        runbook = place_in_the_runbook(alert.rule)
        return {
            "labels": {
                "alertname": alert.rule.value,
                "subject": alert.subject,
                "severity": alert.severity.value,
                "service": "ketenbalans",
            },
            "annotations": {
                "summary": alert.says,
                "description": remedy_of(alert.rule, alert.subject),
                "runbook_url": f"{self.places.docs}/{runbook}" if self.places.docs else runbook,
            },
            "startsAt": alert.raised_at.isoformat(),
            "endsAt": (alert.resolved_at or now + STANDS_FOR).isoformat(),
            **({"generatorURL": f"{self.places.airflow}/dags/watch"} if self.places.airflow else {}),
        }


def _post(channel: str, url: str, body: Any) -> None:
    import httpx  # noqa: PLC0415 (a tenth of a second that only a webhook needs)

    try:
        httpx.post(url, json=body, timeout=ANSWERS_WITHIN_SECONDS, trust_env=True).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else type(error).__name__
        raise ChannelFailed(channel, str(reason)) from None
