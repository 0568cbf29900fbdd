"""The channels that the settings name, and whether each of them works."""

from collections.abc import Mapping
from typing import Any

from ketenbalans.alerts.channels import AlertChannel, Alertmanager, Email, Log, Webhook
from ketenbalans.alerts.message import Places
from ketenbalans.jobs.pages.navigation import PAGES
from ketenbalans.jobs.watching.alert_sending import failure_of
from ketenbalans.settings import Settings, SettingsMissing
from ketenbalans.stack.embedded import addresses

SET_BY = (
    "KETENBALANS_SMTP_URL with KETENBALANS_ALERTS_TO",
    "KETENBALANS_WEBHOOK_URL",
    "KETENBALANS_ALERTMANAGER_URL",
)
"""Which settings name a channel, in the order of ``channels_of``; the log needs none."""


def channels_of(settings: Settings) -> tuple[list[AlertChannel], Alertmanager | None]:
    """The channels that the settings name; the log is always one.

    Raises:
        SettingsMissing: a mail server is set and nobody who gets the mail, or there is no policy file.
        InvalidPolicy: the policy has no disclosure threshold.
    """
    embedded = addresses(settings.home)
    airflow = settings.airflow_url or (embedded.airflow_url if embedded else None)
    texts = f"{airflow.rstrip('/')}{PAGES}" if airflow else None  # Airflow shows the texts of the project too
    places = Places(airflow=airflow, docs=settings.docs_url or texts)
    threshold = settings.read_disclosure_policy().threshold
    channels: list[AlertChannel] = [Log(places)]
    if settings.smtp_url is not None:
        if not settings.alerts_to:
            message = "KETENBALANS_SMTP_URL is set and KETENBALANS_ALERTS_TO is not: say who gets the mail"
            raise SettingsMissing(message)
        to = tuple(address.strip() for address in settings.alerts_to.split(","))
        channels.append(
            Email(settings.smtp_url.get_secret_value(), settings.alerts_from, to, places, threshold=threshold)
        )
    if settings.webhook_url is not None:
        channels.append(Webhook(settings.webhook_url.get_secret_value(), places, threshold=threshold))
    url = settings.alertmanager_url
    alertmanager = None if url is None else Alertmanager(url.get_secret_value(), places, threshold=threshold)
    return channels, alertmanager


def try_channels(settings: Settings) -> list[Mapping[str, Any]]:
    """Send one test message by every channel, each whatever became of the others.

    Returns:
        Per channel ``channel``, ``works`` and ``error`` (``ChannelFailed``, or None).

    Raises:
        SettingsMissing: a mail server is set and nobody who gets the mail.
    """
    channels, alertmanager = channels_of(settings)
    tried: list[AlertChannel | Alertmanager] = [*channels, *([] if alertmanager is None else [alertmanager])]
    failures = [(one.name, failure_of(one.name, one.try_out, is_logged=False)) for one in tried]
    return [{"channel": name, "works": failure is None, "error": failure} for name, failure in failures]
