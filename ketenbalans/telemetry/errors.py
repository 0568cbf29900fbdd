"""What can be wrong with where lineage and metrics are sent. No message holds an address, which may be secret."""


class TelemetryPlaceInvalid(ValueError):
    """A setting names no place that lineage or metrics can be sent to; nothing was begun."""
