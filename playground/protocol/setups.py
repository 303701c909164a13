"""What the modules of protocols make together: nodes with layers, and what all of them assume."""

from __future__ import annotations

import sys
from types import ModuleType

from playground.protocol.model import Model
from playground.protocol.roles import Nodes


def assumed(module: ModuleType, nodes: Nodes) -> Model:
    """What the protocol of a module assumes, and those of the layers that it takes from others."""
    model: Model = module.model(nodes)
    for name in dict.fromkeys(name for node in nodes for name in node.layers):
        below = [getattr(node, name) for node in nodes if name in node.layers]
        homes = (sys.modules[base.__module__] for base in type(below[0]).__mro__)
        home = next((h for h in homes if callable(getattr(h, "model", None))), module)
        if home is not module:
            model = model.over(assumed(home, below))
    return model
