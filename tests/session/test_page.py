"""The page of a protocol."""

from __future__ import annotations

import pytest

from playground.protocol import Model
from playground.session.catalog import load, names
from playground.session.page import Kind, model_sentences, page
from playground.session.page_text import markdown

PAXOS = page(load("consensus/paxos"))


def kind(name: str) -> Kind:
    return next(k for k in PAXOS.events if k.name == name)


def test_messages_stand_in_the_order_of_the_file_with_label_fields_and_roles() -> None:
    messages = [k for k in PAXOS.events if k.what == "message"]
    assert [k.label for k in messages] == ["1a", "1b", "1bN", "2a", "2b", "2bN", "3"]
    assert kind("Prepare").fields == {"n": "(a whole number, a node)"}
    assert (kind("Prepare").sent_by, kind("Prepare").handled_by) == (["Proposer"], ["Acceptor"])
    assert kind("Retry").what == "timer" and kind("Propose").what == "input"


def test_roles_tell_their_memory_and_the_code_of_their_handlers() -> None:
    acceptor = next(r for r in PAXOS.roles if r.name == "Acceptor")
    memory = {f.name: f.kind for f in acceptor.fields}
    assert memory["promised"] == "stable"
    assert memory["learned"] == "volatile"
    assert memory["acceptors"] == "constant"
    assert [h.event for h in acceptor.handlers] == ["Prepare", "Accept"]
    assert acceptor.handlers[0].code.startswith("@upon(Prepare)\ndef promise(self")


def test_costs_are_measured_for_sizes_and_options_that_matter() -> None:
    costs = {c.setup: c.messages for c in PAXOS.costs}
    assert costs["by default"] == 15
    assert costs["acceptors=4"] == 20 and costs["acceptors=5"] == 25
    assert "proposers=3" not in costs


def test_bugs_and_scenarios_are_told() -> None:
    assert "no_log_round" in {b["name"] for b in PAXOS.bugs}
    assert PAXOS.scenarios["consensus/px_duel"] == "Dueling leaders"


def test_what_traitors_may_do_is_told_of_protocols_that_know_some() -> None:
    found = page(load("synchronous/om"))
    assert [(s["name"], s["role"]) for s in found.strategies] == [
        ("two_faced", "Commander"),
        ("turncoat", "Lieutenant"),
    ]
    assert "- **turncoat**, a Lieutenant: It says the opposite" in markdown(found)
    assert "## Traitors" not in markdown(PAXOS)


@pytest.mark.parametrize("name", names())
def test_every_page_tells_everything(name: str) -> None:
    found = page(load(name))
    text = markdown(found)
    for heading in ("Model", "Properties", "Setup", "Cost", "Code", "Source"):
        assert f"\n## {heading}\n" in text
    sends = any(event.what == "message" for event in found.events)
    assert ("\n## Messages\n" in text) == sends
    for p in found.properties:
        assert f"**{p.name}**" in text and p.doc


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (Model(), "Links are reliable; messages arrive in any order."),
        (Model(links=("lossy", "fifo")), "Links are lossy; messages keep their order (FIFO)."),
        (Model(crashes=1), "At most 1 node is down at a time; crashed nodes may come back"),
        (
            Model(crashes=2, recovery=False),
            "At most 2 nodes are down at a time; crashed nodes never",
        ),
        (Model(byzantine=1, auth="sig"), "At most 1 node lies. Messages are signed."),
    ],
)
def test_a_model_is_told_in_sentences(model: Model, sentence: str) -> None:
    assert sentence in " ".join(model_sentences(model))
