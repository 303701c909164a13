"""What the adversary can do with the keys that it holds: those of the corrupted nodes."""

from __future__ import annotations

from playground.core.errors import Impossible
from playground.core.network import Envelope
from playground.core.world import World
from playground.protocol import Message, Pid, Role
from playground.protocol.crypto import Tagged, needed
from playground.protocol.events import Path
from playground.protocol.roles import stack, with_fields
from playground.values import replace, text


def made(world: World, envelope: Envelope) -> Envelope:
    """The envelope as the adversary can make it: in the name of a node whose key it lacks it
    carries a bad tag, where there are tags.  Raises Impossible for a signature that it can't have:
    it can pass on those that were ever sent, and make those of corrupted nodes."""
    auth = world.rules.model.auth
    for proof in sorted(needed(envelope.message, auth, world.corrupt) - world.spoken, key=repr):
        said, whom = text(proof.body), ""
        if isinstance(proof, Tagged):
            [reader] = proof.good
            whom = f" for {reader}"
        raise Impossible(
            f"refused: {proof.by} never {'tagged' if whom else 'signed'} {said}{whom}, and you do "
            "not hold its key"
        )
    tagged = auth in ("mac", "sig") and envelope.src not in world.corrupt
    path = envelope.path or _layer(world.nodes[envelope.dst], type(envelope.message))
    return replace(envelope, genuine=not tagged, path=path)


def _layer(node: Role, kind: type[Message]) -> Path:
    """The highest layer that takes such a message; the node itself, if none does."""
    return next((path for path, part in stack(node) if kind in part.handlers), ())


def corrupted(world: World, pid: Pid, strategy: type[Role] | None) -> World:
    """The node is the adversary's; with a strategy it goes on by another code, its fields kept."""
    node = world.nodes[pid]
    if strategy is not None:
        turned = object.__new__(strategy)
        turned.__dict__.update({**strategy.volatile_fields, **node.__dict__})
        node = with_fields(turned, {})
    nodes = world.nodes | {pid: node}
    return replace(world, nodes=nodes, corrupt=world.corrupt | {pid})
