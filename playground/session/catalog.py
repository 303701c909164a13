"""Loads protocols: the packaged ones, a file given by its path, and those of other packages."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

from playground.protocol import (
    Ask,
    Event,
    Input,
    Layers,
    Map,
    Message,
    Model,
    Nodes,
    Output,
    Property,
    Role,
    Timer,
)
from playground.protocol.roles import stack
from playground.protocol.setups import assumed
from playground.protocol.showpieces import Showpiece
from playground.session import scenarios
from playground.session.errors import BadInput, Place, nearest, unknown
from playground.session.notation import Misfit, snake, value
from playground.session.shelves import first_line as first_line
from playground.session.shelves import names as names
from playground.session.shelves import offered, packaged
from playground.session.shelves import titles as titles
from playground.values import text

LARGEST = 1000
"""No size may be larger: nobody could look at so many nodes, nor wait for them."""

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Bug:
    """A known bug: a subclass that takes the place of one role."""

    name: str
    role: type[Role]
    breaks: tuple[str, ...]

    @property
    def doc(self) -> str:
        return inspect.cleandoc(self.role.__doc__ or "")


@dataclass(frozen=True)
class ProtocolFile:
    """What the playground knows of a protocol module."""

    name: str
    module: ModuleType
    below: tuple[type[Role], ...] = ()  # the roles of layers that other protocols give it

    @property
    def place(self) -> str:
        """The name by which it is found from any folder."""
        return str(Path(self.name).resolve()) if self.name.endswith(".py") else self.name

    @property
    def doc(self) -> str:
        return inspect.cleandoc(self.module.__doc__ or self.name)

    @property
    def title(self) -> str:
        """Its promise in one line."""
        return self.doc.splitlines()[0]

    @cached_property
    def events(self) -> Map[str, type[Event]]:
        """Every event that a form or a command may name, by class name."""
        own = [x for x in vars(self.module).values() if isinstance(x, type)]
        bases = (Event, Message, Timer, Input, Output)
        found = [c for c in own if issubclass(c, Event) and c not in bases]
        for role in self.roles:
            found += [e for e in role.handlers if e not in found]
        return Map({e.__name__: e for e in found})

    def event(self, base: type[E], name: str) -> type[E]:
        """The event called `name`, or so labelled in the paper; letters of any case."""
        known = [e for e in self.events.values() if issubclass(e, base)]
        for event in known:
            if name == event.__name__:
                return event
        for event in known:
            if name.lower() in (event.label.lower(), event.__name__.lower()):
                return event
        raise BadInput(unknown(base.__name__.lower(), name, [e.__name__ for e in known]))

    @cached_property
    def roles(self) -> tuple[type[Role], ...]:
        own = [x for x in vars(self.module).values() if isinstance(x, type)]
        mine = tuple(c for c in own if issubclass(c, Role) and c is not Role)
        return mine + tuple(r for r in self.below if r not in mine)

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """In the order of the file, each under the name that it has there."""
        found: dict[str, Property] = {}
        for x in vars(self.module).values():
            if isinstance(x, Property) and x not in found.values():
                found[x.name] = x
        return tuple(found.values())

    def property(self, name: str) -> Property:
        """By name or by an id of the sheet, in any case."""
        for p in self.properties:
            if name.lower() in (p.name.lower(), *(i.lower() for i in p.ids)):
                return p
        raise BadInput(unknown("property", name, [p.name for p in self.properties]))

    @cached_property
    def showpieces(self) -> dict[str, Showpiece]:
        """What is worth seeing of it, by name."""
        own = vars(self.module).values()
        return {x.name: x for x in own if isinstance(x, Showpiece)}

    @cached_property
    def bugs(self) -> dict[str, Bug]:
        """The known bugs of the sibling module `<name>_wrong`."""
        module = _sibling(self.module, "_wrong")
        classes = [x for x in vars(module).values() if isinstance(x, type)] if module else []
        return {
            (name := snake(c.__name__)): Bug(name, c, c.__dict__["__breaks__"])
            for c in classes
            if "__breaks__" in vars(c)
        }

    def whole(self) -> ProtocolFile:
        """Itself, when its known bugs and its traitors are imported, too: then all nodes that it
        may have can be unpickled."""
        for ending in ("_wrong", "_traitor"):
            _sibling(self.module, ending)
        return self

    def strategies(self, role: type[Role]) -> dict[str, type[Role]]:
        """What a corrupted node of this role may do: the subclasses of its role in the sibling
        module `<name>_traitor`, and falling silent."""
        right = [c for c in self.roles if "__breaks__" not in vars(c)]
        honest: Any = next(c for c in role.__mro__ if c in right)
        module = _sibling(self.module, "_traitor")
        classes = [x for x in vars(module).values() if isinstance(x, type)] if module else []
        found = [c for c in classes if issubclass(c, honest) and c not in self.roles]
        return {"silent": silent(honest)} | {snake(c.__name__): c for c in found}

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """The arguments of `setup`, each with its default."""
        return dict(inspect.signature(self.module.setup).parameters)

    def setup(self, arguments: Mapping[str, Any] = Map()) -> Nodes:
        """The nodes.  A text argument is read as notation; `bug` chooses a known bug."""
        given = dict(arguments)
        bug = given.pop("bug", None)
        hints = get_type_hints(self.module.setup, include_extras=True)
        for name, argument in given.items():
            if name not in self.parameters:
                known = [*self.parameters, *(["bug"] if self.bugs else [])]
                raise BadInput(unknown(f"setup argument of {self.name}", name, known))
            if hints[name] is not Layers:
                given[name] = _argument(name, argument, hints[name])
        for name, parameter in self.parameters.items():
            if hints[name] is Layers:
                given[name] = self._layers(given.get(name, parameter.default.protocol), given)
        try:
            nodes = self.module.setup(**given)
        except ValueError as error:  # how a setup refuses sizes that make no sense
            raise BadInput(f"{self.name} can't be set up: {error}") from None
        if not nodes:
            raise BadInput(f"{self.name} can't be set up: there would be no node")
        return self._with_bug(nodes, bug) if bug else nodes

    def _layers(self, name: str, given: Mapping[str, Any]) -> Layers:
        """The nodes of the protocol `name`, with the arguments that it shares with this one."""
        below = load(name)
        defaults = {n: p.default for n, p in self.parameters.items()}
        shared = {n: v for n, v in {**defaults, **given}.items() if n in below.parameters}
        return Layers(name, below.setup(shared))

    def over(self, nodes: Nodes) -> ProtocolFile:
        """The same protocol, knowing also the words of the layers in these nodes."""
        parts = {type(part): None for node in nodes for _, part in stack(node)}
        return replace(self, below=tuple(r for r in parts if r not in self.roles))

    def _with_bug(self, nodes: Nodes, name: Any) -> Nodes:
        if name not in self.bugs:
            raise BadInput(unknown(f"bug of {self.name}", str(name), self.bugs))
        wrong = self.bugs[name].role
        base = wrong.__mro__[1]
        if not any(type(part) is base for node in nodes for _, part in stack(node)):
            raise BadInput(f"the bug {name} needs a {base.__name__}, and this setup has none")
        return [_wronged(wrong, base, node) for node in nodes]

    def model(self, nodes: Nodes) -> Model:
        """What the protocol assumes, together with those that its layers come from."""
        try:
            return assumed(self.module, nodes)
        except ValueError as error:
            raise BadInput(f"{self.name} can't be set up: {error}") from None

    def workload(self, nodes: Nodes) -> list[Ask]:
        """What to ask of whom for one failure-free decision."""
        return list(self.module.workload(nodes))

    def source(self, role: type[Role], event: type[Event]) -> str:
        """The text of the handler that `event` would run; "" if the role ignores it."""
        name = role.handlers.get(event)
        return inspect.cleandoc(inspect.getsource(getattr(role, name))) if name else ""


@lru_cache
def silent(role: Any) -> type[Role]:
    """The strategy of a node that reacts to nothing."""

    def nothing(self: Role) -> None:
        """It does not stir."""

    def reduce(self: Role) -> tuple[Any, ...]:
        """No module knows this class by its name."""
        return _silenced, (role, vars(self))

    own = {"start": nothing, "recover": nothing, "__reduce__": reduce}
    mute: type[Role] = type("Silent", (role,), own)
    mute.handlers = {}
    return mute


def _silenced(role: Any, fields: dict[str, Any]) -> Role:
    node: Role = object.__new__(silent(role))
    node.__setstate__(fields)  # in their order, on which the hash depends
    return node


def load(name: str, folder: Path | None = None) -> ProtocolFile:
    """The protocol called `name` (family/name, or name alone), or the one in the file `name`, which
    is looked for in `folder` before it is looked for here.  Raises BadInput."""
    if name.endswith(".py"):
        beside = (folder or Path()) / name
        return _from_file(beside if beside.is_file() else Path(name))
    ours = packaged()
    full = name if name in ours else _by_short_name(name, ours)
    if full:
        return _checked(full, importlib.import_module(f"protocols.{full.replace('/', '.')}"))
    others = offered()
    if name in others:
        return _checked(name, importlib.import_module(others[name]))
    if scenarios.exists(name):
        raise BadInput(f"{name} is a scenario, not a protocol")
    known = [*ours, *others]
    short = [full.split("/")[-1] for full in known] if "/" not in name else []
    raise BadInput(unknown("protocol", name, [*known, *short] if nearest(name, short) else known))


def _by_short_name(name: str, known: Mapping[str, Any]) -> str | None:
    found = [full for full in known if full.split("/")[1] == name]
    return found[0] if len(found) == 1 else None


def _from_file(path: Path) -> ProtocolFile:
    if not path.is_file():
        raise BadInput(f"there is no file {path}")
    if path.stem in sys.stdlib_module_names:
        raise BadInput(f"{path} has the name of a part of Python; call it otherwise")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise BadInput(f"{path} can't be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # under which its known bugs import it
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        place = Place(str(path), error.lineno, error.offset)
        raise BadInput(f"this is no Python: {error.msg}", place) from error
    except Exception as error:
        line = error.__traceback__ and _last_line(error.__traceback__, str(module.__file__))
        raise BadInput(
            f"importing it raised {type(error).__name__}: {error}", Place(str(path), line or None)
        ) from error
    return _checked(str(path), module)


def _last_line(traceback: Any, file: str) -> int | None:
    line = None
    while traceback:
        if traceback.tb_frame.f_code.co_filename == file:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _checked(name: str, module: ModuleType) -> ProtocolFile:
    missing = [f for f in ("setup", "model", "workload") if not callable(getattr(module, f, None))]
    if missing:
        raise BadInput(f"{name} is no protocol file: it defines no {missing[0]}()")
    return ProtocolFile(name, module)


@lru_cache
def _sibling(module: ModuleType, ending: str) -> ModuleType | None:
    path = Path(str(module.__file__))
    path = path.with_name(path.stem + ending + ".py")
    if not path.is_file():
        return None
    if "." in module.__name__:
        return importlib.import_module(module.__name__ + ending)
    return _load_beside(path)


def _load_beside(path: Path) -> ModuleType:
    """A sibling of a file given by its path; it imports that file by its plain name."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # under which nodes of its classes are pickled
    spec.loader.exec_module(module)
    return module


def _wronged(wrong: type[Role], base: type[Role], node: Role) -> Role:
    """The node with `wrong` in the place of `base`, be it its own role or that of a layer."""
    parts = {f.name: getattr(node, f.name) for f in fields(node)}
    parts |= {name: _wronged(wrong, base, parts[name]) for name in node.layers}
    return (wrong if type(node) is base else type(node))(**parts)


def _argument(name: str, given: Any, kind: Any) -> Any:
    try:
        found = value(given if isinstance(given, str) else _as_notation(given), kind)
    except Misfit as misfit:
        raise BadInput(f"setup argument {name}: {misfit.sentence}") from None
    if isinstance(found, int) and abs(found) > LARGEST:
        raise BadInput(
            f"setup argument {name}: {found} is too large; at most {LARGEST} is possible"
        )
    return found


def _as_notation(given: Any) -> str:
    """A TOML value as notation: an array is a tuple, a table a map."""
    match given:
        case bool():
            return "true" if given else "false"
        case list():
            comma = "," if len(given) == 1 else ""
            return "(" + ", ".join(map(_as_notation, given)) + comma + ")"
        case dict():
            return "{" + ", ".join(f"{k}: {_as_notation(v)}" for k, v in given.items()) + "}"
        case str():
            return text(given)
        case _:
            return str(given)
