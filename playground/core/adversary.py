"""What the adversary can do with the keys that it holds: those of the corrupted nodes."""

from __future__ import annotations

from playground.core.errors import Impossible
from playground.core.network import Envelope
from playground.core.world import World
from playground.protocol import Pid, Role
from playground.protocol.crypto import signatures
from playground.protocol.roles import with_fields
from playground.values import replace, text


def made(world: World, envelope: Envelope) -> Envelope:
    """The envelope as the adversary can make it: in the name of a node whose key it lacks it
    carries a bad tag, where there are tags.  Raises Impossible for a signature that it can't have:
    it can pass on those that were ever sent, and make those of corrupted nodes."""
    auth = world.rules.model.auth
    if auth == "sig":
        for signature in signatures(envelope.message):
            if signature.by not in world.corrupt and signature not in world.spoken:
                said = text(signature.body)
                raise Impossible(
                    f"refused: {signature.by} never signed {said}, and you do not hold its key"
                )
    tagged = auth in ("mac", "sig") and envelope.src not in world.corrupt
    return replace(envelope, genuine=not tagged)


def corrupted(world: World, pid: Pid, strategy: type[Role] | None) -> World:
    """The node is the adversary's; with a strategy it goes on by another code, its fields kept."""
    node = world.nodes[pid]
    if strategy is not None:
        turned = object.__new__(strategy)
        turned.__dict__.update({**strategy.volatile_fields, **node.__dict__})
        node = with_fields(turned, {})
    nodes = world.nodes | {pid: node}
    return replace(world, nodes=nodes, corrupt=world.corrupt | {pid})
