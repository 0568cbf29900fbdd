"""Which error ends a command with which code.

Every error that a person can do something about is listed here; it is printed in one sentence, without a traceback.
What is not listed is a defect of ours and shows its traceback. Loaded only when a command fails: it knows every part.
"""

from pydantic import ValidationError

from ketenbalans.alerts.channels import ChannelFailed
from ketenbalans.audit.checkpoint import InvalidCheckpoint
from ketenbalans.broker.errors import BrokerError, BrokerRefuses, BrokerUnreachable
from ketenbalans.cli.exits import Exit, NothingKnown
from ketenbalans.figures.published import InvalidRegister
from ketenbalans.figures.series_asked import NoSuchSeries
from ketenbalans.incidents.checks import IngestIncident
from ketenbalans.jobs.audit.checkpoints import AuditBroken
from ketenbalans.jobs.audit.lines import NoJsonLine
from ketenbalans.jobs.balancing.await_balance import BalanceNotMade
from ketenbalans.jobs.balancing.spark_session import SparkDidNotStart, SparkNotInstalled
from ketenbalans.jobs.figures.series import SeriesBroken
from ketenbalans.jobs.linkage.taking import JudgementsRefused
from ketenbalans.jobs.people.sign_in import SignInRefused
from ketenbalans.jobs.release.reading import NoSuchRelease
from ketenbalans.jobs.reporting.refusals import NotReported
from ketenbalans.jobs.servers.addresses import ServiceNotRunning
from ketenbalans.reconciliation.bridge import BalanceDoesNotClose
from ketenbalans.reconciliation.linkage.truth import InvalidTruth
from ketenbalans.release.counts import CountsDiffer
from ketenbalans.release.making import ReleaseRefused
from ketenbalans.settings import SettingsMissing
from ketenbalans.spreadsheet_cells import UnreadableRows
from ketenbalans.stack.backing_up import WarehouseRuns
from ketenbalans.stack.backups import BackupUnusable
from ketenbalans.stack.errors import FolderRefused, KafkaIsOpen, SecretUnusable, StackError
from ketenbalans.telemetry.errors import TelemetryPlaceInvalid
from ketenbalans.whole_files import NotWritten
from producers.errors import ChainKeyMissing, ChainKeyWeak, ProduceError
from schemas.catalogue import UnknownSource
from schemas.decisions import InvalidDecision
from schemas.people import InvalidHandle
from schemas.period import InvalidPeriod
from schemas.policy import InvalidPolicy
from schemas.release import InvalidRelease
from warehouse.errors import InvalidWarehouseUrl, WarehouseError, WarehouseUnreachable

# The first class that an error is an instance of decides, so a special case stands before its general one.
CODES: tuple[tuple[type[Exception], Exit], ...] = (
    (ValidationError, Exit.USAGE),
    (InvalidWarehouseUrl, Exit.USAGE),
    (SettingsMissing, Exit.USAGE),
    (TelemetryPlaceInvalid, Exit.USAGE),
    (SparkNotInstalled, Exit.USAGE),
    (SparkDidNotStart, Exit.OUT_OF_REACH),
    (ChainKeyMissing, Exit.USAGE),
    (ChainKeyWeak, Exit.USAGE),
    (UnknownSource, Exit.USAGE),
    (InvalidPeriod, Exit.USAGE),
    (NoSuchSeries, Exit.USAGE),
    (InvalidPolicy, Exit.USAGE),
    (InvalidRegister, Exit.NO),
    (InvalidDecision, Exit.USAGE),
    (InvalidHandle, Exit.USAGE),
    (ServiceNotRunning, Exit.OUT_OF_REACH),
    (SignInRefused, Exit.NO),
    (BrokerUnreachable, Exit.OUT_OF_REACH),
    (BrokerRefuses, Exit.OUT_OF_REACH),
    (WarehouseUnreachable, Exit.OUT_OF_REACH),
    (FolderRefused, Exit.USAGE),
    (KafkaIsOpen, Exit.USAGE),
    (SecretUnusable, Exit.USAGE),
    (WarehouseRuns, Exit.USAGE),
    (BackupUnusable, Exit.NO),
    (StackError, Exit.OUT_OF_REACH),
    (ChannelFailed, Exit.OUT_OF_REACH),
    (BrokerError, Exit.NO),
    (ProduceError, Exit.NO),
    (WarehouseError, Exit.NO),
    (IngestIncident, Exit.NO),
    (BalanceDoesNotClose, Exit.NO),
    (BalanceNotMade, Exit.NO),
    (NothingKnown, Exit.NO),
    (NotReported, Exit.NO),
    (NoSuchRelease, Exit.NO),
    (ReleaseRefused, Exit.NO),
    (CountsDiffer, Exit.NO),
    (InvalidRelease, Exit.NO),
    (NotWritten, Exit.NO),
    (UnreadableRows, Exit.NO),
    (InvalidTruth, Exit.NO),
    (JudgementsRefused, Exit.REJECTED_IN_PART),
    (SeriesBroken, Exit.NO),
    (InvalidCheckpoint, Exit.NO),
    (NoJsonLine, Exit.NO),
    (AuditBroken, Exit.NO),
)


def exit_code_of(error: Exception) -> Exit | None:
    """The exit code for an error that a person can do something about; None for a defect."""
    return next((code for kind, code in CODES if isinstance(error, kind)), None)
