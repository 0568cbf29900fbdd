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
"""Style, script and pictures of other servers, which would hear of every look."""

ELSEWHERE = re.compile(r"https?://[^\s\"'<>)]+")

STYLE = """<meta http-equiv="Content-Security-Policy" content="default-src 'self' 'unsafe-inline' data:">
<style>
body { margin: 0 auto; max-width: 80rem; padding: 1rem; font: 16px/1.5 system-ui, Roboto, Arial, sans-serif; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .35rem .6rem; border-bottom: 1px solid #d6dce3; }
th, td { text-align: left; vertical-align: top; } .badge { border: 1px solid #8c98a6; padding: 0 .3rem; }
footer, .modal, #ge-cta-footer, .card:has(.btn-group-toggle), a[data-toggle="collapse"] { display: none; }
</style></head>"""
"""What stands in for the style that is left out; what works only with a script that is left out is not shown, and the
browser is told to ask nothing of others."""

FIRST_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Quality of {name}</title></head>
<body><h1>Quality of {name}</h1>
<p>What the newest check expected of what is stored, and how many rows did not meet it; of numbers, the band they lie
in. No row and no value of one is shown. Earlier results: <code>ketenbalans quality {name} --history</code>.</p>
<ul>{links}</ul></body></html>
"""


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
                shutil.rmtree(self._draft / "static", ignore_errors=True)
                for page in (page for page in self._draft.rglob("*.*") if page.suffix in (".html", ".css")):
                    page.write_text(by_itself(page.read_text(encoding="utf-8")), encoding="utf-8")
                self._list_pages()
                old = self._draft.with_name(f"{self._draft.name}.old")
                if self.site.exists():
                    self.site.rename(old)
                self._draft.rename(self.site)
                shutil.rmtree(old, ignore_errors=True)
        finally:
            shutil.rmtree(self._draft, ignore_errors=True)

    def _list_pages(self) -> None:
        """Write the first page: Great Expectations' own is drawn by a script of another server, and would be empty."""
        pages = sorted(page.relative_to(self._draft) for page in self._draft.rglob("*/*.html"))
        links = "".join(f'<li><a href="{page.as_posix()}">{page.parts[1]}</a></li>' for page in pages)
        page = FIRST_PAGE.format(name=self.site.name, links=links).replace("</head>", STYLE, 1)
        (self._draft / "index.html").write_text(page, encoding="utf-8")


def by_itself(page: str) -> str:
    """A page that asks nothing of another server."""
    return ELSEWHERE.sub("#", ASKS_ELSEWHERE.sub("", page)).replace("</head>", STYLE, 1)
