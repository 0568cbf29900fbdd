"""The one command that writes what is generated: it makes and removes exactly what it is to, and nothing else."""

from pathlib import Path

import pytest

from ketenbalans.jobs.pages import generated
from ketenbalans.jobs.pages.contracts import write_pages
from schemas.contracts.command import COMMAND


def test_pages_are_written_whole_and_what_is_none_any_more_is_removed(tmp_path: Path) -> None:
    for name in ("gone.md", "kept.md", "by_hand.txt"):
        (tmp_path / name).write_text("before", encoding="utf-8")
    for _ in range(2):
        write_pages(tmp_path, {"kept.md": "now", "new.md": "é"}, made="*.md")
        found = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
        assert found == {"kept.md": "now", "new.md": "é", "by_hand.txt": "before"}


def test_the_command_is_the_module_and_takes_one_word() -> None:
    assert f"python -m {generated.__name__}" == COMMAND
    for words in (["sell"], ["release", "release"]):
        with pytest.raises(SystemExit, match=rf"usage: {COMMAND} \[release\]"):
            generated.main(words)
