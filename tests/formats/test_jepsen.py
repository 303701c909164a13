"""Histories of Jepsen, Knossos and Porcupine: what they mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from pathlib import Path

import pytest

from playground.formats.edn import Keyword
from playground.formats.jepsen import Recording, load
from playground.histories.history import UNKNOWN, Operation
from playground.histories.linear import linearizable
from playground.session.errors import BadInput

Reader = Callable[..., Recording]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def call(text: str | bytes, model: str | None = None, init: str | None = None) -> Recording:
        file = tmp_path / "history"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(file, model, init)

    return call


def only(recording: Recording) -> Operation:
    [operation] = recording.operations
    return operation


def verdict(recording: Recording) -> bool | None:
    return linearizable(recording.operations, recording.obj).holds


# ---- the four notations say the same

MAPS = """\
; somebody's history
{:process 0, :type :invoke, :f :write, :value 3}
{:process 1, :type :invoke, :f :read, :value nil}
{:process :nemesis, :type :info, :f :start}
{:process 0, :type :ok, :f :write, :value 3}
{:process 1, :type :ok, :f :read, :value 3, :time 12, :error [:what "ever"]}
"""
LOG = """\
INFO  jepsen.core - Worker 1 starting
INFO  jepsen.util - 0\t:invoke\t:write\t3
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - :nemesis\t:info\t:start\tnil
INFO  jepsen.util - 0\t:ok\t:write\t3
INFO  jepsen.util - 1\t:ok\t:read\t3
"""
RECORDS = MAPS.replace("{:process", "#jepsen.history.Op{:process")
JSON_LINES = "\n".join(
    json.dumps(dict(zip(("process", "type", "f", "value"), entry, strict=True)))
    for entry in (
        (0, "invoke", "write", 3),
        (1, "invoke", "read", None),
        ("nemesis", "info", "start", None),
        (0, ":ok", ":write", 3),
        (1, "ok", "read", 3),
    )
)


@pytest.mark.parametrize(
    ("text", "notation", "first_line"),
    [
        (MAPS, "EDN", 2),
        (f"[{MAPS}]", "EDN", 2),
        (f"({MAPS})", "EDN", 2),
        (RECORDS, "EDN", 2),
        (JSON_LINES, "JSON", 1),
        (f"[\n{JSON_LINES.replace(chr(10), ', ')}\n]\n", "JSON", 2),
        (LOG, "log", 2),
        (LOG.replace("\t", "   ").replace("\n", "\r\n"), "log", 2),
        (LOG.replace("jepsen.util -", "[worker 3] jepsen.util:"), "log", 2),
        (LOG.replace("INFO  jepsen.util - ", "").replace("INFO  jepsen.core", "INFO x"), "log", 2),
        ("\ufeff" + MAPS, "EDN", 2),
    ],
    ids=["lines", "vector", "list", "records", "json-lines", "json", "log", "blanks", "new-log",
         "history.txt", "byte-order-mark"],
)  # fmt: skip
def test_each_notation_is_told_from_the_text_and_means_the_same(
    read: Reader, text: str, notation: str, first_line: int
) -> None:
    recording = read(text)
    assert recording.notation == notation
    assert recording.lines[0] == first_line
    assert (recording.model, recording.guessed) == ("register", True)
    assert recording.operations == (
        Operation(0, "write", 3, UNKNOWN, "ok", 0, 2),
        Operation(1, "read", None, 3, "ok", 1, 3),
    )


# ---- outcomes


@pytest.mark.parametrize(
    ("answer", "outcome", "result"),
    [
        (":ok :cas [2 3]", "ok", True),
        (":fail :cas [2 3]", "ok", False),
        (":fail :cas :timed-out", "info", UNKNOWN),
        (":fail :cas [2 3] :timeout", "info", UNKNOWN),
        (":fail :cas [2 3] :connection-refused", "fail", UNKNOWN),
        (":info :cas :timed-out", "info", UNKNOWN),
    ],
)
def test_in_a_log_a_failed_cas_is_an_answer(
    read: Reader, answer: str, outcome: str, result: object
) -> None:
    op = only(read(f"INFO  jepsen.util - 4\t:invoke\t:cas\t[2 3]\nINFO  jepsen.util - 4 {answer}"))
    assert (op.outcome, op.result, op.value) == (outcome, result, (2, 3))


def test_in_edn_a_failed_cas_did_not_happen_and_says_nothing(read: Reader) -> None:
    op = only(read("{:process 4 :type :invoke :f :cas :value [2 3]}"
                   "{:process 4 :type :fail :f :cas :value [2 3]}"))  # fmt: skip
    assert (op.outcome, op.result) == ("fail", UNKNOWN)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (":fail :read :timed-out", "fail"),
        (":fail :write 3", "fail"),
        (":fail :write :timed-out", "info"),
        (":info :write :timed-out", "info"),
    ],
)
def test_what_timed_out_may_have_happened_and_a_read_says_nothing_then(
    read: Reader, answer: str, outcome: str
) -> None:
    f = answer.split()[1]
    value = "nil" if f == ":read" else "3"
    assert only(read(f"4 :invoke {f} {value}\n4 {answer}")).outcome == outcome


def test_a_call_without_an_answer_may_still_happen(read: Reader) -> None:
    text = """
    {:process 0 :type :invoke :f :write :value 1}
    {:process 1 :type :invoke :f :read :value nil}
    {:process 1 :type :ok :f :read :value 1}
    """
    assert verdict(read(text)) is True


def test_a_process_that_does_not_know_goes_on_under_its_name_or_another(read: Reader) -> None:
    text = "0 :invoke :write 1\n0 :info :write :timed-out\n0 :invoke :write 2\n0 :ok :write 2"
    assert [op.outcome for op in read(text).operations] == ["info", "ok"]


# ---- values


def test_nil_is_a_value_where_the_register_may_hold_it(read: Reader) -> None:
    text = "{:process 0 :type :invoke :f :read}{:process 0 :type :ok :f :read :value nil}"
    assert only(read(text)).result is None
    assert only(read(text, init="0")).result is UNKNOWN, "Knossos: we don't know what it was"
    wrote = "{:process 1 :type :invoke :f :write :value nil}"
    assert read(text + wrote, init="0").operations[0].result is None
    swapped = "{:process 1 :type :invoke :f :cas :value [0 nil]}"
    assert read(text + swapped, init="0").operations[0].result is None


def test_a_stale_nil_is_not_linearizable(read: Reader) -> None:
    text = "0 :invoke :write 1\n0 :ok :write 1\n1 :invoke :read nil\n1 :ok :read nil"
    assert verdict(read(text)) is False


def test_values_of_any_kind_are_compared_as_such(read: Reader) -> None:
    for written, seen, same in (
        ("[1 #{:a}]", "[1 #{:a}]", True),
        ("true", "1", False),
        (":a", '"a"', False),
        ("#inst \"1985\"", "#inst \"1985\"", True),
        ("{:a 1, :b 2}", "{:b 2 :a 1}", True),
    ):  # fmt: skip
        text = f"""{{:process 0 :type :invoke :f :write :value {written}}}
                   {{:process 0 :type :ok :f :write :value {written}}}
                   {{:process 0 :type :invoke :f :read :value nil}}
                   {{:process 0 :type :ok :f :read :value {seen}}}"""
        assert verdict(read(text)) is same


def test_a_value_that_only_the_answer_tells_is_that_of_the_call(read: Reader) -> None:
    text = "{:process 0 :type :invoke :f :write}{:process 0 :type :ok :f :write :value 3}"
    assert only(read(text)).value == 3


def test_the_first_state_can_be_given(read: Reader) -> None:
    text = "0 :invoke :read nil\n0 :ok :read 7"
    assert verdict(read(text)) is False
    assert verdict(read(text, init="7")) is True
    assert read(text, init="abc").obj.initial == "abc"
    assert read(text, init=":abc").obj.initial == Keyword("abc")


def test_keys_with_append_hold_nothing_at_first(read: Reader) -> None:
    def entry(kind: str, f: str, value: str) -> str:
        return f'{{:process 0, :type :{kind}, :f :{f}, :key "0", :value {value}}}\n'

    text = (
        entry("invoke", "get", "nil")
        + entry("ok", "get", '""')
        + entry("invoke", "append", '"x 0 y"')
        + entry("ok", "append", '"x 0 y"')
        + entry("invoke", "get", "nil")
    )
    assert verdict(read(text + entry("ok", "get", '"x 0 y"'))) is True
    assert verdict(read(text + entry("ok", "get", "nil"))) is False
    assert read(text).model == "kv"
    assert {op.key for op in read(text).operations} == {"0"}


def test_transactions_read_and_write_several_registers(read: Reader) -> None:
    def history(x: str) -> str:
        return f"""
        {{:process 3 :type :invoke :f :txn :value [[:write :x 1] [:read :y nil]]}}
        {{:process 3 :type :ok     :f :txn :value [[:write :x 1] [:read :y 0]]}}
        {{:process 2 :type :invoke :f :txn :value [[:read :x nil]]}}
        {{:process 2 :type :ok     :f :txn :value [[:read :x {x}]]}}
        """

    assert read(history("1")).model == "multi-register"
    assert verdict(read(history("1"), init="{:x 0 :y 0}")) is True
    assert verdict(read(history("1"), init="0")) is True, "a plain value is that of each register"
    assert verdict(read(history("0"), init="{:x 0 :y 0}")) is False
    assert verdict(read(history("1"))) is False, "y is nil at first"
    assert verdict(read(history("nil"), init='{"x": 0, "y": 0}')) is True, "nil says nothing here"


def test_a_transaction_in_json_has_short_names(read: Reader) -> None:
    entries: list[dict[str, object]] = [
        {"process": 0, "type": "invoke", "f": "txn", "value": [["w", "x", 1], ["r", "x", None]]},
        {"process": 0, "type": "ok", "f": "txn", "value": [["w", "x", 1], ["r", "x", 1]]},
    ]
    recording = read(json.dumps(entries), init='{"x": 0}')
    assert only(recording).result == (UNKNOWN, 1)
    assert verdict(recording) is True


def test_a_lock_can_be_locked_at_first(read: Reader) -> None:
    text = "0 :invoke :acquire nil\n0 :ok :acquire nil"
    assert read(text).model == "mutex"
    assert verdict(read(text)) is True
    for init in ("locked", "true", ":locked"):
        assert verdict(read(text, init=init)) is False


def test_registers_of_jepsens_independent_are_told_apart(read: Reader) -> None:
    text = """
    {:process 0 :type :invoke :f :write :value [5 1]}
    {:process 0 :type :ok     :f :write :value [5 1]}
    {:process 0 :type :invoke :f :cas   :value [6 [nil 2]]}
    {:process 0 :type :ok     :f :cas   :value [6 [nil 2]]}
    {:process 1 :type :invoke :f :read  :value [6 nil]}
    {:process 1 :type :ok     :f :read  :value [6 2]}
    """
    recording = read(text)
    assert [op.key for op in recording.operations] == [5, 6, 6]
    assert verdict(recording) is True
    assert verdict(read(text.replace("[6 2]", "[6 1]"))) is False


def test_pairs_as_values_are_no_keys(read: Reader) -> None:
    text = """
    {:process 0 :type :invoke :f :write :value [5 1]}
    {:process 0 :type :ok     :f :write :value [5 1]}
    {:process 1 :type :invoke :f :read  :value nil}
    {:process 1 :type :ok     :f :read  :value [5 1]}
    """
    assert [op.key for op in read(text).operations] == [None, None]
    assert verdict(read(text)) is True


# ---- models


@pytest.mark.parametrize(
    ("calls", "model"),
    [
        ("read write", "register"),
        ("read", "register"),
        ("read cas", "cas-register"),
        ("get append", "kv"),
        ("txn", "multi-register"),
        ("acquire release", "mutex"),
    ],
)
def test_the_model_is_guessed_from_the_operations(read: Reader, calls: str, model: str) -> None:
    values: dict[str, Hashable] = {"cas": "[1 2]", "txn": "[[:read :x nil]]", "append": '"a"'}
    text = "".join(
        f"{{:process {i} :type :invoke :f :{f} :key 1 :value {values.get(f, 1)}}}"
        for i, f in enumerate(calls.split())
    )
    assert read(text).model == model
    assert read(text, model).guessed is False


# ---- bad files

INVOKE = "{:process 0 :type :invoke :f :write :value 1}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no operations"),
        ("[]", "holds no operations"),
        ("[\n]", "holds no operations"),
        ("{:process :nemesis :type :info :f :start}", "holds no operations"),
        (b"\n\xff\xfe", ":2:1: this is no text: a byte here is not UTF-8"),
        ("{:a \"é".encode() + b"\xff", ":1:7: this is no text"),
        ("hello", ":1:1: expected an operation such as {:process 0, :type :invoke, "),
        (INVOKE + "[1]", ":2:1: expected an operation"),
        ("\n{:proces 0 :type :invoke :f :read}",
         ":2:1: this operation has no 'process'; it has 'proces', did you mean that?"),
        ("{:process 0 :f :read}", ":1:1: this operation has no 'type', as {:process 0,"),
        ("{:process 0 :type :invok :f :read}",
         ":1:1: unknown type 'invok'; did you mean invoke?"),
        ("{:process 0 :type :invoke :f :raed}",
         ":1:1: unknown operation 'raed'; did you mean read?"),
        (INVOKE + "{:process 0 :type :invoke :f :read}",
         ":2:1: process 0 calls read, but its write of line 1 has no answer yet"),
        ("{:process 0 :type :ok :f :read :value 1}",
         ":1:1: process 0 gets an answer, but has called nothing"),
        (INVOKE + "{:process 0 :type :ok :f :read :value 1}",
         ":2:1: process 0 gets an answer to read, but what it called in line 1 is write"),
        (INVOKE + "{:process 0 :type :ok :f :write :value 2}",
         ":2:1: process 0 gets an answer to write 2, but what it called in line 1 is write 1"),
        ('{:process 0 :type :invoke :f :get :key "a"}{:process 0 :type :ok :f :get :key "b"}',
         "gets an answer to key b, but what it called in line 1 is key a"),
        ("{:process 0 :type :invoke :f :cas :value 3}",
         ":1:1: cas needs the old and the new value, as in [2 3], not 3"),
        ("{:process 0 :type :invoke :f :cas}", "as in [2 3], not nil"),
        ("{:process 0 :type :invoke :f :txn :value 3}",
         ":1:1: txn needs a list of reads and writes, as in [[:read :x nil] [:write :y 1]], not 3"),
        ("{:process 0 :type :invoke :f :txn :value [[:raed :x 1]]}",
         ":1:1: unknown part of a transaction 'raed'; did you mean read?"),
        ("{:process 0 :type :invoke :f :put :value 3}", ":1:1: put needs a :key"),
        ("{:process 0 :type :invoke :f :put :key 1}", ":1:1: put needs a :value"),
        ("{:process 0 :type :invoke :f :append :key 1 :value 3}", "append needs a text, not 3"),
        ("{:process 0 :type :invoke :f :read}{:process 1 :type :invoke :f :acquire}",
         "no model has the operations read and acquire together"),
        (INVOKE + "{:a 1", ":2:1: the map that begins here has no end"),
        ('[{"process": 0,]', ":1:16: this is no JSON: expecting property name"),
        ('[{"process": 0, "type": "invoke", "f": "read"}', ":1:1: the array that begins"),
        ('[{"process": 0, "type": "invoke", "f": "read"} 7', "expecting ',' or ']'"),
        ('[{"process": 0, "type": "invoke", "f": "read"}] 7', ":1:49: something stands behind"),
        ('{"process": ' + "[" * 100_000, "this value is nested too deep"),
        ('{"process": ' + "9" * 5000, "a number here is too long"),
        ("0 :invok :read nil", ":1:4: unknown type 'invok'; did you mean invoke?"),
        ("0 :invoke :read nil\nwhat is this?", ":2:1: expected a line such as"),
        ("0 :invoke :read [", ":1:17: the vector that begins here has no end"),
        ("0 :invoke :read nil\nINFO  jepsen.util - 1\t:ok\t:read\t[2 3)",
         ":2:37: found ), but the vector of line 2 ends with ]"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_one_sentence_with_the_line_and_the_nearest_right_thing(
    read: Reader, text: str | bytes, words: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read(text)
    assert words in str(caught.value)
    assert "history" in str(caught.value)


def test_a_model_that_does_not_fit_is_refused_with_one_that_does(read: Reader) -> None:
    text = INVOKE + "{:process 1 :type :invoke :f :cas :value [1 2]}"
    with pytest.raises(BadInput, match="history:2:1: unknown operation of a register 'cas'"):
        read(text, "register")
    with pytest.raises(BadInput, match="try --model cas-register"):
        read(text, "register")
    with pytest.raises(BadInput, match="unknown model 'cas-registr'; did you mean cas-register"):
        read(text, "cas-registr")


@pytest.mark.parametrize("init", ["", "1 2", "[1", "@"])
def test_a_first_state_that_is_no_value_is_refused(read: Reader, init: str) -> None:
    with pytest.raises(BadInput, match="--init"):
        read(INVOKE, init=init)


def test_a_lock_knows_two_states(read: Reader) -> None:
    with pytest.raises(BadInput, match="unknown state of a mutex 'lockd'; did you mean locked"):
        read("0 :invoke :acquire nil", init="lockd")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read: No such file"):
        load(tmp_path / "nowhere.edn")
    with pytest.raises(BadInput, match="can't be read: Is a directory"):
        load(tmp_path)
    with pytest.raises(BadInput, match="can't be read"):
        load(Path("a\0b"))
