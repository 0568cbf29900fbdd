"""What a folder of backups is: the chain that each rests on, and every file as it was written."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.stack.backups import Backup, BackupUnusable, backups_in, chain_to, check

BEGAN = datetime(2015, 1, 31, 3, tzinfo=UTC)


def backup(to: Path, number: int, after: str | None = None) -> Backup:
    kind = "base" if after is None else "incremental"
    return Backup(
        folder=to / f"{number:04}-{kind}",
        number=number,
        kind=kind,
        after=after,
        system="7",
        began=BEGAN + timedelta(days=number),
        ended=BEGAN + timedelta(days=number, minutes=1),
        checkpoint=number or None,
    )


def written(made: Backup, files: dict[str, bytes]) -> Backup:
    """A backup on disk as PostgreSQL writes one: its files, its log, and a manifest that signs itself."""
    for path, content in {**files, "pg_wal/000000010000000000000001": b"log"}.items():
        file = made.data / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    listed = [
        {"Path": path, "Size": len(content), "Checksum": hashlib.sha256(content).hexdigest()}
        for path, content in files.items()
    ]
    text = '{ "PostgreSQL-Backup-Manifest-Version": 2,\n"Files": ' + json.dumps(listed) + ",\n"
    signed = hashlib.sha256(text.encode()).hexdigest()
    made.manifest.write_text(f'{text}"Manifest-Checksum": "{signed}"}}\n')
    (made.folder / "backup.json").write_text(json.dumps(made.to_json()))
    return made


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_chain_begins_with_a_base_and_each_rests_on_the_one_before(bases: list[bool]) -> None:
    to, known = Path("/b"), list[Backup]()
    for number, is_base in enumerate(bases, start=1):
        known.append(backup(to, number, None if is_base or not known else known[-1].folder.name))
    for last in known:
        chain = chain_to(last, known[::-1])
        assert chain[0].kind == "base"
        assert chain[-1] == last
        assert [one.after for one in chain[1:]] == [one.folder.name for one in chain[:-1]]
        assert sum(one.kind == "base" for one in chain) == 1


def test_a_chain_with_a_gap_names_what_is_missing() -> None:
    base, last = backup(Path("/b"), 1), backup(Path("/b"), 3, "0002-incremental")
    with pytest.raises(BackupUnusable, match="0003-incremental rests on 0002-incremental, which is not in /b"):
        chain_to(last, [base, last])


def test_what_was_broken_off_is_no_backup_and_notes_come_back_as_they_were(tmp_path: Path) -> None:
    assert backups_in(tmp_path / "none") == []
    (tmp_path / "0002-base").mkdir()
    made = [written(backup(tmp_path, number), {"a": b"x"}) for number in (3, 1)]
    assert backups_in(tmp_path) == made[::-1]
    (made[0].folder / "backup.json").write_text("{}")
    with pytest.raises(BackupUnusable, match=r"backup.json cannot be read \(KeyError\); remove"):
        backups_in(tmp_path)


FILES = {"base/1/2": b"pages", "global/pg_control": b"control"}


def test_a_backup_as_it_was_written_is_sound(tmp_path: Path) -> None:
    check(written(backup(tmp_path, 1), FILES))


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("base/1/2", b"pagez", "base/1/2 was changed"),
        ("base/1/2", b"page", "base/1/2 has 4 bytes, and had 5"),
        ("base/1/2", None, "base/1/2 is missing"),
        ("base/1/3", b"", "base/1/3 is in no manifest"),
        ("pg_wal/000000010000000000000001", None, "its write-ahead log is missing"),
        ("backup_manifest", b"{}", "backup_manifest cannot be read"),
        ("backup_manifest", None, "backup_manifest cannot be read"),
    ],
)
def test_whatever_changed_is_named(tmp_path: Path, path: str, content: bytes | None, says: str) -> None:
    made = written(backup(tmp_path, 1), FILES)
    if content is None:
        (made.data / path).unlink()
    else:
        (made.data / path).write_bytes(content)
    with pytest.raises(BackupUnusable, match=says):
        check(made)


def test_a_manifest_that_was_mended_to_fit_is_found(tmp_path: Path) -> None:
    made = written(backup(tmp_path, 1), FILES)
    (made.data / "base/1/2").write_bytes(b"other")
    was, now = (hashlib.sha256(one).hexdigest() for one in (b"pages", b"other"))
    made.manifest.write_text(made.manifest.read_text().replace(was, now))
    with pytest.raises(BackupUnusable, match="backup_manifest was changed"):
        check(made)
