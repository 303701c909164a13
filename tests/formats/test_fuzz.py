"""Any bytes as a history give a verdict, or one sentence."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Hashable
from pathlib import Path
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from playground.formats.jepsen import load
from playground.histories.history import History, Operation
from playground.histories.linear import linearizable
from playground.histories.objects import CasRegister
from playground.session.errors import BadInput
from tests.histories.histories import cas_calls, simulated


def judged(content: bytes) -> bool | str | None:
    """The verdict, or a sentence that names the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history"
        file.write_bytes(content)
        try:
            recording = load(file)
        except BadInput as bad:
            return str(bad).replace(str(file), "history")
    return linearizable(recording.operations, recording.obj, 1.0).holds


def is_judged(content: bytes) -> None:
    told = judged(content)
    assert not isinstance(told, str) or (told.startswith("history") and "\n" not in told)


# ---- histories written in each notation


Writer = Callable[[History], list[str]]


def as_edn(ops: History) -> list[str]:
    return [f"{{:process {p}, :type :{t}, :f :{f}, :value {v}}}" for p, t, f, v in entries(ops)]


def as_log(ops: History) -> list[str]:
    """A comparison that failed is an answer there, and none in EDN."""
    return [f"INFO  jepsen.util - {p}\t:{t}\t:{f}\t{v}" for p, t, f, v in entries(ops)]


def entries(ops: History) -> list[tuple[Hashable, str, str, str]]:
    timed = []
    for op in ops:
        timed.append((op.invoked, op.process, "invoke", op.f, value(op.value)))
        if op.responded is not None:
            kind = "fail" if op.result is False else "ok"
            shown = value(op.result if op.f == "read" else op.value)
            timed.append((op.responded, op.process, kind, op.f, shown))
    return [(process, kind, f, shown) for _, process, kind, f, shown in sorted(timed, key=first)]


def first(entry: tuple[int, Hashable, str, str, str]) -> int:
    return entry[0]


def value(held: Hashable) -> str:
    match held:
        case None:
            return "nil"
        case (old, new):
            return f"[{old} {new}]"
    return str(held)


def service(seed: int, operations: int = 60) -> tuple[Operation, ...]:
    return simulated(
        CasRegister(), cas_calls, operations=operations, processes=4, seed=seed, lost=0.05
    )


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_what_a_correct_service_does_is_linearizable_in_each_notation(seed: int) -> None:
    for write in as_edn, as_log:
        assert judged("\n".join(write(service(seed))).encode()) is True


# ---- anything else


@given(st.binary(max_size=200))
@example(b"")
@example(b"\xef\xbb\xbf[")
@example(b"{:process 0 :type :invoke :f :read :value \xed\xa0\x80}")
@example(b"[[[[{:a #_")
@example(b'{"process": 1e999}')
@example(b"0 :invoke :read #_")
@example("٣ :invoke :read ٣".encode())
def test_any_bytes_give_a_verdict_or_a_sentence(content: bytes) -> None:
    is_judged(content)


LINES = as_edn(service(1, 12)) + as_log(service(2, 12))
WORDS = st.sampled_from(
    [
        *{word for line in LINES for word in line.split()},
        "\t",
        "[",
        "]",
        "{",
        "}",
        "#_",
        ":key",
        '"',
    ]
)


@given(st.lists(WORDS, max_size=30), st.sampled_from([" ", "\n", ""]))
def test_the_words_of_a_history_in_any_order_give_a_verdict_or_a_sentence(
    words: list[str], between: str
) -> None:
    is_judged(between.join(words).encode())


@given(st.integers(0, 10**6), st.sampled_from([as_edn, as_log]))
def test_a_damaged_history_gives_a_verdict_or_a_sentence(seed: int, write: Writer) -> None:
    draw = Random(seed)
    content = bytearray("\n".join(write(service(seed % 50, 15))).encode())
    for _ in range(draw.randrange(1, 6)):
        at = draw.randrange(len(content))
        match draw.randrange(4):
            case 0:
                content[at] = draw.randrange(256)
            case 1:
                del content[at : at + draw.randrange(1, 20)]
            case 2:
                content[at:at] = content[draw.randrange(len(content)) :][: draw.randrange(40)]
            case 3:
                content[at:at] = bytes([draw.choice(b'()[]{}"#;:\\ \t\n0')])
        if not content:
            break
    is_judged(bytes(content))
