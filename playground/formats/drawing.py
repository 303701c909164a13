"""The space-time diagram of a run, as text and as SVG.

The text is what stands on the screen.  The SVG has room for what a line of text has not: an arrow
begins where its message was sent, and so slants the more, the longer it was under way.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from playground.protocol import Pid
from playground.session.cells import plain, visible, width
from playground.session.diagram import Chronicle, Lanes, Moment, diagram_line, note_of
from playground.session.session import Session
from playground.session.view import say

PITCH, ROW, LEFT, TOP = 130, 30, 70, 60
"""Of lanes and rows, and where the first of each stands, in pixels."""

LETTER = 7.3
"""Pixels that a letter takes, at most."""

STYLE = """\
    svg { background: #fbfbf8;
      font: 12px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
    text { fill: #1c1f24; }
    .title, .name { font-weight: bold; }
    .dim { fill: #6b7078; }
    .lane { stroke: #9aa0a8; }
    .down { stroke: #9aa0a8; stroke-dasharray: 2 5; }
    .arrow { stroke: #2f5d9b; fill: none; }
    .flying { stroke: #2f5d9b; stroke-dasharray: 5 4; fill: none; }
    .lost { stroke: #b3261e; fill: none; }
    .cut { fill: #8a6100; fill-opacity: 0.08; }
    .band { stroke: #8a6100; stroke-dasharray: 8 3; }
    .dot { fill: #2f5d9b; stroke: #2f5d9b; }
    .ring { fill: #fbfbf8; stroke: #2f5d9b; }
    .sign { fill: #b3261e; font-weight: bold; }
    .halo { paint-order: stroke; stroke: #fbfbf8; stroke-width: 4px; }
    @media (prefers-color-scheme: dark) {
      svg { background: #14171c; }
      text { fill: #e4e6ea; }
      .dim { fill: #9aa0a8; }
      .lane, .down { stroke: #5a616b; }
      .arrow, .flying { stroke: #7aa2d8; }
      .lost { stroke: #ff6b6b; }
      .cut { fill: #e6c07b; }
      .band { stroke: #e6c07b; }
      .dot { fill: #7aa2d8; stroke: #7aa2d8; }
      .ring { fill: #14171c; stroke: #7aa2d8; }
      .sign { fill: #ff6b6b; }
      .halo { stroke: #14171c; }
    }
"""


def as_text(session: Session, columns: int = 120) -> str:
    """A line for each step that led to the present moment, under the names of the nodes."""
    chronicle = Chronicle(session)
    lanes = Lanes.fit(session.world.rules.pids, columns, session.state.step)
    rows = [lanes.head()]
    rows += [diagram_line(lanes, chronicle[n], 0) for n in range(1, session.state.step + 1)]
    return "".join(f"{visible(plain(row)).rstrip()}\n" for row in rows)


def as_svg(session: Session, title: str) -> str:
    """A picture that loads nothing and runs nothing, for light and dark pages."""
    drawing = _Drawing(session)
    body = "\n".join(f"  {part}" for part in drawing.parts())
    size = f'width="{drawing.width}" height="{drawing.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawing.width} {drawing.height}" role="img">\n'
        f"  <title>{escape(visible(title))}</title>\n"
        f"  <style>\n{STYLE}  </style>\n"
        '  <defs><marker id="head" markerWidth="9" markerHeight="8" refX="12" refY="4" '
        'orient="auto"><path d="M0 0 L9 4 L0 8 z" class="dot"/></marker></defs>\n'
        f"  {_text(LEFT - 40, 20, title, 'title')}\n{body}\n</svg>\n"
    )


class _Drawing:
    def __init__(self, session: Session) -> None:
        self.session = session
        chronicle = Chronicle(session)
        self.moments = [chronicle[n] for n in range(1, session.state.step + 1)]
        self.pids = session.world.rules.pids
        self.notes = LEFT + len(self.pids) * PITCH - PITCH // 2 + 20
        longest = max((width(_note(m)) for m in self.moments), default=0)
        self.width = round(self.notes + longest * LETTER + 20)
        self.height = TOP + ROW * (len(self.moments) + 2)

    def x(self, pid: Pid) -> int:
        return LEFT + self.pids.index(pid) * PITCH

    def y(self, step: int) -> int:
        return TOP + step * ROW

    def parts(self) -> Iterator[str]:
        """What lies behind comes first."""
        yield from self._bands()
        for pid in self.pids:
            yield _text(self.x(pid), TOP - 14, pid, "name", "middle")
            yield from self._lane(pid)
        for flight in self.session.state.in_flight():
            src, dst = flight.envelope.src, flight.envelope.dst
            begin, end = (self.x(src), self.y(flight.step)), (self.x(dst), self.height - 6)
            yield _line(*begin, *_between(begin, end, 0.9), "flying")
        for moment in self.moments:
            yield from self._step(moment)
        for moment in self.moments:
            event = moment.event
            if event.action == "deliver" and event.dst:
                style = "ring" if event.unheard else "dot"
                yield _dot(self.x(event.dst), self.y(event.n), style)
            y = self.y(event.n) + 4
            yield _text(LEFT - 30, y, str(event.n), "dim", "end")
            yield _text(self.notes, y, _note(moment), "dim")

    def _bands(self) -> Iterator[str]:
        """From each cut to where the last link is mended."""
        since: int | None = None
        for moment in self.moments:
            if moment.cut and since is None:
                since = moment.event.n
            elif not moment.cut and since is not None:
                yield self._band(since, self.y(moment.event.n))
                since = None
        if since is not None:
            yield self._band(since, self.height - 6)

    def _band(self, since: int, end: int) -> str:
        begin, columns = self.y(since), self.notes - LEFT
        size = f'width="{columns}" height="{end - begin}"'
        return f'<rect x="{LEFT - 20}" y="{begin}" {size} class="cut"/>'

    def _lane(self, pid: Pid) -> Iterator[str]:
        """Solid while the node is up, dotted while it is down."""
        x, began, down = self.x(pid), self.y(0), False
        for moment in self.moments:
            if (pid in moment.down) != down:
                y = self.y(moment.event.n)
                yield _line(x, began, x, y, "down" if down else "lane")
                began, down = y, not down
        yield _line(x, began, x, self.height - 6, "down" if down else "lane")

    def _step(self, moment: Moment) -> Iterator[str]:
        event, y = moment.event, self.y(moment.event.n)
        match event.action:
            case "deliver" | "drop" if event.src and event.dst:
                yield from self._message(moment, event.src, event.dst, lost=event.action == "drop")
            case "forge" | "replay" | "duplicate" | "edit" if event.src:
                sign = {"forge": "!", "edit": "~"}.get(event.action, "‶")
                yield _text(self.x(event.src), y + 4, sign, "sign halo", "middle")
                yield _text(self.x(event.src) + 10, y + 4, event.id or "", "halo")
            case "ask" | "fire" if event.pid and event.what:
                yield _dot(self.x(event.pid), y)
                yield _text(self.x(event.pid) + 10, y + 4, say(event.what), "halo")
            case "crash" | "recover" | "corrupt" if event.pid:
                sign = {"crash": "✖", "recover": "▲"}.get(event.action, "☠")
                yield _text(self.x(event.pid), y + 4, sign, "sign halo", "middle")
                yield _text(self.x(event.pid) + 10, y + 4, event.action, "halo")
            case "cut" | "heal" | "tick" | "advance":
                yield _line(LEFT - 20, y, self.notes - 20, y, "band")

    def _message(self, moment: Moment, src: Pid, dst: Pid, lost: bool) -> Iterator[str]:
        event, y = moment.event, self.y(moment.event.n)
        begin, end = (self.x(src), self.y(moment.cause or 0)), (self.x(dst), y)
        if lost:
            x, at = _between(begin, end, 0.7)
            yield _line(*begin, x, at, "lost")
            yield _text(x, at + 4, "×", "sign halo", "middle")
        else:
            yield _line(*begin, *end, "arrow", ' marker-end="url(#head)"')
        # near its end, since no other arrow ends on this row
        x, at = _between(begin, end, 0.62 if lost else 0.88)
        anchor = "end" if end[0] > begin[0] else "start"
        yield _text(x, at - 3, f"{event.id} {event.kind}", "halo", anchor)


def _note(moment: Moment) -> str:
    event = moment.event
    alarms = [*(f"✗ {name}" for name, _ in event.broken), *(f"outside: {w}" for w in event.outside)]
    return " · ".join([*alarms, note_of(event)]).strip(" ·")


Point = tuple[float, float]


def _between(begin: Point, end: Point, part: float) -> Point:
    """The point that lies so far on the way."""
    x, y = (round(a + part * (b - a), 1) for a, b in zip(begin, end, strict=True))
    return x, y


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    told = escape(visible(text))
    return f'<text x="{x}" y="{y}" class="{style}" text-anchor="{anchor}">{told}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, style: str, more: str = "") -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{style}"{more}/>'


def _dot(x: float, y: float, style: str = "dot") -> str:
    return f'<circle cx="{x}" cy="{y}" r="4" class="{style}"/>'
