"""The tree keeps its own rules: layers, lengths, light import, and nothing of a machine in it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import house_rules as rules

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "mpnb").rglob("*.py"))
TEXTS = [
    path
    for pattern in ("*.md", "*.toml", "Makefile", ".ci/run", "binder/*", "docs/*.md")
    for path in ROOT.glob(pattern)
    if path.is_file()
]
LEVEL = {name: level for level, names in enumerate(rules.LAYERS) for name in names}


def part(module: str) -> str:
    """The piece of the house a dotted module belongs to: ``mpnb.text.parse`` → ``text``."""
    return module.split(".")[1] if "." in module else ""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.lineno, node.module))
    return found


def breaches(path: Path) -> list[str]:
    own = part(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if own in ("", "__init__"):
        return []
    out = []
    for line, module in imports(ast.parse(path.read_text("utf-8"))):
        if not module.startswith("mpnb."):
            continue
        other = part(module)
        if other == own or {own, other} <= rules.JOINED:
            continue
        if LEVEL[other] >= LEVEL[own]:
            out.append(f"{name_of(path)}:{line} imports {module}, which stands above or beside it")
    return out


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    assert breaches(path) == []


def test_every_part_has_a_layer() -> None:
    parts = {part(".".join(p.relative_to(ROOT).with_suffix("").parts)) for p in FILES}
    assert parts - {"", "__init__", "__main__"} <= set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    if name_of(path) in rules.LONG_FILES:
        assert lines > rules.MAX_LINES, "no longer long: take it off the list"
    else:
        assert lines <= rules.MAX_LINES


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_import_hides_in_a_function(path: Path) -> None:
    if any(name_of(path).startswith(folder) for folder in rules.LOCAL_IMPORTS):
        return
    tree = ast.parse(path.read_text("utf-8"))
    hidden = [
        f"line {inner[0]}: {inner[1]}"
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in imports(node)
    ]
    assert hidden == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_modules_say_what_they_are(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def test_import_is_light() -> None:
    code = "import sys, json, mpnb; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(out.stdout)}
    assert loaded & set(rules.HEAVY) == set()


@pytest.mark.parametrize("path", [*FILES, *TEXTS], ids=name_of)
def test_nothing_of_a_machine_is_written_down(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"/(?:work|farm|root)/[a-z.]", text) == []


def test_no_module_hides_a_function_of_its_package() -> None:
    """Importing a submodule puts it into its package, over a function of the same name."""
    hidden = []
    for package in {path.parent for path in FILES}:
        init = package / "__init__.py"
        public = re.findall(r'^    "(\w+)": "mpnb', init.read_text("utf-8"), re.MULTILINE)
        hidden += [
            f"{name_of(package)}.{name}" for name in public if (package / f"{name}.py").exists()
        ]
    root = set(re.findall(r'"(\w+)"', (ROOT / "mpnb" / "__init__.py").read_text("utf-8")))
    modules = {path.stem if path.is_file() else path.name for path in (ROOT / "mpnb").iterdir()}
    assert hidden == []
    assert root & modules <= {"session", "accounts", "targets", "reference"}, (
        "these are modules for people"
    )
