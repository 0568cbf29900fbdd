"""Check the audit chain every night, and sign it when all of it fits."""

from ketenbalans.audit.checkpoint import Checkpoint, InvalidCheckpoint
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.audit.checkpoints import AuditBroken, publish_checkpoint, read_checkpoints, write_checkpoint
from ketenbalans.jobs.audit.lines import NoJsonLine
from ketenbalans.jobs.audit.verify import verify_chain
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.settings import Settings
from schemas.alerts import AUDIT


def check_and_sign(settings: Settings) -> Checkpoint:
    """Verify the chain against the checkpoints in the home, then sign it; gives the new checkpoint.

    Raises:
        AuditBroken: it does not fit; somebody is notified at once, and nothing is signed.
        BrokerUnreachable: it fits and is signed in the home, and Kafka does not answer.
    """
    with warehouse_from(settings) as engine:
        try:
            with incident_kept(engine, AUDIT, AuditBroken):
                try:
                    finding = verify_chain(engine, read_checkpoints(settings.home, None)).finding
                except (InvalidCheckpoint, NoJsonLine) as error:
                    raise AuditBroken(str(error)) from None
                if finding is not None:
                    raise AuditBroken(f"{finding.how}: {finding.says}", mark=f"{finding.how} {finding.entry_number}")
                signed = write_checkpoint(engine, settings.home)
        except AuditBroken:
            watch_now(settings)
            raise
    publish_checkpoint(settings, signed)
    return signed
