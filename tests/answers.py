"""Ask the product some forty questions about the scenario `all`, keep every answer, and compare two such folders.

For a change that must change no answer. Before it, and after it, in a checkout of each::

    .venv/bin/python tests/answers.py ask .venv/bin/ketenbalans /tmp/before
    .venv/bin/python tests/answers.py ask .venv/bin/ketenbalans /tmp/after
    .venv/bin/python tests/answers.py compare /tmp/before /tmp/after

It starts a stack of its own without Airflow, publishes the extracts with one chain key, and asks through the command
line alone, so that it runs on a checkout of any age. Of each question it keeps what was printed, what was warned of
and the exit code; of CSV files and reports the bytes, of a spreadsheet its parts, of a PDF the text. Masked are the
moment of asking, the version of the code, the identifiers that Kafka draws for its topics, and the folders; nothing
else.
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from pypdf import PdfReader

CHAIN_KEY = "a key for comparing answers, and for nothing else"
SOURCES = ("police", "om", "kmar", "hotline", "interventions", "investigations", "aggregates")
DAYS = ("2013-03-01", "2013-05-06", "2013-11-30", "2015-01-31", "2015-06-01", "2018-11-16", "2020-04-30")
SERIES = (
    "suspects_delivered --from 2010 --to 2014",
    "suspects_delivered --from 2010 --to 2019",
    "suspects_delivered --from 2010 --to 2019 --segments",
    "hotline_reports --from 2012 --to 2018",
    "hotline_reports --from 2018-H1 --to 2019 --by half-year --segments",
    "share_cases_abuse --from 2015 --to 2019",
    "no_such_measure --from 2015",
)
QUESTIONS = (
    *(
        f"reconcile --period {period} --as-of {day} --json"
        for period, day in (
            ("2012", "2013-03-01"),
            ("2012", "2013-11-30"),
            ("2014", "2015-01-31"),
            ("2014", "2015-06-01"),
            ("2014-Q1", "2015-01-31"),
            ("2014-12", "2015-01-31"),
            ("2018", "2020-04-30"),
            ("2019", "2020-04-30"),
        )
    ),
    "reconcile --period 2014 --as-of 2015-01-31",
    "reconcile --period 2010 --as-of 2015-06-01",
    "reconcile --period 2014",
    "reconcile --period 1850",
    "balance --period 2014 --as-of 2015-01-31 --json",
    "balance --period 2014 --as-of 2015-01-31",
    "balance --period 2013 --as-of 2014-01-31",
    "breaks --json",
    "breaks",
    "breaks --period 2014 --as-of 2015-01-31 --json",
    "breaks --period 2014 --as-of 2015-01-31 --csv {out}/breaks-2014.csv",
    "breaks --period 2014 --cause missing --sort age",
    "restate --period 2012 --from 2013-03-01 --to 2013-11-30",
    "restate --period 2012 --from 2013-03-01 --to 2013-11-30 --json",
    "restate --period 2014 --from 2015-01-31 --to 2015-06-01 --brief",
    "restate --period 2014 --from 2015-01-31 --to 2015-06-01 --json",
    "revisions --from 2014-01 --to 2015-06 --json",
    "revisions --from 2013-01 --to 2013-12 --measure recognised --csv {out}/triangle-2013.csv",
    "verify --json",
    "verify",
    *(f"series {asked}" for asked in SERIES),
    *(f"series {asked} --json" for asked in SERIES),
    "targets",
    "targets --json",
    "focus",
    "focus --json",
    "report --period 2014 --as-of 2015-01-31 --out {out}/report-2014",
    "report --period 2012 --as-of 2013-11-30 --out {out}/report-2012 --lang nl --json",
    "report --period 2014 --as-of 2030-01-31 --out {out}/report-none",
    "published --period 2014 --json",
    "published --document kst-31015-112",
    "quality police --json",
    "quality",
    "alerts --json",
    "deadletters --json",
    "incidents --json",
    "settings",
    "--help",
    *(f"{verb} --help" for verb in ("produce", "reconcile", "breaks", "report", "series", "alerts", "deadletters")),
)
MASKS = (
    (re.compile(r"\b0\.1\.0\+[0-9a-f]{12}\b"), "<code version>"),
    (re.compile(r"20(?:2[5-9]|3\d)-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\+\d\d:?\d\d)?"), "<moment>"),
    (re.compile(r'("topic_id": ?")[A-Za-z0-9_-]{22}"'), r'\1<topic>"'),
    (re.compile(r"\b\d+(?:\.\d+)? (?:ms|s)\b"), "<time>"),
)


def main(arguments: list[str]) -> int:
    """Ask (``ask COMMAND FOLDER``) or compare (``compare FOLDER FOLDER``)."""
    match arguments:
        case ["ask", command, folder]:
            ask(Path(command).absolute(), Path(folder).absolute())
            return 0
        case ["compare", before, after]:
            differences = list(compare(Path(before), Path(after)))
            print("\n".join(differences) or "every answer is the same")  # noqa: T201
            return 1 if differences else 0
    print(__doc__, file=sys.stderr)  # noqa: T201
    return 2


def ask(command: Path, out: Path) -> None:
    """Start a stack, load the scenario, ask every question and keep the answers in ``out``; the stack ends with it."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="answers-") as folder:
        home, extracts = Path(folder, "home"), Path(folder, "extracts")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KETENBALANS_")}
        environment |= {
            "KETENBALANS_HOME": str(home),
            "KETENBALANS_CHAIN_KEY": CHAIN_KEY,
            "KETENBALANS_KAFKA_PORT": "0",
            "COLUMNS": "120",
            "NO_COLOR": "1",
        }
        if "KETENBALANS_CACHE" in os.environ:
            environment["KETENBALANS_CACHE"] = os.environ["KETENBALANS_CACHE"]

        def run(*words: str) -> str:
            done = subprocess.run(
                [command, *words], env=environment, capture_output=True, text=True, check=False, cwd=folder
            )
            return f"$ {' '.join(words)}\n{done.stdout}--- {done.returncode}\n{done.stderr}"

        try:
            run("up", "--no-airflow")
            run("scenario", "all", "--out", str(extracts))
            for day in DAYS:
                for source in SOURCES:
                    files = sorted(str(file) for file in extracts.glob(f"{source}-{day}.*"))
                    if files:
                        _keep(out, f"001 produce {source} {day}", run("produce", source, *files), folder)
            _keep(out, "002 ingest", run("ingest", "--json"), folder)
            _keep(out, "003 rejected", _a_row_that_breaks_its_schema(run, extracts), folder)
            _keep(out, "004 alerts look", run("alerts", "look"), folder)
            for place, question in enumerate(QUESTIONS, start=10):
                name = re.sub(r"\{out\}/|--", "", question)
                words = question.format(out=out / "files").split()
                checkout = str(command.parents[2])
                _keep(out, f"{place:03} {name}"[:120].replace("/", "_"), run(*words), folder, str(out), checkout)
        finally:
            run("down")
    for file in sorted((out / "files").rglob("*")):
        _open(file)


def _a_row_that_breaks_its_schema(run: Callable[..., str], extracts: Path) -> str:
    header, row, *_ = (extracts / "police-2013-03-01.csv").read_text(encoding="utf-8").splitlines()
    broken = extracts / "police-2020-05-01.csv"
    broken.write_text(f"{header}\n{row.replace('PL', 'XX')}\n", encoding="utf-8")
    said = run("produce", "police", str(broken))
    return said + "".join(file.read_text(encoding="utf-8") for file in extracts.glob("*.rejected.csv"))


def _keep(out: Path, name: str, text: str, *folders: str) -> None:
    for folder in folders:
        text = text.replace(folder, "<folder>")
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    (out / f"{name}.txt").write_text(text, encoding="utf-8")


def _open(file: Path) -> None:
    """Put what a compressed file holds in its place, and mask the version of the code, which every report names."""
    version, mask = MASKS[0]
    match file.suffix:
        case ".ods":
            with zipfile.ZipFile(file) as parts:
                texts = {name: parts.read(name).decode("utf-8", "replace") for name in parts.namelist()}
            file.unlink()
        case ".pdf":
            texts = {"pages": "\f".join(page.extract_text() for page in PdfReader(file).pages)}
            file.unlink()
        case ".csv" | ".html" | ".json":
            texts = {"": file.read_bytes().decode("utf-8")}
        case _:
            return
    for name, text in texts.items():
        kept = file.with_name(f"{file.name} {name}".strip().replace("/", "_"))
        kept.write_bytes(version.sub(mask, text).encode("utf-8"))


def compare(before: Path, after: Path) -> Iterator[str]:
    """A line for each file that only one has, and a short difference for each that says something else."""
    ours, theirs = (
        {file.relative_to(folder): file for file in folder.rglob("*") if file.is_file()} for folder in (before, after)
    )
    for name in sorted({*ours, *theirs}):
        if name not in theirs or name not in ours:
            yield f"only {'before' if name in ours else 'after'}: {name}"
        elif ours[name].read_bytes() != theirs[name].read_bytes():
            first, second = (
                file[name].read_text(encoding="utf-8", errors="replace").splitlines() for file in (ours, theirs)
            )
            changed = difflib.unified_diff(first, second, "before", "after", lineterm="", n=0)
            yield "\n".join([f"differs: {name}", *(line[:300] for line in islice(changed, 12))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
