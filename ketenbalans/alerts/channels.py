"""The channels that alerts are sent on: a log, e-mail, a chat's webhook, and Alertmanager.

A channel sends a list of steps, one message each or one digest. Whatever goes wrong with it is its ``ChannelFailed``,
and its call as a whole takes at most ``ANSWERS_WITHIN_SECONDS``; what was not sent is sent at the next look.
"""

import logging
import smtplib
import socket
import ssl
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from ketenbalans.alerts.life import Alert, most_severe_first
from ketenbalans.alerts.message import AlertMessage, Places, digest_of, message_of, trial_message, without_control_signs
from ketenbalans.alerts.runbook import remedy_of, runbook_of
from ketenbalans.alerts.small_counts import without_small_counts
from ketenbalans.alerts.time_limit import Connections, call_within
from schemas.alerts import AlertEvent, AlertStep, Severity

ANSWERS_WITHIN_SECONDS = 10.0
"""The longest that sending one message takes, from looking up the server's name to its last byte."""

IN_AN_ID = 20
"""So many steps are named in a mail's id; of more the first of them, how many there are, and the last."""

STANDS_FOR = timedelta(minutes=15)
"""How long Alertmanager believes that an alert stands without being sent it again: three looks of the DAG."""

logger = logging.getLogger("ketenbalans.alerts")


class ChannelFailed(ConnectionError):
    """A channel could not say; the message names the channel and the reason, and nothing is lost."""

    def __init__(self, channel: str, reason: str, *, somebody_was_reached: bool = False) -> None:
        self.reason = reason
        self.somebody_was_reached = somebody_was_reached
        super().__init__(
            f"alerts could not be sent by {channel} ({reason}); they are sent at the next look. Check its settings "
            "(`ketenbalans settings`) and that the server runs"
        )


class AlertChannel(Protocol):
    """Somewhere to send a step."""

    @property
    def name(self) -> str:
        """What it is called where it is kept what was sent."""

    def send(self, events: Sequence[AlertEvent]) -> None:
        """Send these steps together; a single one by itself.

        Raises:
            ChannelFailed: they were not sent.
        """

    def try_out(self) -> None:
        """Send a message that says that it is a test.

        Raises:
            ChannelFailed: it was not sent.
        """


@dataclass(frozen=True)
class Log:
    """The log of the process: for a task, its log in the Airflow UI."""

    places: Places
    name: str = "log"

    def send(self, events: Sequence[AlertEvent]) -> None:
        """One line per step."""
        for event in map(without_control_signs, events):
            message = message_of(event, self.places)
            is_quiet = event.step is AlertStep.RESOLVED or event.severity is Severity.NOTICE
            logger.log(logging.INFO if is_quiet else logging.WARNING, "%s: %s", message.headline, event.says)

    def try_out(self) -> None:
        """One line."""
        logger.info("%s", trial_message(self.places).headline)


@dataclass(frozen=True)
class Email:
    """Mail through an SMTP server.

    Attributes:
        url: ``smtp://[user:password@]host[:port]`` (STARTTLS when the server offers it) or ``smtps://``.
        sender: the address that it comes from.
        to: who gets it.
        places: where to look further.
        threshold: the disclosure threshold: below it no count leaves the house.
    """

    url: str = field(repr=False)
    sender: str
    to: tuple[str, ...]
    places: Places
    name: str = "e-mail"
    threshold: int = field(kw_only=True)

    def send(self, events: Sequence[AlertEvent]) -> None:
        """One mail. Its Message-ID is that of its steps, so a mail that is sent twice can be recognised as one."""
        self._send(self._mail(events))

    def try_out(self) -> None:
        """One mail."""
        self._send(self._mail_of(trial_message(self.places), f"test.{uuid.uuid4()}"))

    def _send(self, mail: EmailMessage) -> None:
        refused: list[str] = []

        def send(connections: Connections) -> None:
            with self._server(connections) as server:
                refused.extend(server.send_message(mail))

        _call(self.name, send)
        if refused:
            reason = f"{len(refused)} of {len(self.to)} recipients were refused"
            raise ChannelFailed(self.name, reason, somebody_was_reached=True)

    def _mail(self, events: Sequence[AlertEvent]) -> EmailMessage:
        numbers = [event.number_in_ids for event in events]
        of_steps = numbers if len(numbers) <= IN_AN_ID else [*numbers[:IN_AN_ID], f"{len(numbers)}-until-{numbers[-1]}"]
        message = digest_of(_for_outside(events, self.threshold), self.places)
        return self._mail_of(message, f"{'.'.join(of_steps)}.alert")

    def _mail_of(self, message: AlertMessage, message_id: str) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = message.headline
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail["Date"] = format_datetime(datetime.now(UTC))
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "ketenbalans"
        mail["Message-ID"] = f"<{message_id}@{domain}>"
        mail["Importance"] = message.importance
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail

    def _server(self, connections: Connections) -> smtplib.SMTP:
        address = urlsplit(self.url)
        trusted = ssl.create_default_context()
        from_the_start = trusted if address.scheme == "smtps" else None
        server = _Server(address.hostname or "localhost", address.port, connections=connections, tls=from_the_start)
        try:
            server.ehlo()
            if from_the_start is None and server.has_extn("starttls"):
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

    url: str = field(repr=False)
    places: Places
    name: str = "webhook"
    threshold: int = field(kw_only=True)

    def send(self, events: Sequence[AlertEvent]) -> None:
        """One post: a sign and the headline as text, the rest as an attachment."""
        self._post(digest_of(_for_outside(events, self.threshold), self.places))

    def try_out(self) -> None:
        """One post."""
        self._post(trial_message(self.places))

    def _post(self, message: AlertMessage) -> None:
        body = {"text": f"{message.sign} {message.headline}", "attachments": [{"text": message.text}]}
        _post(self.name, self.url, body)


@dataclass(frozen=True)
class Alertmanager:
    """Prometheus' Alertmanager, which groups, mutes and sends by itself, so it is sent everything at every look."""

    url: str = field(repr=False)
    places: Places
    name: str = "alertmanager"
    threshold: int = field(kw_only=True)

    def send_all(self, alerts: Sequence[Alert], *, now: datetime) -> None:
        """Send every alert as it stands, over ones for as long as Alertmanager may still believe that they stand.

        What was held back from the start is not sent. What was sent and is held back now is sent on, with the alert
        that is its reason: Alertmanager calls resolved what it is no longer sent.

        Raises:
            ChannelFailed: they were not sent.
        """
        alerts_now = [
            self._alert(without_control_signs(without_small_counts(alert, threshold=self.threshold)), now=now)
            for alert in most_severe_first(alerts)
            if alert.was_raised and (alert.resolved_at is None or now - alert.resolved_at < STANDS_FOR)
        ]
        if alerts_now:
            self._post(alerts_now)

    def try_out(self) -> None:
        """One alert, ``KetenbalansTest``, that is over after a minute.

        Raises:
            ChannelFailed: it was not sent.
        """
        now, message = datetime.now(UTC), trial_message(self.places)
        labels = {"alertname": "KetenbalansTest", "severity": Severity.NOTICE.value, "service": "ketenbalans"}
        one = {
            "labels": labels,
            "annotations": {"summary": message.headline, "description": message.text},
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(minutes=1)).isoformat(),
        }
        self._post([one])

    def _post(self, alerts_now: list[dict[str, Any]]) -> None:
        _post(self.name, f"{self.url.rstrip('/')}/api/v2/alerts", alerts_now)

    def _alert(self, alert: Alert, *, now: datetime) -> dict[str, Any]:
        annotations = {
            "summary": alert.says,
            "description": remedy_of(alert.rule, alert.subject),
            "runbook_url": runbook_of(alert.rule, self.places.docs),
        }
        if alert.held_back_by is not None:
            annotations["held_back_by"] = alert.held_back_by
        return {
            "labels": {
                "alertname": alert.rule.value,
                "subject": alert.subject,
                "severity": (alert.raised_severity or alert.severity).value,
                "service": "ketenbalans",
            },
            "annotations": annotations,
            "startsAt": alert.raised_at.isoformat(),
            "endsAt": (alert.resolved_at or now + STANDS_FOR).isoformat(),
            **({"generatorURL": self.places.balance} if self.places.balance else {}),
        }


def _for_outside(events: Sequence[AlertEvent], threshold: int) -> list[AlertEvent]:
    return [without_small_counts(event, threshold=threshold) for event in events]


class _Server(smtplib.SMTP):
    """A mail server whose connection is known before anything is said over it, also before the handshake of TLS."""

    def __init__(self, host: str, port: int | None, *, connections: Connections, tls: ssl.SSLContext | None) -> None:
        self._connections, self._tls = connections, tls
        super().__init__(
            host, port or (smtplib.SMTP_PORT if tls is None else smtplib.SMTP_SSL_PORT), timeout=ANSWERS_WITHIN_SECONDS
        )

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._connections.add(connection)
        return connection if self._tls is None else self._tls.wrap_socket(connection, server_hostname=host)


def _post(channel: str, url: str, body: Any) -> None:
    """Post, and wait for the whole answer: who hangs up earlier does not know that it was taken."""
    import httpx  # noqa: PLC0415 (a tenth of a second that only a webhook needs)

    for library in ("httpx", "httpcore"):  # they log each URL, and that of a webhook is its password
        logging.getLogger(library).setLevel(logging.WARNING)

    def post(connections: Connections) -> None:
        def trace(event: str, details: dict[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                connections.add(details["return_value"].get_extra_info("socket"))

        with (
            httpx.Client(timeout=ANSWERS_WITHIN_SECONDS, trust_env=True) as client,
            client.stream("POST", url, json=body, extensions={"trace": trace}) as response,
        ):
            response.raise_for_status()
            for _ in response.iter_raw():  # and thrown away: an answer that has no end fills no memory
                pass

    _call(channel, post)


def _call(channel: str, call: Callable[[Connections], None]) -> None:
    """Make one call of a channel.

    Raises:
        ChannelFailed: whatever went wrong, by the class of the error or the status that a server answered; its text
            may hold the URL with a password.
    """
    try:
        call_within(ANSWERS_WITHIN_SECONDS, call)
    except Exception as error:  # noqa: BLE001 (settings, proxies, certificates, codecs: all of them are the channel's)
        status = getattr(getattr(error, "response", None), "status_code", None)
        raise ChannelFailed(channel, str(status or type(error).__name__)) from None
