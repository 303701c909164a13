"""The page of a protocol as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from playground.protocol.model import EVERYTHING, TRUST
from playground.session.page import Kind, Page, RolePage, model_sentences


def markdown(page: Page) -> str:
    """The whole page; its text needs no signs to be understood, so it can be read as it is."""
    parts = [
        *_doc(page),
        "## Model",
        " ".join(model_sentences(page.model)),
        *_section("Messages", _messages(page)),
        *_section("Inputs, timers and outputs", _others(page)),
        *_section("Properties", _properties(page)),
        *_section("Setup", _setup(page)),
        "## Cost",
        "Of the default workload, in a run without failures:",
        *_costs(page),
        *_section("Known bugs", _bugs(page)),
        *_section("Traitors", _strategies(page)),
        *_section("Scenarios", _scenarios(page)),
        "## Code",
        *(part for role in page.roles for part in _role(role)),
        "## Source",
        _escaped(page.source),
    ]
    return "\n\n".join(parts) + "\n"


def _doc(page: Page) -> Iterator[str]:
    yield f"# {_escaped(page.title)}"
    for label, lines in sections(page.doc):
        body = "  \n".join(map(_escaped, lines))
        yield f"**{label}.** {body}" if label else body


def sections(doc: str) -> Iterator[tuple[str, list[str]]]:
    """What follows the title of a protocol's docstring: paragraphs, and sections whose label stands
    in a column of its own:

    Promise  What it says,
             and more of it.

    Each is its label, or "", and its lines: one, unless they have columns of their own.
    """
    _, _, rest = doc.partition("\n")
    for block in re.split(r"\n\s*\n", rest.strip("\n")):
        if block.strip():
            yield from _labelled(block.splitlines())


def _labelled(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    column = min((len(x) - len(x.lstrip()) for x in lines if x.startswith(" ")), default=0)
    label, texts = "", [""][:0]
    for line in lines:
        head = line[:column].strip()
        if head and (texts or label):
            yield label, _folded_lines(texts)
            label, texts = "", []
        if column and head and re.fullmatch(r"[A-Z]\w*", head):
            label, line = head, line[column:]
        texts.append(line.strip())
    yield label, _folded_lines(texts)


def _folded_lines(lines: list[str]) -> list[str]:
    columns = any(re.search(r"[^\s.:!?]\s{2,}\S", line) for line in lines)
    return lines if columns else [" ".join(lines)]


def _escaped(string: str) -> str:
    return re.sub(r"([*<\\])", r"\\\1", string)


def _cell(string: str) -> str:
    return _escaped(" ".join(string.split())).replace("|", "\\|")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _section(title: str, parts: Iterable[str]) -> list[str]:
    found = list(parts)
    return [f"## {title}", *found] if found else []


def _messages(page: Page) -> Iterator[str]:
    rows = [
        (k.name, k.label, _fields(k), ", ".join(k.sent_by), ", ".join(k.handled_by))
        for k in page.events
        if k.what == "message"
    ]
    if rows:
        yield _table(("Message", "Label", "Fields", "Sent by", "Handled by"), rows)


def _others(page: Page) -> Iterator[str]:
    rows = [
        (k.name, k.what, _fields(k), ", ".join(k.handled_by if k.what != "output" else k.sent_by))
        for k in page.events
        if k.what != "message"
    ]
    if rows:
        yield _table(("Name", "Kind", "Fields", "Of"), rows)


def _fields(kind: Kind) -> str:
    return "; ".join(f"{name}: {type_}" for name, type_ in kind.fields.items())


_WHEN = {"always": "always", "between": "from step to step", "eventually": "eventually"}


def _properties(page: Page) -> Iterator[str]:
    lines = []
    for p in page.properties:
        ids = f" ({', '.join(p.ids)})" if p.ids else ""
        usual = set(p.needs) in (TRUST, EVERYTHING)
        needs = "" if usual else f" It needs {', '.join(p.needs) or 'no assumption'}."
        lines.append(f"- **{p.name}**{ids}, {_WHEN[p.kind]}: {_folded(p.doc)}{needs}")
    if lines:
        yield "\n".join(lines)


def _folded(doc: str) -> str:
    return _escaped(" ".join(doc.split()))


def _setup(page: Page) -> Iterator[str]:
    if page.setup_doc:
        yield _folded(page.setup_doc)
    if page.setup:
        rows = [(p.name, p.type, p.default) for p in page.setup]
        yield _table(("Parameter", "Type", "Default"), rows)


def _costs(page: Page) -> Iterator[str]:
    rows = [
        (c.setup, str(c.messages), "-" if c.delays is None else str(c.delays), str(c.stable_writes))
        for c in page.costs
    ]
    yield _table(("Setup", "Messages", "Delays", "Disk writes"), rows)


def _bugs(page: Page) -> Iterator[str]:
    lines = [
        f"- **{b['name']}**, breaks {', '.join(b['breaks'])}: {_folded(b['doc'])}"
        for b in page.bugs
    ]
    if lines:
        yield "\n".join(lines)


def _strategies(page: Page) -> Iterator[str]:
    lines = [f"- **{s['name']}**, a {s['role']}: {_folded(s['doc'])}" for s in page.strategies]
    if lines:
        lines.append("- **silent**, anybody: It says nothing any more.")
        yield "`corrupt NODE STRATEGY` chooses one. Without, it goes on, and you have its keys."
        yield "\n".join(lines)


def _scenarios(page: Page) -> Iterator[str]:
    if page.scenarios:
        yield "\n".join(f"- {name}: {_escaped(title)}" for name, title in page.scenarios.items())


def _role(role: RolePage) -> Iterator[str]:
    yield f"### {role.name}"
    yield f"```python\n{role.code}\n```"
