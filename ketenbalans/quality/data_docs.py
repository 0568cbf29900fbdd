"""The data docs of Great Expectations as a site: whole or not at all, and asking nothing of other servers."""

import re
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

ASKS_ELSEWHERE = re.compile(
    r"""<script\b[^>]*\bsrc=["']https?:[^>]*>\s*</script>|<(?:link|img)\b[^>]*\b(?:href|src)=["']https?:[^>]*>""",
    re.IGNORECASE,
)
"""Style, script and pictures of other servers, which would learn of every visit."""

ELSEWHERE = re.compile(r"https?://[^\s\"'<>)]+")

STYLE = """<meta http-equiv="Content-Security-Policy" content="default-src 'self' 'unsafe-inline' data:">
<style>
:root { color-scheme: light dark; }
body, .container, .card, .card-body, .list-group, nav, ol, th, td, tr {
  background: Canvas !important; color: CanvasText !important; }
body { margin: 0 auto; max-width: 80rem; padding: 1rem; font: 16px/1.5 system-ui, Roboto, Arial, sans-serif;
  overflow-wrap: break-word; }
a { color: LinkText !important; }
nav, header, .navbar, .sticky-top { height: auto !important; position: static !important; }
table { border-collapse: collapse; width: auto; display: block; max-width: 100%; overflow-x: auto; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid GrayText; text-align: left; vertical-align: top; }
.badge { border: 1px solid GrayText; padding: 0 .3rem; }
footer, .modal, #ge-cta-footer, .card:has(.btn-group-toggle), a[data-toggle="collapse"] { display: none; }
</style></head>"""
"""What stands in for the style that is left out, in the colours that the reader's system chose; what works only with a
script that is left out is not shown, and the browser is instructed to ask nothing of others."""

NUMBERS = "_numbers"
"""What the name of a suite of numbers ends with; the one of rows has the name of its table."""


class DocsFolder:
    """A folder to build a site in, which takes the place of the one that is there when it is whole."""

    def __init__(self, site: Path) -> None:
        self.site = site

    def __enter__(self) -> Path:
        """Give an empty folder beside the site."""
        self.site.parent.mkdir(parents=True, exist_ok=True)
        self._draft = Path(tempfile.mkdtemp(prefix=f".{self.site.name}.", dir=self.site.parent))
        return self._draft

    def __exit__(self, failed: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        """Put the site in its place; when the building failed, leave the one that is there."""
        try:
            if failed is None:
                old = self._draft.with_name(f"{self._draft.name}.old")
                if self.site.exists():
                    self.site.rename(old)
                self._draft.rename(self.site)
                shutil.rmtree(old, ignore_errors=True)
        finally:
            shutil.rmtree(self._draft, ignore_errors=True)


def pages_of(folder: Path) -> list[dict[str, str]]:
    """The pages of a site that was built, each asking nothing of others: ``about`` and ``href``.

    Great Expectations' own first page is drawn by a script of another server, and would be empty: it goes.
    """
    shutil.rmtree(folder / "static", ignore_errors=True)
    (folder / "index.html").unlink(missing_ok=True)
    for file in folder.rglob("*.html"):
        file.write_text(by_itself(file.read_text(encoding="utf-8")), encoding="utf-8")
    results = sorted((folder / "validations").rglob("*.html"))
    return [{"about": _about(page), "href": page.relative_to(folder).as_posix()} for page in results]


def _about(page: Path) -> str:
    return (
        "every number and its band"
        if page.stem.endswith(NUMBERS)
        else "every expectation, and the rows that do not meet it"
    )


def by_itself(page: str) -> str:
    """A page that asks nothing of another server."""
    return ELSEWHERE.sub("#", ASKS_ELSEWHERE.sub("", page)).replace("</head>", STYLE, 1)
