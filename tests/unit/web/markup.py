"""A page as a browser takes it apart: its text, its links, its forms, and what refers to what."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

REFERS = ("aria-labelledby", "aria-describedby", "for", "list")
VOID = {"input", "meta", "link", "img", "br", "hr"}
BLOCKS = {"dd", "dt", "li", "p", "td", "th"}
TYPED = {"input", "select", "textarea"}


@dataclass
class Form:
    """A form: where it is sent, and what it sends when nobody touches it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Markup(HTMLParser):
    """A page, taken apart.

    Attributes:
        text: what a person reads.
        tags: every element's name, in order.
        ids: every id, in order.
        referred: the ids that something on the page refers to.
        links: the address of each link, with its text.
        forms: in order.
        unlabelled: the names of fields to type into that stand in no label and refer to none.
        unclosed: elements that were opened and not closed, or closed in the wrong place.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.referred: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.unlabelled: list[str] = []
        self.unclosed: list[str] = []
        self._open: list[str] = []
        self._select = ""
        self._labelled: set[str] = set()
        self._fields: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()
        self.unclosed += self._open
        self.unlabelled = [name for name, known_as in self._fields if known_as not in self._labelled]

    @property
    def posts(self) -> list[Form]:
        """The forms that decide something."""
        return [one for one in self.forms if one.method == "post"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        self.referred.update(one for name in REFERS for one in given.get(name, "").split())
        if tag == "a" and "href" in given:
            self.links.append((given["href"], ""))
            self.referred.update([given["href"][1:]] if given["href"].startswith("#") else [])
        if tag == "label" and "for" in given:
            self._labelled.add(given["for"])
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        self._take_field(tag, given)

    def _take_field(self, tag: str, given: dict[str, str]) -> None:
        if tag == "option" and self.forms and ("selected" in given or self._select not in self.forms[-1].fields):
            self.forms[-1].fields[self._select] = given.get("value", "")
        if tag == "select":
            self._select = given.get("name", "")
        if tag in TYPED and given.get("type") != "hidden" and "label" not in self._open and "aria-label" not in given:
            self._fields.append((given.get("name", ""), given.get("id")))
        if (
            tag == "input"
            and self.forms
            and "name" in given
            and given.get("type") not in ("checkbox", "radio", "submit")
        ):
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.text += " " if tag in BLOCKS else ""
        if not self._open or self._open.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.links and self._open and "a" in self._open:
            address, text = self.links[-1]
            self.links[-1] = (address, text + data)
