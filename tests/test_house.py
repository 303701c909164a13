"""Facts about the house that no linter can say.  They hold for an empty house too."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.protocol.roles import stack
from playground.session.catalog import load

ROOT = Path(__file__).parent.parent
SHIPPED = ("playground", "protocols", "scenarios")

# The parts of the standard library that make no protocol less readable or less repeatable.
PLAIN_PYTHON = {
    "__future__", "collections", "collections.abc", "dataclasses", "enum", "fractions",
    "functools", "itertools", "math", "operator", "typing",
}  # fmt: skip


def sources(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def where(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def module(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), where(file))


each_protocol_file = pytest.mark.parametrize("file", sources("protocols"), ids=where)


# ---- what a protocol file knows


def imports(file: Path) -> Iterator[str]:
    """Every module that the file imports; `from a import b` is `a`, or `a.b` if that is a file."""
    package = module(file) if file.name == "__init__.py" else module(file).rpartition(".")[0]
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                path = ROOT.joinpath(*name.split("."))
                yield name if path.with_suffix(".py").exists() or path.is_dir() else base


def sibling(name: str) -> str:
    """`protocols.consensus.paxos` for `protocols.consensus.paxos_wrong` and `..._traitor`."""
    return re.sub(r"_(wrong|traitor)$", "", name)


def layers(name: str) -> set[str]:
    """The modules of the roles that the nodes of a protocol have as layers."""
    protocol = load("/".join(name.split(".")[1:]))
    parts = [part for node in protocol.setup() for path, part in stack(node) if path]
    return {type(part).__module__ for part in parts}


@each_protocol_file
def test_a_protocol_knows_the_vocabulary_its_own_sibling_and_what_it_stands_on_only(
    file: Path,
) -> None:
    known = {sibling(module(file)), *PLAIN_PYTHON} - {module(file)}
    others = {name for name in imports(file) if not f"{name}.".startswith("playground.protocol.")}
    assert others <= known or others - known <= layers(sibling(module(file)))


# ---- what fits on a page


@pytest.mark.parametrize("file", sources("playground", "protocols"), ids=where)
def test_a_file_has_at_most_400_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400


def lines_of_code(function: ast.FunctionDef, text: list[str]) -> int:
    """Lines below the docstring that hold code: a comment is welcome and costs nothing."""
    body = function.body[ast.get_docstring(function) is not None :]
    span = text[body[0].lineno - 1 : function.end_lineno] if body else []
    return sum(not line.lstrip().startswith("#") for line in span if line.strip())


@each_protocol_file
def test_a_handler_has_at_most_12_lines_of_code(file: Path) -> None:
    text = file.read_text(encoding="utf-8").splitlines()
    handlers = [
        method
        for role in ast.walk(parse(file))
        if isinstance(role, ast.ClassDef)
        for method in role.body
        if isinstance(method, ast.FunctionDef) and method.decorator_list
    ]
    assert {h.name: n for h in handlers if (n := lines_of_code(h, text)) > 12} == {}


# ---- what the linters and the wheel would overlook


@pytest.mark.parametrize("top", ["playground", "protocols"])
def test_every_folder_of_code_is_a_package_or_import_linter_would_not_see_it(top: str) -> None:
    folders = {file.parent for file in sources(top)}
    assert {where(f) for f in folders if not (f / "__init__.py").exists()} == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [file] = folder.glob("*.whl")
    with zipfile.ZipFile(file) as wheel:
        yield wheel


def test_the_wheel_contains_all_of_playground_protocols_and_scenarios(
    wheel: zipfile.ZipFile,
) -> None:
    files = {
        where(file)
        for top in SHIPPED
        for file in (ROOT / top).rglob("*")
        if file.is_file() and file.suffix != ".pyc" and not file.name.startswith(".")
    }
    assert files - set(wheel.namelist()) == set()


def test_the_wheel_finds_its_protocols_from_any_directory(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    names = {
        "/".join(file.relative_to(ROOT / "protocols").with_suffix("").parts)
        for file in sources("protocols")
        if file.name != "__init__.py" and sibling(module(file)) == module(file)
    }
    if not names:
        return
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    wheel.extractall(site)
    elsewhere.mkdir()
    listed = subprocess.run(
        [sys.executable, "-c", "from playground.cli import main; main()", "list", "--json"],
        cwd=elsewhere,
        env=os.environ | {"PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert {name for name in names if f'"{name}"' not in listed} == set()
