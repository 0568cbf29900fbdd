"""What a person meets when something is wrong: a sentence that helps, and its exit code."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ketenbalans.cli.main import run
from ketenbalans.stack.embedded import Addresses
from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.stack

HEADER = (
    "mutatie;registratienummer;volgnummer_verdachte;skn;eenheid;team;datum_aanlevering;kwalificaties;kst;"
    "overgedragen_aan;tijdstip_mutatie"
)
# recorded after all that the other tests of this session ask about: the topics are shared
GOOD = "aangeleverd;PL0900-2017000001;1;SYN-1;PL0900;TBKK;02-12-2017;bezit;N;;2017-12-03T10:00:00+01:00"
BAD = "aangeleverd;PL0900-2017000002;0;SYN-2;PL0900;TBKK;31-02-2017;bezit;N;;2017-12-03T10:00:00+01:00"
NOBODY = "127.0.0.1:9"


@pytest.fixture(scope="module")
def process(
    servers: Addresses, new_warehouse: Callable[[], Engine], tmp_path_factory: pytest.TempPathFactory
) -> CommandLine:
    """The command line on servers that the environment names, as on servers of one's own; each call is a process."""
    url = new_warehouse().url.render_as_string(hide_password=False)
    return CommandLine(
        {
            "KETENBALANS_HOME": str(tmp_path_factory.mktemp("nothing")),
            "KETENBALANS_KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
            "KETENBALANS_WAREHOUSE_URL": url,
            "KETENBALANS_CHAIN_KEY": "a key for the tests, long enough for any",
        }
    )


@pytest.fixture(scope="module")
def ketenbalans(process: CommandLine) -> CommandLine:
    """The same command without a process for each call."""
    return process.here()


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    file = tmp_path / "police-2014-12-31.csv"
    file.write_text(f"{HEADER}\n{GOOD}\n{BAD}\n", encoding="utf-8")
    return file


def test_a_bad_row_is_kept_beside_the_extract_and_the_good_one_is_published(
    process: CommandLine, extract: Path
) -> None:
    ended = process("produce", "police", extract, "--json")
    assert ended.code == 3
    (published,) = ended.json
    assert (published["rows"], published["published"], published["rejected"]) == (2, 1, 1)
    assert published["covers_until"] == "2014-12-31"
    assert [(one["column"], one["rows"]) for one in published["rejected_by"]] == [
        ("datum_aanlevering", 1),
        ("volgnummer_verdachte", 1),
    ]
    rejected = Path(published["reject_file"])
    assert rejected.parent == extract.parent
    line = rejected.read_text(encoding="utf-8").splitlines()[1]
    assert line.startswith("3;volgnummer_verdachte|datum_aanlevering;")
    assert "SYN-2" not in ended.out + ended.err


def test_what_was_published_is_loaded_once_and_counted_twice(ketenbalans: CommandLine, extract: Path) -> None:
    ketenbalans("produce", "police", extract)
    ketenbalans("ingest")
    for _ in range(2):
        ketenbalans("produce", "police", extract)
    loaded = ketenbalans("ingest", "police_deliveries", "police", "--json")
    assert loaded.code == 0, loaded.err
    assert loaded.json["police_deliveries"] == {
        "read": 2,
        "inserted": 0,
        "duplicates": 2,
        "dead_letters": 0,
        "refused": [],
    }
    assert ketenbalans("ingest", "--json").json["police_deliveries"] == {
        "read": 0,
        "inserted": 0,
        "duplicates": 0,
        "dead_letters": 0,
        "refused": [],
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"mutatie;eenheid\naangeleverd;PL0900\n", "registratienummer"),
        (f"{HEADER}\n".encode() + b"\xff\xfe\n", "UTF-8"),
        (b"", "header"),
    ],
    ids=["a column is missing", "wrong encoding", "empty"],
)
def test_a_file_that_is_no_extract_publishes_nothing(
    ketenbalans: CommandLine, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "police-2014-12-31.csv"
    file.write_bytes(content)
    ketenbalans("ingest")
    ended = ketenbalans("produce", "police", file)
    assert ended.code == 1
    assert said in ended.err
    assert file.name in ended.err
    assert {name: one["read"] for name, one in ketenbalans("ingest", "--json").json.items() if one["read"]} == {}


def test_of_several_files_each_has_its_own_fate(ketenbalans: CommandLine, extract: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "a [wrong] one.csv"
    wrong.write_text("mutatie\n", encoding="utf-8")
    rejected = tmp_path / "old.rejected.csv"
    rejected.write_text("line;column;rule;row\n", encoding="utf-8")
    ended = ketenbalans("produce", "police", wrong, rejected, extract, "--json")
    assert ended.code == 1
    assert [Path(one["file"]).name for one in ended.json] == [extract.name]
    assert "a [wrong] one.csv" in ended.err
    assert "passed over" in ended.err


def test_what_is_wrong_with_one_file_keeps_no_other_one_back_and_each_is_reported(
    ketenbalans: CommandLine, tmp_path: Path
) -> None:
    not_utf8, of_no_year, clean = (tmp_path / f"{name}-2014-12-31.csv" for name in ("cp1252", "year", "clean"))
    not_utf8.write_bytes(f"{HEADER}\n{GOOD}\n".replace("bezit", "bezit\xe9").encode("cp1252"))
    impossible = GOOD.replace("2017-12-03T10:00:00+01:00", "9999-12-31T23:59:59-01:00")
    of_no_year.write_text(f"{HEADER}\n{GOOD}\n{impossible}\n", encoding="utf-8")
    clean.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    ended = ketenbalans("produce", "police", not_utf8, of_no_year, clean, "--json")
    assert ended.code == 1
    assert not_utf8.name in ended.err
    assert [(Path(one["file"]), one["published"], one["rejected"]) for one in ended.json] == [
        (of_no_year, 1, 1),
        (clean, 1, 0),
    ]
    (by,) = ended.json[0]["rejected_by"]
    assert by == {"column": "tijdstip_mutatie", "rule": "lies between 1990-01-01 and 2199-12-31", "rows": 1}
    assert ketenbalans("produce", "police", of_no_year).code == 3


def test_every_extract_has_a_reject_file_of_its_own_and_a_clean_one_touches_none(
    ketenbalans: CommandLine, tmp_path: Path
) -> None:
    november, december = tmp_path / "police.2014-11-30", tmp_path / "police.2014-12-31"
    november.write_text(f"{HEADER}\n{BAD}\n", encoding="utf-8")
    december.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    one, other = ketenbalans("produce", "police", november, december, "--json").json
    assert other["reject_file"] is None
    kept = Path(one["reject_file"])
    assert kept.name == f"{november.name}.{one['extract_id'][:8]}.rejected.csv"
    assert kept.exists()


def test_rows_that_are_all_rejected_are_kept_and_their_moment_says_until_when(
    ketenbalans: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "police.csv"
    file.write_text(f"{HEADER}\n{BAD}\n", encoding="utf-8")
    ended = ketenbalans("produce", "police", file, "--json")
    assert ended.code == 3
    assert ended.json[0]["covers_until"] == "2017-12-03"
    assert Path(ended.json[0]["reject_file"]).exists()


def test_a_policy_is_part_of_the_question(ketenbalans: CommandLine, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    own = (Path(__file__).parents[2] / "policy.toml").read_text(encoding="utf-8")
    other.write_text(own.replace("transit_allowance_days = 60", "transit_allowance_days = 7"), encoding="utf-8")
    question = ("reconcile", "--period", "2017", "--as-of", "2017-12-31", "--json")
    assert ketenbalans("ingest").code == 0
    causes = [ketenbalans(*question, *policy).json["causes"] for policy in ((), ("--policy", other), ())]
    assert [(cause["in_transit"], cause["missing"]) for cause in causes] == [(1, 0), (0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KETENBALANS_KAFKA_PORT", "many"),
        ("KETENBALANS_WAREHOUSE_URL", "nonsense"),
        ("KETENBALANS_WAREHOUSE_URL", "mysql://a-user:a-password@host/name"),
    ],
)
def test_a_setting_that_is_wrong_is_named(ketenbalans: CommandLine, variable: str, value: str) -> None:
    ended = ketenbalans.with_(**{variable: value})("reconcile")
    assert ended.code == 2
    assert variable in ended.err
    assert "Traceback" not in ended.err
    assert "a-password" not in ended.err


def test_without_a_chain_key_nothing_starts(ketenbalans: CommandLine, extract: Path) -> None:
    ended = ketenbalans.without("KETENBALANS_CHAIN_KEY")("produce", "police", extract)
    assert ended.code == 2
    assert "KETENBALANS_CHAIN_KEY" in ended.err


@pytest.mark.parametrize("verb", [("produce", "police"), ("ingest",)], ids=lambda verb: verb[0])
def test_a_broker_that_does_not_answer(process: CommandLine, extract: Path, verb: tuple[str, ...]) -> None:
    file = [extract] if verb[0] == "produce" else []
    ended = process.with_(KETENBALANS_KAFKA_BOOTSTRAP=NOBODY)(*verb, *file)
    assert ended.code == 4
    assert NOBODY in ended.err
    assert "ketenbalans up" in ended.err


@pytest.mark.parametrize("verb", ["ingest", "reconcile"])
def test_a_database_that_does_not_answer(ketenbalans: CommandLine, verb: str) -> None:
    url = f"postgresql+psycopg://somebody:a-password@{NOBODY}/ketenbalans"
    ended = ketenbalans.with_(KETENBALANS_WAREHOUSE_URL=url)(verb)
    assert ended.code == 4
    assert "127.0.0.1:9/ketenbalans" in ended.err
    assert "a-password" not in ended.err


def test_without_any_server_the_message_says_how_to_start_one(process: CommandLine, extract: Path) -> None:
    bare = process.without("KETENBALANS_KAFKA_BOOTSTRAP", "KETENBALANS_WAREHOUSE_URL")
    for arguments in (("produce", "police", extract), ("ingest",), ("reconcile",)):
        ended = bare(*arguments)
        assert ended.code == 4, ended.err
        assert "ketenbalans up" in ended.err


def test_a_question_about_nothing_is_answered_with_no(
    ketenbalans: CommandLine, new_warehouse: Callable[[], Engine]
) -> None:
    empty = new_warehouse().url.render_as_string(hide_password=False)
    ended = ketenbalans.with_(KETENBALANS_WAREHOUSE_URL=empty)("reconcile")
    assert ended.code == 1
    assert "--as-of" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("reconcile", "--period", "2014-13"),
        ("reconcile", "--as-of", "31-01-2015"),
        ("produce", "nobody", "pyproject.toml"),
        ("ingest", "nobody"),
        ("scenario", "1914", "--out", "nowhere"),
        ("reconcile", "--policy", "no-such-file.toml"),
        ("reconcile", "--period", "9999"),
        ("scenario", "2014", "--out", "/dev/null/nowhere"),
        ("produce", "police", "pyproject.toml", "--covers-until", "1980-01-01"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two(
    ketenbalans: CommandLine,
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in ketenbalans.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["ketenbalans", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_status_names_the_servers_that_are_used(process: CommandLine, servers: Addresses) -> None:
    state = process("status", "--json").json
    assert state["kafka"] == {"state": "running", "bootstrap": servers.kafka_bootstrap}
    assert state["warehouse"]["state"] == "running"
    assert state["airflow"]["state"] == "stopped"


@pytest.mark.parametrize("place", ["a file", "nobody"])
def test_ingest_and_reconcile_by_hand_send_lineage(
    process: CommandLine, servers: Addresses, tmp_path: Path, place: str
) -> None:
    """As the DAGs do; where nobody listens there is a warning, and the work is done."""
    file = tmp_path / "events.jsonl"
    by_hand = process.with_(KETENBALANS_LINEAGE=f"file:{file}" if place == "a file" else f"http://{NOBODY}")
    loaded, balanced = by_hand("ingest", "om"), by_hand("reconcile", "--period", "2012", "--as-of", "2013-01-31")
    assert (loaded.code, balanced.code) == (0, 0), loaded.err + balanced.err
    if place == "nobody":
        assert "not all lineage of ingest_om_registrations arrived" in loaded.err
        assert "not all lineage of reconcile arrived" in balanced.err
        return
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    runs = [(event["job"]["name"], event["eventType"]) for event in events]
    jobs = ("ingest_om_registrations", "reconcile")
    assert runs == [(job, step) for job in jobs for step in ("START", "COMPLETE")]
    (read,), (written,) = events[1]["inputs"], events[3]["outputs"]
    assert (read["namespace"], read["name"]) == (f"kafka://{servers.kafka_bootstrap}", "om.registrations")
    assert written["name"].endswith(".public.balance")
    assert written["outputFacets"]["outputStatistics"]["rowCount"] == 1
