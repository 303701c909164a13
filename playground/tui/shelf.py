"""What the menu offers: protocols and scenarios by family, each with a line about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from playground.session import comparisons, scenario, scenarios, shelves
from playground.session.cells import Line, line, prose, visible
from playground.session.errors import BadInput
from playground.session.journal import Left, left
from playground.session.scenario import Scenario
from playground.tui.story import paragraphs, promise

RESUME = ":resume"

FAMILIES = (
    "impossibility",
    "consensus",
    "commit",
    "synchronous",
    "detectors",
    "leases",
    "registers",
    "broadcast",
    "groups",
    "replication",
    "byzantine",
    "available",
    "coordination",
    "compare",
)
"""In the order in which lectures come to them; others follow."""


@dataclass(frozen=True)
class Book:
    """One thing to open; `kind` is "protocol", "scenario", "comparison" or "continue".

    `protocol` is the name of the one that it is, or plays; `more` what it is also found by.
    """

    kind: str
    name: str
    family: str
    title: str
    about: str
    protocol: str = ""
    more: str = ""

    def fits(self, words: str) -> bool:
        """Does every word stand somewhere in it?"""
        told = (self.name, self.title, self.about, self.kind, self.protocol, self.more)
        text = " ".join(told).lower()
        return all(word in text for word in words.lower().split())


def books() -> list[Book]:
    """Continue first, when a journal is left; then families, each protocol with its scenarios."""
    found: list[Book] = []
    if (journal := left()) is not None:
        found.append(_continue(journal))
    titles = shelves.titles()
    protocols = [_protocol(name, titles.get(name, "")) for name in shelves.names()]
    lessons = [_scenario(name) for name in scenarios.names()]
    for family in sorted({b.family for b in (*protocols, *lessons)}, key=_rank):
        own = [b for b in lessons if b.family == family]
        for protocol in (b for b in protocols if b.family == family):
            found += [protocol, *(b for b in own if b.protocol == protocol.name)]
        found += [b for b in own if b not in found]
    return [*found, *map(_comparison, comparisons.names())]


def _rank(family: str) -> tuple[int, str]:
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES), family


def _continue(journal: Left) -> Book:
    steps = f"{journal.steps} command{'s' if journal.steps != 1 else ''} so far"
    return Book("continue", RESUME, "", f"Continue: {journal.title}", steps)


def _protocol(name: str, title: str) -> Book:
    return Book("protocol", name, name.split("/")[0], name.split("/")[-1], title, name)


def _scenario(name: str) -> Book:
    """Without reading the file as TOML: there are a hundred before the menu is there."""
    source = scenarios.find(name).read_text(encoding="utf-8", errors="replace")
    title, lesson, protocol = (_key(source, key) for key in ("title", "lesson", "protocol"))
    seeds = re.search(r"^seeds\s*=\s*\[([^\]]*)", source, re.MULTILINE)
    end = source.partition("\n[end]\n")[2]
    more = f"{seeds.group(1) if seeds else ''} {end}"
    return Book("scenario", name, name.split("/")[0], title or name, lesson, protocol, more)


def _comparison(name: str) -> Book:
    source = comparisons.find(name).read_text(encoding="utf-8", errors="replace")
    title, lesson = _key(source, "title"), _key(source, "lesson")
    more = " ".join(["side by side", *re.findall(r'"([a-z]+/\w+)"', source)])
    return Book("comparison", f"compare/{name}", "compare", title or name, lesson, more=more)


def _key(source: str, key: str) -> str:
    match = re.search(rf'^{key}\s*=\s*"((?:[^"\\]|\\.)*)"', source, re.MULTILINE)
    return match.group(1).replace('\\"', '"') if match else ""


@cache
def preview(book: Book) -> tuple[Line, ...]:
    """What is told of a book beside the list."""
    if book.kind == "continue":
        return (
            line((visible(book.title), "strong")),
            (),
            line(f"The last session was left with {book.about}. Go on where it was."),
        )
    if book.kind == "protocol":
        return tuple(_about_protocol(book))
    if book.kind == "comparison":
        return tuple(_about_comparison(book))
    try:
        return tuple(_about_scenario(book, scenario.load(scenarios.find(book.name)).scenario))
    except BadInput as error:
        return (line(("✗ ", "bad"), visible(str(error))),)


def _about_protocol(book: Book) -> list[Line]:
    from playground.session.catalog import load

    try:
        protocol = load(book.name)
    except BadInput as error:
        return [line(("✗ ", "bad"), visible(str(error)))]
    roles = ", ".join(role.__name__ for role in protocol.roles)
    head = [line((book.name, "strong")), line((roles, "dim")), (), prose(protocol.title)]
    return head + promise(protocol)


def _about_comparison(book: Book) -> list[Line]:
    from playground.session.compare import SideBySide

    try:
        found = SideBySide(comparisons.find(book.name)).comparison
    except BadInput as error:
        return [line(("✗ ", "bad"), visible(str(error)))]
    lines = [line((visible(found.title), "strong")), line((book.name, "dim"))]
    lines += [(), *paragraphs(found.lesson), (), line(("Side by side:", "dim"))]
    for lane in found.lane:
        lines.append(
            line(("  ", ""), (visible(lane.name), "strong"), (f"  {lane.protocol}", "dim"))
        )
    if found.seeds:
        lines += [(), line(("from ", "dim"), visible(", ".join(found.seeds)))]
    lines.append(line(("script ", "dim"), f"{len(found.step)} steps"))
    return lines


def _about_scenario(book: Book, found: Scenario) -> list[Line]:
    lines = [line((visible(found.title), "strong")), line((book.name, "dim"))]
    lines += [(), *paragraphs(found.lesson), ()]
    setup = ", ".join(f"{k} = {v}" for k, v in found.setup.items())
    lines.append(
        line(("plays ", "dim"), found.protocol, (f" with {setup}" if setup else "", "dim"))
    )
    if found.seeds:
        lines.append(line(("from ", "dim"), visible(", ".join(found.seeds))))
    count = len(found.step)
    lines.append(line(("script ", "dim"), f"{count} step{'s' if count != 1 else ''}"))
    if found.step:
        lines += [(), line(("It begins:", "dim"))]
        lines += paragraphs(found.step[0].say)
        lines += [line(("  ", ""), (visible(each), "code")) for each in found.step[0].do[:6]]
    if found.end:
        ends = ", ".join(f"{k} = {v}" for k, v in list(found.end.items())[:6])
        lines += [(), line(("It ends with ", "dim"), visible(ends))]
    return lines
