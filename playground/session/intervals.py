"""Operations drawn as intervals, one line each, time to the right: plain text, which can be read
aloud, since what each line shows is also said in words.

    process 0 wrote 1       [---]            lines 1 to 3
    process 2 wrote 3           [-------->   line 4, no answer
    process 1 read 1                [---]    lines 6 to 8, the clash
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playground.histories.history import Operation, told

COLUMNS = 48
"""The widest that the bars may get."""


def relevant(prefix: Sequence[Operation], most: int) -> list[Operation]:
    """Of a history whose last operation clashes: those nearest to the clash, in order of calls.

    These are the ones that overlap it, and those that ended last before it.  Up to a third are
    such as never ended: any of them may have taken effect just now, the youngest most likely.
    """
    *others, clash = prefix
    ended = [op for op in others if op.responded is not None]
    endless = [op for op in others if op.responded is None]
    room = max(most // 3, most - 1 - len(ended))
    endless = sorted(endless, key=lambda op: -op.invoked)[:room]
    ended.sort(key=lambda op: (not op.concurrent(clash), -(op.responded or 0)))
    near = [*endless, *ended[: most - 1 - len(endless)]]
    return [*sorted(near, key=lambda op: op.invoked), clash]


def drawn(
    operations: Sequence[Operation],
    place: Callable[[int], int],
    clash: Operation | None = None,
    unit: str = "line",
) -> list[str]:
    """A line for each operation; `place` gives the number of a position: the line of a file, or a
    step (the `unit`)."""
    times = sorted({t for op in operations for t in (op.invoked, op.responded) if t is not None})
    columns = min(COLUMNS, 4 * len(times))
    column = {t: i * (columns - 1) // max(len(times) - 1, 1) for i, t in enumerate(times)}
    width = max((len(told(op)) for op in operations), default=0)
    lines = []
    for op in operations:
        bar = _bar(op, column, columns).ljust(columns + 1)
        mark = ", the clash" if op is clash else ""
        lines.append(f"{told(op).ljust(width)}  {bar}  {_when(op, place, unit)}{mark}")
    return lines


def _bar(op: Operation, column: dict[int, int], columns: int) -> str:
    begin = column[op.invoked]
    if op.responded is None:
        return " " * begin + "[" + "-" * (columns - begin - 1) + ">"
    end = max(column[op.responded], begin + 1)
    return " " * begin + "[" + "-" * (end - begin - 1) + "]"


def _when(op: Operation, place: Callable[[int], int], unit: str) -> str:
    if op.responded is None:
        return f"{unit} {place(op.invoked)}, no answer"
    return f"{unit}s {place(op.invoked)} to {place(op.responded)}"
